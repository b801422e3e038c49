/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_STORVSP_PRIVATE_H
#define HOST_VSP_STORVSP_PRIVATE_H

#include <sys/queue.h>

#include "host/vmbus/channel.h"
#include "host/vmbus/device.h"
#include "host/vsp/scsi.h"
#include "host/vsp/storvsp.h"
#include "protocol/stor.h"

enum stor_state {
	STOR_CLOSED,
	STOR_OPENED,
	STOR_BEGUN,
	STOR_VERSIONED,
	STOR_DESCRIBED,
	STOR_RUNNING,
	STOR_STATE_COUNT
};

struct loop;
struct stor_req;

struct storvsp {
	struct vmbus *vmbus;
	struct loop *loop;
	struct vmbus_device *device;
	struct scsi_target *target;	/* path 0, target 0 */
	struct scsi_target *absent;	/* answers for all other addresses: no units */
	struct storvsp_config config;
	char name[8];

	enum stor_state state;
	const struct hvp_stor_dialect *dialect;	/* agreed; NULL before */

	unsigned int in_flight;		/* commands at the target */
	struct stor_req *resets;	/* answered when @in_flight is 0 */
	LIST_HEAD(, stor_req) held;	/* by a fault point, on their way to the target */
	struct stor_channel *batching;	/* channels with an open batch */
	bool commit_queued;		/* commit_batches() is on its way */
	uint64_t requests;
	uint64_t reset_count;
};

/* Each open channel. Its completions of one loop round go out together. */
struct stor_channel {
	struct storvsp *vsp;
	struct vmbus_channel *ch;
	bool batching;
	struct stor_channel *next;	/* in vsp->batching */
};

/*
 * One request of the guest, from its packet to the answer. An SRB brings its
 * data vector along, sized when the request is made.
 */
struct stor_req {
	LIST_ENTRY(stor_req) link;	/* in vsp->held */
	struct storvsp *vsp;
	struct channel_txn *txn;
	struct hvp_stor_packet packet;	/* private copy; becomes the answer */
	uint32_t packet_len;		/* bytes the guest sent, and gets back */
	bool primary;			/* came by the primary channel */
	bool holds;			/* channel_txn_iov() was granted */
	uint8_t sense_room;		/* most sense bytes the answer may carry */
	struct stor_req *next;		/* in vsp->resets */
	struct scsi_cmd cmd;
	unsigned int iov_max;
	struct iovec iov[];
};

/* Answer with an NTSTATUS and the packet as it is now; frees @req. */
void stor_answer(struct stor_req *req, uint32_t status);

/* storvsp_srb.c: take over an EXECUTE_SRB; it ends in stor_answer(). */
void stor_execute_srb(struct stor_req *req);

/* End an EXECUTE_SRB that the target never saw: a reset overtook it. */
void stor_flush_srb(struct stor_req *req);

/* The bytes of a packet in the dialect in use. */
uint32_t stor_packet_len(const struct storvsp *vsp);

/* A command has come back from the target: answer the resets that waited for it. */
void stor_command_ended(struct storvsp *vsp);

#endif
