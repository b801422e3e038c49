/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_VSS_H
#define PROTOCOL_VSS_H

#include "protocol/guid.h"
#include "protocol/ic.h"

/*
 * HVP_IC_VSS, the backup service. A backup from the host:
 *
 *   CHECK_HOT_BACKUP  GET_DIRECT_MAPPED  FREEZE  (copy)  THAW  BACKUP_COMPLETE
 */
enum hvp_vss_op {
	HVP_VSS_CREATE			= 0,
	HVP_VSS_DELETE			= 1,
	HVP_VSS_CHECK_HOT_BACKUP	= 2,
	HVP_VSS_GET_DIRECT_MAPPED	= 3,
	HVP_VSS_BACKUP_COMPLETE		= 4,	/* from 4.0 */
	HVP_VSS_FREEZE			= 5,	/* from 5.0 */
	HVP_VSS_THAW			= 6,	/* from 5.0 */
	HVP_VSS_AUTO_RECOVER		= 7,	/* from 5.0 */
	HVP_VSS_QUERY_CLUSTER		= 8,	/* from 6.0 */
	HVP_VSS_OP_COUNT
};

/* A Linux guest's answer to CHECK_HOT_BACKUP: can do, no auto-recovery. */
#define HVP_VSS_NO_AUTO_RECOVERY	0x5u

#define HVP_VSS_LUNS_MAX		260u

struct hvp_vss_head {
	u8 op;				/* enum hvp_vss_op */
	u8 reserved[7];
} HVP_PACKED;
static_assert(sizeof(struct hvp_vss_head) == 8, "VSS header");

/* All but the large ones. */
struct hvp_vss_message {
	struct hvp_vss_head head;
	union {
		u32 flags;		/* 2, 3: the answer's. 4, 6: the request's */
		struct {
			struct hvp_guid snapshot_set;
			u32 backup_type;
		} HVP_PACKED create;	/* 0, 1 */
		u8 bytes[24];
	};
} HVP_PACKED;
static_assert(sizeof(struct hvp_vss_message) == 32, "VSS message");

struct hvp_vss_lun {
	u8 bus_type;
	u8 reserved[3];
	struct hvp_guid controller;	/* VMBus instance */
	u8 port;
	u8 target;
	u8 lun;
	u8 reserved2;
} HVP_PACKED;
static_assert(sizeof(struct hvp_vss_lun) == 24, "VSS LUN");

struct hvp_vss_freeze {
	struct hvp_vss_head head;
	u32 backup_type;
	u32 flags;
	u32 lun_count;
	struct hvp_vss_lun luns[HVP_VSS_LUNS_MAX];
} HVP_PACKED;
static_assert(sizeof(struct hvp_vss_freeze) == 6260, "VSS freeze");

struct hvp_vss_auto_recover {
	struct hvp_vss_freeze freeze;
	struct hvp_vss_lun shadow_luns[HVP_VSS_LUNS_MAX];
} HVP_PACKED;
static_assert(sizeof(struct hvp_vss_auto_recover) == 12500, "VSS auto-recover");

struct hvp_vss_cluster {
	struct hvp_vss_head head;
	struct hvp_guid cluster;
	u32 cluster_size;		/* nodes; 0: not in a cluster */
	u32 lun_count;
	struct hvp_vss_lun shared_luns[HVP_VSS_LUNS_MAX];
	u32 shared_lun_status[HVP_VSS_LUNS_MAX];
	u64 last_move_time;		/* only in the longer form */
} HVP_PACKED;
static_assert(sizeof(struct hvp_vss_cluster) == 7320, "VSS cluster query");

#define HVP_VSS_CLUSTER_SIZE_SHORT	7312u
#define HVP_VSS_SIZE_MAX		12500u

struct hvp_vss_request {
	enum hvp_vss_op op;
	u32 flags;			/* COMPLETE, THAW, FREEZE, AUTO_RECOVER; else 0 */
	u32 backup_type;		/* FREEZE, AUTO_RECOVER; else 0 */
	u32 lun_count;			/* FREEZE, AUTO_RECOVER; else 0 */
};

/**
 * hvp_vss_op_known() - does message version @version have operation @op
 */
bool hvp_vss_op_known(u32 op, struct hvp_ic_version version);

/**
 * hvp_vss_request_check() - read a received request
 * @body:	private copy, any alignment
 * @len:	its bytes
 * @version:	agreed message version
 * @request:	written only on success
 *
 * Return: 0; -EBADMSG when it is too short for its operation, its LUN list or
 * the answer; -EOPNOTSUPP when @version has no such operation.
 */
int hvp_vss_request_check(const void *body, u32 len, struct hvp_ic_version version,
			  struct hvp_vss_request *request);

/**
 * hvp_vss_reply_flags() - answer CHECK_HOT_BACKUP or GET_DIRECT_MAPPED, in place
 * @body:	of a request that was checked
 * @flags:	HVP_VSS_NO_AUTO_RECOVERY, or 0 for no directly mapped disks
 */
void hvp_vss_reply_flags(void *body, u32 flags);

/**
 * hvp_vss_build() - write a request
 * @body:	HVP_VSS_SIZE_MAX bytes; as many as are sent are written
 * @version:	agreed with the guest
 * @request:	operation and what it carries
 * @luns:	request->lun_count of them, for FREEZE and AUTO_RECOVER; else NULL
 *
 * Return: bytes to send; -EOPNOTSUPP when @version has no such operation,
 * -E2BIG when there are too many LUNs.
 */
int hvp_vss_build(void *body, struct hvp_ic_version version,
		  const struct hvp_vss_request *request, const struct hvp_vss_lun *luns);

/**
 * hvp_vss_reply_check() - read the guest's answer
 * @body:	private copy
 * @len:	its bytes
 * @op:		that was sent
 * @flags:	of CHECK_HOT_BACKUP and GET_DIRECT_MAPPED, 0 for others
 *
 * Return: 0, or -EBADMSG when it is short or answers something else.
 */
int hvp_vss_reply_check(const void *body, u32 len, enum hvp_vss_op op, u32 *flags);

/**
 * hvp_vss_op_name() - for a log line; "unknown" past the last
 */
const char *hvp_vss_op_name(u32 op);

#endif
