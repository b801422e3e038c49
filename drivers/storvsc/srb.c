// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/srb.h"

/* For how long the host may try; we wait longer, see errors.c. */
#define SRB_TIMEOUT_S	60
#define SRB_UNTAGGED	0xff

static const u32 direction_flags[] = {
	[HVP_STOR_WRITE]	= HVP_SRBF_DATA_OUT,
	[HVP_STOR_READ]		= HVP_SRBF_DATA_IN,
	[HVP_STOR_NO_DATA]	= 0,
};

void stor_srb_build(struct hvp_stor_packet *pkt, const struct stor_request *rq,
		    const struct hvp_stor_dialect *dialect)
{
	struct hvp_srb *srb = &pkt->srb;
	u32 flags = direction_flags[rq->data] | HVP_SRBF_DISABLE_SYNCH_TRANSFER;

	memset(pkt, 0, dialect->packet_length);
	pkt->op = HVP_STOR_EXECUTE_SRB;
	pkt->flags = HVP_STOR_REQUEST_COMPLETION;

	srb->length = dialect->srb_length;
	srb->port = rq->port;
	srb->path = rq->path;
	srb->target = rq->target;
	srb->lun = rq->lun;
	srb->cdb_length = rq->cdb_length;
	srb->sense_length = dialect->sense_length;
	srb->data_in = rq->data;
	srb->transfer_length = rq->length;
	memcpy(srb->cdb, rq->cdb, rq->cdb_length);

	if (dialect->srb_length == HVP_SRB_LEN_OLD)
		return;
	if (rq->tagged) {
		flags |= HVP_SRBF_QUEUE_ACTION_ENABLE | HVP_SRBF_NO_QUEUE_FREEZE;
		srb->queue_tag = SRB_UNTAGGED;
		srb->queue_action = HVP_SRB_SIMPLE_TAG;
	}
	srb->srb_flags = flags;
	srb->timeout = SRB_TIMEOUT_S;
}
