/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_STATS_H
#define HOST_VMBUS_STATS_H

#include "protocol/chanmsg.h"
#include "protocol/types.h"

/* Counters, free-running since the channel was offered. "In" is guest to host. */
struct channel_stats {
	u64 signals_in;		/* HvSignalEvent calls for this channel (also merged ones) */
	u64 wakeups;		/* times the host began to drain */
	u64 empty_signals;	/* signals that found nothing to do: legal, but wasted */
	u64 interrupts_out;	/* SINT interrupts sent */
	u64 events_out;		/* event flag raised, also where it was still set */
	u64 packets_in;
	u64 packets_out;
	u64 bytes_in;		/* ring bytes, trailers included */
	u64 bytes_out;
	u64 publishes_out;	/* write index published */
	u64 ring_full_out;	/* the guest's ring was full when sending */
	u64 txns;		/* transactions begun */
	u64 opens;
};

struct vmbus_stats {
	u64 messages_in[HVP_CM_COUNT];
	u64 messages_out[HVP_CM_COUNT];
	u64 messages_bad;	/* refused by the checker */
	u64 contacts;		/* versions agreed: 1 + reconnects */
	u64 contacts_refused;	/* versions asked for that this host does not have */
	u64 offers;
	u64 rescinds;
	u64 relids_released;
	u64 gpadls_created;
	u64 gpadls_torndown;
	u64 gpadls_dropped;	/* ended by unload, release or reconnect instead */
	u64 gpadls_over_limit;	/* refused: more than a host takes */
	u32 gpadls_live;
	u32 gpadl_pages_live;
	u32 relids_live;
};

#endif
