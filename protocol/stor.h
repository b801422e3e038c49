/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_STOR_H
#define PROTOCOL_STOR_H

#include "protocol/types.h"

/*
 * The storage protocol between guest (storvsc) and host (storvsp): fixed-size
 * packets, each sent in-band or with a GPA-direct list of the data pages and
 * answered by a completion that carries the packet back.
 */
#define HVP_STOR_VERSION(major, minor) ((u16)((major) << 8 | (minor)))
#define HVP_STOR_V4_2	HVP_STOR_VERSION(4, 2)	/* 2008 R2 */
#define HVP_STOR_V5_1	HVP_STOR_VERSION(5, 1)	/* 2012: long SRB, sub-channels */
#define HVP_STOR_V6_0	HVP_STOR_VERSION(6, 0)	/* 2012 R2 */
#define HVP_STOR_V6_2	HVP_STOR_VERSION(6, 2)	/* 2016 */

enum hvp_stor_op {
	HVP_STOR_COMPLETE_IO		= 1,	/* host: every answer */
	HVP_STOR_REMOVE_DEVICE		= 2,	/* host */
	HVP_STOR_EXECUTE_SRB		= 3,
	HVP_STOR_RESET_LUN		= 4,
	HVP_STOR_RESET_ADAPTER		= 5,
	HVP_STOR_RESET_BUS		= 6,
	HVP_STOR_BEGIN_INIT		= 7,
	HVP_STOR_END_INIT		= 8,
	HVP_STOR_QUERY_VERSION		= 9,
	HVP_STOR_QUERY_PROPERTIES	= 10,
	HVP_STOR_ENUMERATE_BUS		= 11,	/* host: LUNs came or went */
	HVP_STOR_FCHBA_DATA		= 12,
	HVP_STOR_CREATE_SUB_CHANNELS	= 13,
	HVP_STOR_EVENT_NOTIFICATION	= 14,	/* host */
	HVP_STOR_OP_COUNT
};

#define HVP_STOR_REQUEST_COMPLETION	0x1	/* packet flags */

/* Packet status (NTSTATUS). */
#define HVP_STOR_STATUS_SUCCESS			0x00000000u
#define HVP_STOR_STATUS_UNSUCCESSFUL		0xc0000001u
#define HVP_STOR_STATUS_INVALID_PARAMETER	0xc000000du
#define HVP_STOR_STATUS_INVALID_DEVICE_STATE	0xc0000184u
#define HVP_STOR_STATUS_REVISION_MISMATCH	0xc0000059u

/* SRB status byte: 6 bits of value, 2 flags. */
#define HVP_SRB_STATUS(byte)		((byte) & 0x3f)
#define HVP_SRB_QUEUE_FROZEN		0x40
#define HVP_SRB_AUTOSENSE_VALID		0x80

enum hvp_srb_status {
	HVP_SRB_PENDING			= 0x00,
	HVP_SRB_SUCCESS			= 0x01,
	HVP_SRB_ABORTED			= 0x02,
	HVP_SRB_ABORT_FAILED		= 0x03,
	HVP_SRB_ERROR			= 0x04,
	HVP_SRB_BUSY			= 0x05,
	HVP_SRB_INVALID_REQUEST		= 0x06,
	HVP_SRB_INVALID_PATH_ID		= 0x07,
	HVP_SRB_NO_DEVICE		= 0x08,
	HVP_SRB_TIMEOUT			= 0x09,
	HVP_SRB_SELECTION_TIMEOUT	= 0x0a,
	HVP_SRB_COMMAND_TIMEOUT		= 0x0b,
	HVP_SRB_MESSAGE_REJECTED	= 0x0d,
	HVP_SRB_BUS_RESET		= 0x0e,
	HVP_SRB_PARITY_ERROR		= 0x0f,
	HVP_SRB_REQUEST_SENSE_FAILED	= 0x10,
	HVP_SRB_NO_HBA			= 0x11,
	HVP_SRB_DATA_OVERRUN		= 0x12,
	HVP_SRB_UNEXPECTED_BUS_FREE	= 0x13,
	HVP_SRB_PHASE_SEQUENCE		= 0x14,
	HVP_SRB_BAD_BLOCK_LENGTH	= 0x15,
	HVP_SRB_REQUEST_FLUSHED		= 0x16,
	HVP_SRB_INVALID_LUN		= 0x20,
	HVP_SRB_INVALID_TARGET_ID	= 0x21,
	HVP_SRB_BAD_FUNCTION		= 0x22,
	HVP_SRB_ERROR_RECOVERY		= 0x23,
	HVP_SRB_NOT_POWERED		= 0x24,
	HVP_SRB_LINK_DOWN		= 0x25,
	HVP_SRB_INTERNAL_ERROR		= 0x30,
};

/* srb_flags (5.1 and later) */
#define HVP_SRBF_QUEUE_ACTION_ENABLE	0x00000002
#define HVP_SRBF_DISABLE_SYNCH_TRANSFER	0x00000008
#define HVP_SRBF_DISABLE_AUTOSENSE	0x00000020
#define HVP_SRBF_DATA_IN		0x00000040
#define HVP_SRBF_DATA_OUT		0x00000080
#define HVP_SRBF_NO_QUEUE_FREEZE	0x00000100

/* queue_action: the SCSI simple tag message */
#define HVP_SRB_SIMPLE_TAG		0x20

enum hvp_stor_data {			/* hvp_srb.data_in */
	HVP_STOR_WRITE			= 0,
	HVP_STOR_READ			= 1,
	HVP_STOR_NO_DATA		= 2,
};

#define HVP_CDB_MAX		16u
#define HVP_SENSE_MAX_OLD	18u	/* before 5.1 */
#define HVP_SENSE_MAX		20u

struct hvp_srb {
	u16 length;		/* of this struct as the version has it: 0x24 or 0x34 */
	u8 srb_status;
	u8 scsi_status;
	u8 port;
	u8 path;
	u8 target;
	u8 lun;
	u8 cdb_length;
	u8 sense_length;
	u8 data_in;		/* enum hvp_stor_data */
	u8 reserved;
	u32 transfer_length;	/* request: wanted, answer: done */
	union {
		u8 cdb[HVP_CDB_MAX];
		u8 sense[HVP_SENSE_MAX];
	};
	/* from 5.1 */
	u16 reserved2;
	u8 queue_tag;
	u8 queue_action;
	u32 srb_flags;
	u32 timeout;		/* seconds */
	u32 queue_sort_key;
} HVP_PACKED;
static_assert(sizeof(struct hvp_srb) == 0x34, "long SRB");

#define HVP_SRB_LEN_OLD		0x24u
#define HVP_SRB_LEN		0x34u

struct hvp_stor_properties {
	u32 reserved;
	u16 max_sub_channels;
	u16 reserved2;
	u32 flags;		/* HVP_STOR_PROP_* */
	u32 max_transfer_bytes;
	u64 reserved3;
} HVP_PACKED;
static_assert(sizeof(struct hvp_stor_properties) == 24, "channel properties");

#define HVP_STOR_PROP_MULTI_CHANNEL	0x1

struct hvp_stor_version {
	u16 version;		/* HVP_STOR_VERSION() */
	u16 revision;
} HVP_PACKED;

struct hvp_stor_fc_data {
	u8 primary_active;
	u8 reserved[3];
	u8 primary_port_wwn[8];
	u8 primary_node_wwn[8];
	u8 secondary_port_wwn[8];
	u8 secondary_node_wwn[8];
} HVP_PACKED;

struct hvp_stor_packet {
	u32 op;			/* enum hvp_stor_op */
	u32 flags;
	u32 status;
	union {
		struct hvp_srb srb;
		struct hvp_stor_properties properties;
		struct hvp_stor_version version;
		struct hvp_stor_fc_data fc;
		u16 sub_channels;
		u8 bytes[HVP_SRB_LEN];
	};
} HVP_PACKED;
static_assert(sizeof(struct hvp_stor_packet) == 64, "storage packet");

/* What a storage version changes on the wire. */
struct hvp_stor_dialect {
	u16 version;
	u8 srb_length;		/* 0x24 or 0x34 */
	u8 packet_length;	/* 12 + srb_length: bytes on the wire, both ways */
	u8 sense_length;	/* longest sense */
	bool sub_channels;
};

/**
 * hvp_stor_dialect() - dialects this code speaks, highest version first
 * @index:	0, 1, ...
 *
 * Return: the dialect, or NULL past the last (4.2).
 */
const struct hvp_stor_dialect *hvp_stor_dialect(unsigned int index);

/**
 * hvp_stor_dialect_find() - the dialect of a version, or NULL
 */
const struct hvp_stor_dialect *hvp_stor_dialect_find(u16 version);

/**
 * hvp_stor_answer_check() - validate an answer that claims to complete @sent_op
 * @pkt:	private zero-padded copy
 * @len:	payload bytes received (the ring pads to 8)
 * @dialect:	negotiated, or the lowest before that
 * @requested:	transfer length of the request (EXECUTE_SRB only)
 *
 * Return: 0; -EBADMSG when it is short, not a COMPLETE_IO, claims more data
 * than was asked for, or more sense than fits. Without HVP_SRB_AUTOSENSE_VALID
 * an answer claims no sense, and its sense_length means nothing.
 */
int hvp_stor_answer_check(const struct hvp_stor_packet *pkt, u32 len,
			  const struct hvp_stor_dialect *dialect, u32 sent_op, u32 requested);

/* Sense data reduced to what decisions need; fixed and descriptor format. */
struct hvp_sense {
	bool deferred;
	u8 key;
	u8 asc;
	u8 ascq;
};

/**
 * hvp_sense_parse() - read sense data
 * @buf:	bytes
 * @len:	valid bytes
 *
 * Return: 0, or -EINVAL when @buf holds no sense data of a known format.
 */
int hvp_sense_parse(const u8 *buf, u32 len, struct hvp_sense *sense);

/**
 * hvp_sense_build() - fixed-format sense data
 * @buf:	@room bytes, zeroed and filled
 *
 * Return: bytes valid (18, or @room when smaller).
 */
u32 hvp_sense_build(u8 *buf, u32 room, u8 key, u8 asc, u8 ascq);

/** hvp_stor_op_name() - protocol name, "unknown" for others */
const char *hvp_stor_op_name(u32 op);

#endif
