/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_STATS_H
#define VMBUS_STATS_H

#include <linux/atomic.h>

/* Things that should not happen, or should go back to zero. Shown in debugfs, hv_vmbus/stats. */
enum vmbus_stat {
	VMBUS_STAT_MESSAGES,		/* messages taken from a slot */
	VMBUS_STAT_MESSAGES_BAD,	/* short, unknown, or not legal now */
	VMBUS_STAT_MESSAGES_STALLED,	/* slot left full because the inbox was */
	VMBUS_STAT_OFFERS,
	VMBUS_STAT_OFFERS_BAD,		/* refused: relid or instance in use, no primary */
	VMBUS_STAT_RESCINDS,
	VMBUS_STAT_RESCINDS_BAD,	/* of unknown channels, or again */
	VMBUS_STAT_REPLIES_LATE,	/* late, duplicate or unsolicited */
	VMBUS_STAT_REQUESTS_LOST,	/* requests the host did not answer in time */
	VMBUS_STAT_POSTS,
	VMBUS_STAT_POSTS_RETRIED,	/* host had no buffer for a message */
	VMBUS_STAT_POSTS_FAILED,
	VMBUS_STAT_EVENTS_UNKNOWN,	/* interrupts for relids without a channel or callback */
	VMBUS_STAT_CHANNELS_BROKEN,	/* stopped because of malformed data */
	VMBUS_STAT_QUARANTINED_PAGES,	/* pages the host may still own, now */
	VMBUS_STAT_QUARANTINED_TOTAL,	/* pages that ever were in quarantine */
	VMBUS_STAT_REQUEST_IDS_BAD,	/* unknown, stale or duplicate transaction ids */
	VMBUS_STAT_COUNT
};

extern atomic64_t vmbus_stats[VMBUS_STAT_COUNT];

static inline void vmbus_stat_add(enum vmbus_stat stat, s64 delta)
{
	atomic64_add(delta, &vmbus_stats[stat]);
}

static inline void vmbus_stat_inc(enum vmbus_stat stat)
{
	atomic64_inc(&vmbus_stats[stat]);
}

void vmbus_stats_init(void);
void vmbus_stats_exit(void);

#endif
