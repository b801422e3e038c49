/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_CHANMSG_H
#define PROTOCOL_CHANMSG_H

#include "protocol/guid.h"
#include "protocol/hypercall.h"
#include "protocol/types.h"

/*
 * Channel-management messages of VMBus 2.4 ... 5.3: the payload of SynIC
 * messages of type HVP_MSG_CHANNEL (host to guest) and of HvPostMessage (guest
 * to host). REQ is answered by RESP, a NOTE is not answered.
 */
enum hvp_chanmsg_type {
	HVP_CM_INVALID			= 0,
	HVP_CM_OFFER_CHANNEL		= 1,	/* host NOTE */
	HVP_CM_RESCIND_OFFER		= 2,	/* host NOTE */
	HVP_CM_REQUEST_OFFERS		= 3,	/* guest REQ */
	HVP_CM_ALL_OFFERS_DELIVERED	= 4,	/* host RESP */
	HVP_CM_OPEN_CHANNEL		= 5,	/* guest REQ */
	HVP_CM_OPEN_RESULT		= 6,	/* host RESP */
	HVP_CM_CLOSE_CHANNEL		= 7,	/* guest NOTE */
	HVP_CM_GPADL_HEADER		= 8,	/* guest REQ, first part */
	HVP_CM_GPADL_BODY		= 9,	/* guest REQ, further parts */
	HVP_CM_GPADL_CREATED		= 10,	/* host RESP */
	HVP_CM_GPADL_TEARDOWN		= 11,	/* guest REQ */
	HVP_CM_GPADL_TORNDOWN		= 12,	/* host RESP */
	HVP_CM_RELID_RELEASED		= 13,	/* guest NOTE */
	HVP_CM_INITIATE_CONTACT		= 14,	/* guest REQ */
	HVP_CM_VERSION_RESPONSE		= 15,	/* host RESP */
	HVP_CM_UNLOAD			= 16,	/* guest REQ */
	HVP_CM_UNLOAD_RESPONSE		= 17,	/* host RESP */
	HVP_CM_TL_CONNECT_REQUEST	= 21,	/* guest REQ, 4.0 */
	HVP_CM_MODIFY_CHANNEL		= 22,	/* guest REQ (NOTE before 5.3), 4.1 */
	HVP_CM_TL_CONNECT_RESULT	= 23,	/* host RESP, only on failure */
	HVP_CM_MODIFY_CHANNEL_RESPONSE	= 24,	/* host RESP, 5.3 */
	HVP_CM_COUNT			= 25
};

#define HVP_USER_DEFINED	120u
#define HVP_MAX_RELID		2047u	/* relids are event-flag numbers; 0 is never used */

/* Offer flags. */
#define HVP_OFFER_ENUMERATE	0x0001
#define HVP_OFFER_NAMED_PIPE	0x0010
#define HVP_OFFER_LOOPBACK	0x0100
#define HVP_OFFER_PARENT	0x0200
#define HVP_OFFER_MONITORED	0x0400
#define HVP_OFFER_TLNPI		0x2000	/* a Hyper-V socket */

/* First word of the user-defined bytes of a HVP_OFFER_NAMED_PIPE offer. */
#define HVP_PIPE_BYTE		0x00000000
#define HVP_PIPE_MESSAGE	0x00000004

struct hvp_chanmsg_header {
	u32 type;		/* enum hvp_chanmsg_type */
	u32 padding;
} HVP_PACKED;

/* HVP_CM_OFFER_CHANNEL */
struct hvp_offer_channel {
	struct hvp_chanmsg_header h;
	struct hvp_guid class_id;
	struct hvp_guid instance_id;
	u64 reserved1[2];
	u16 flags;		/* HVP_OFFER_* */
	u16 mmio_megabytes;
	u8 user_defined[HVP_USER_DEFINED];
	u16 sub_channel_index;	/* 0: primary */
	u16 reserved2;
	u32 relid;
	u8 monitor_id;
	u8 monitor_allocated;	/* bit 0 */
	u16 dedicated_interrupt;	/* bit 0 */
	u32 connection_id;	/* what the guest signals */
} HVP_PACKED;
static_assert(sizeof(struct hvp_offer_channel) == 196, "offer");

/* HVP_CM_RESCIND_OFFER, HVP_CM_CLOSE_CHANNEL, HVP_CM_RELID_RELEASED */
struct hvp_relid_msg {
	struct hvp_chanmsg_header h;
	u32 relid;
} HVP_PACKED;
static_assert(sizeof(struct hvp_relid_msg) == 12, "relid message");

/* HVP_CM_OPEN_CHANNEL */
struct hvp_open_channel {
	struct hvp_chanmsg_header h;
	u32 relid;
	u32 open_id;		/* echoed */
	u32 ring_gpadl;
	u32 target_vp;
	u32 downstream_page;	/* first page of the host-to-guest ring */
	u8 user_data[HVP_USER_DEFINED];
} HVP_PACKED;
static_assert(sizeof(struct hvp_open_channel) == 148, "open");

/* HVP_CM_OPEN_RESULT */
struct hvp_open_result {
	struct hvp_chanmsg_header h;
	u32 relid;
	u32 open_id;
	u32 status;		/* 0: open */
} HVP_PACKED;
static_assert(sizeof(struct hvp_open_result) == 20, "open result");

/* HVP_CM_GPADL_HEADER: one range follows, {u32 byte_count, u32 byte_offset, u64 pfn[]} */
struct hvp_gpadl_header {
	struct hvp_chanmsg_header h;
	u32 relid;
	u32 gpadl;
	u16 range_buflen;	/* bytes of all ranges, over all messages */
	u16 range_count;
	u8 ranges[];
} HVP_PACKED;
static_assert(sizeof(struct hvp_gpadl_header) == 20, "gpadl header");

/* HVP_CM_GPADL_BODY */
struct hvp_gpadl_body {
	struct hvp_chanmsg_header h;
	u32 number;		/* 0, or the place of this body counted from 1 */
	u32 gpadl;
	u64 pfn[];
} HVP_PACKED;
static_assert(sizeof(struct hvp_gpadl_body) == 16, "gpadl body");

/* HVP_CM_GPADL_CREATED */
struct hvp_gpadl_created {
	struct hvp_chanmsg_header h;
	u32 relid;
	u32 gpadl;
	u32 status;
} HVP_PACKED;
static_assert(sizeof(struct hvp_gpadl_created) == 20, "gpadl created");

/* HVP_CM_GPADL_TEARDOWN */
struct hvp_gpadl_teardown {
	struct hvp_chanmsg_header h;
	u32 relid;
	u32 gpadl;
} HVP_PACKED;
static_assert(sizeof(struct hvp_gpadl_teardown) == 16, "gpadl teardown");

/* HVP_CM_GPADL_TORNDOWN */
struct hvp_gpadl_torndown {
	struct hvp_chanmsg_header h;
	u32 gpadl;
} HVP_PACKED;
static_assert(sizeof(struct hvp_gpadl_torndown) == 12, "gpadl torndown");

/* HVP_CM_INITIATE_CONTACT. Monitor pages: both or none. */
struct hvp_initiate_contact {
	struct hvp_chanmsg_header h;
	u32 version;
	u32 target_vp;		/* VP that gets the control messages */
	union {
		u64 interrupt_page;	/* before 5.0 */
		struct {
			u8 sint;	/* from 5.0 */
			u8 vtl;		/* from 5.1 */
			u8 reserved[6];
		} HVP_PACKED target;
	};
	u64 monitor_page_to_host;	/* "parent to child" page comes first on the wire */
	u64 monitor_page_to_guest;
} HVP_PACKED;
static_assert(sizeof(struct hvp_initiate_contact) == 40, "initiate contact");

/* HVP_CM_VERSION_RESPONSE; hosts before 5.0 may end it after connection_state. */
struct hvp_version_response {
	struct hvp_chanmsg_header h;
	u8 supported;
	u8 connection_state;	/* 0 on success */
	u16 padding;
	u32 message_connection;	/* from 5.0: where to post from now on */
} HVP_PACKED;
static_assert(sizeof(struct hvp_version_response) == 16, "version response");

/* HVP_CM_TL_CONNECT_REQUEST; from 5.2 a silo GUID may follow */
struct hvp_tl_connect {
	struct hvp_chanmsg_header h;
	struct hvp_guid endpoint;
	struct hvp_guid service;
} HVP_PACKED;
static_assert(sizeof(struct hvp_tl_connect) == 40, "tl connect");

/* HVP_CM_TL_CONNECT_RESULT */
struct hvp_tl_connect_result {
	struct hvp_chanmsg_header h;
	struct hvp_guid endpoint;
	struct hvp_guid service;
	u32 status;
} HVP_PACKED;
static_assert(sizeof(struct hvp_tl_connect_result) == 44, "tl connect result");

/* HVP_CM_MODIFY_CHANNEL */
struct hvp_modify_channel {
	struct hvp_chanmsg_header h;
	u32 relid;
	u32 target_vp;
} HVP_PACKED;
static_assert(sizeof(struct hvp_modify_channel) == 16, "modify channel");

/* HVP_CM_MODIFY_CHANNEL_RESPONSE */
struct hvp_modify_response {
	struct hvp_chanmsg_header h;
	u32 relid;
	u32 status;
} HVP_PACKED;
static_assert(sizeof(struct hvp_modify_response) == 16, "modify response");

/* A private, validated copy of one message, by type. */
union hvp_chanmsg {
	struct hvp_chanmsg_header h;
	struct hvp_offer_channel offer;
	struct hvp_relid_msg relid;	/* rescind, close, released */
	struct hvp_open_channel open;
	struct hvp_open_result open_result;
	struct hvp_gpadl_header gpadl_header;
	struct hvp_gpadl_body gpadl_body;
	struct hvp_gpadl_created gpadl_created;
	struct hvp_gpadl_teardown gpadl_teardown;
	struct hvp_gpadl_torndown gpadl_torndown;
	struct hvp_initiate_contact contact;
	struct hvp_version_response version;
	struct hvp_tl_connect tl_connect;
	struct hvp_tl_connect_result tl_result;
	struct hvp_modify_channel modify;
	struct hvp_modify_response modify_response;
	u8 bytes[HVP_MESSAGE_PAYLOAD_MAX];
};

enum hvp_direction {
	HVP_TO_GUEST,
	HVP_TO_HOST,
};

/**
 * hvp_chanmsg_check() - is a message complete and legal in this direction
 * @msg:	private copy, at least @len readable bytes
 * @len:	bytes received
 * @dir:	who sent it
 * @version:	negotiated version, 0 before negotiation (only contact, response, unload)
 *
 * Checks type, direction, minimum length and that the version knows the type;
 * for offers also relid range (-EINVAL). It does not know the state of the
 * connection. A message may be longer than its struct; the tail is not judged.
 *
 * Return: 0; -EINVAL for a short or unknown message; -EPROTO for one that this
 * direction or version does not have.
 */
int hvp_chanmsg_check(const union hvp_chanmsg *msg, size_t len, enum hvp_direction dir,
		      u32 version);

/**
 * hvp_chanmsg_name() - protocol name of a type, "unknown" for others; never NULL
 */
const char *hvp_chanmsg_name(u32 type);

#endif
