/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_STATUS_H
#define STORVSC_STATUS_H

#include "protocol/stor.h"

/* The host bytes that are used; complete.c asserts that they are the kernel's. */
enum stor_did {
	STOR_DID_OK			= 0x00,
	STOR_DID_NO_CONNECT		= 0x01,
	STOR_DID_ERROR			= 0x07,
	STOR_DID_REQUEUE		= 0x0d,
	STOR_DID_TRANSPORT_FAILFAST	= 0x0f,
};

enum stor_sam {
	STOR_SAM_GOOD			= 0x00,
	STOR_SAM_CHECK_CONDITION	= 0x02,
	STOR_SAM_CONDITION_MET		= 0x04,
	STOR_SAM_BUSY			= 0x08,
	STOR_SAM_RESERVATION_CONFLICT	= 0x18,
	STOR_SAM_TASK_SET_FULL		= 0x28,
	STOR_SAM_ACA_ACTIVE		= 0x30,
	STOR_SAM_TASK_ABORTED		= 0x40,
};

/* What else an answer says */
#define STOR_NEWS_REVALIDATE	0x1	/* this LUN changed: size, discard granularity, mode */
#define STOR_NEWS_LUNS		0x2	/* LUNs came or went */
#define STOR_NEWS_GONE		0x4	/* this LUN is no more */

#define STOR_SENSE_ILLEGAL_REQUEST	0x05
#define STOR_ASC_INVALID_OPCODE		0x20

/* What the host said, and what was asked. Lengths passed hvp_stor_answer_check(). */
struct stor_answer {
	u8 srb_status;
	u8 scsi_status;
	u8 sense_length;
	const u8 *sense;
	u32 transferred;
	u32 requested;
	u32 sector_size;	/* of a disk, 0 for what has none */
	bool medium;		/* reads or writes blocks */
	bool optional;		/* STOR_OPTIONAL */
};

struct stor_verdict {
	u8 host_byte;		/* enum stor_did */
	u8 status;		/* enum stor_sam */
	u8 sense_length;	/* of the host's sense data that is to be handed up */
	bool illegal_request;	/* hand up ILLEGAL REQUEST of our own instead */
	u8 news;		/* STOR_NEWS_* */
	u32 residual;
};

/**
 * stor_status_judge() - the one place that turns host status into kernel status
 *
 * Success is what a short list says; everything else is an error.
 */
struct stor_verdict stor_status_judge(const struct stor_answer *answer);

#endif
