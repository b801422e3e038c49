/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_SRB_H
#define STORVSC_SRB_H

#include "protocol/stor.h"

/* One SCSI command, in words of the protocol. */
struct stor_request {
	const u8 *cdb;
	u8 cdb_length;		/* <= HVP_CDB_MAX */
	u8 port;
	u8 path;
	u8 target;
	u8 lun;
	u8 data;		/* enum hvp_stor_data */
	bool tagged;		/* the device queues commands */
	u32 length;		/* bytes of data */
};

/**
 * stor_srb_build() - the packet that carries a command
 * @pkt:	@dialect->packet_length bytes, written from first to last and
 *		never read: it may lie in the ring
 */
void stor_srb_build(struct hvp_stor_packet *pkt, const struct stor_request *rq,
		    const struct hvp_stor_dialect *dialect);

#endif
