// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/vmbus/stats.h"

#include <linux/debugfs.h>
#include <linux/seq_file.h>

static const char * const names[] = {
	[VMBUS_STAT_MESSAGES]		= "messages",
	[VMBUS_STAT_MESSAGES_BAD]	= "messages_bad",
	[VMBUS_STAT_MESSAGES_STALLED]	= "messages_stalled",
	[VMBUS_STAT_OFFERS]		= "offers",
	[VMBUS_STAT_OFFERS_BAD]		= "offers_bad",
	[VMBUS_STAT_RESCINDS]		= "rescinds",
	[VMBUS_STAT_RESCINDS_BAD]	= "rescinds_bad",
	[VMBUS_STAT_REPLIES_LATE]	= "replies_late",
	[VMBUS_STAT_REQUESTS_LOST]	= "requests_lost",
	[VMBUS_STAT_POSTS]		= "posts",
	[VMBUS_STAT_POSTS_RETRIED]	= "posts_retried",
	[VMBUS_STAT_POSTS_FAILED]	= "posts_failed",
	[VMBUS_STAT_EVENTS_UNKNOWN]	= "events_unknown",
	[VMBUS_STAT_CHANNELS_BROKEN]	= "channels_broken",
	[VMBUS_STAT_QUARANTINED_PAGES]	= "quarantined_pages",
	[VMBUS_STAT_QUARANTINED_TOTAL]	= "quarantined_pages_total",
	[VMBUS_STAT_REQUEST_IDS_BAD]	= "request_ids_bad",
};

static_assert(ARRAY_SIZE(names) == VMBUS_STAT_COUNT, "a counter without a name");

atomic64_t vmbus_stats[VMBUS_STAT_COUNT];

static struct dentry *directory;

static int stats_show(struct seq_file *seq, void *unused)
{
	unsigned int i;

	for (i = 0; i < VMBUS_STAT_COUNT; i++)
		seq_printf(seq, "%s %lld\n", names[i], (long long)atomic64_read(&vmbus_stats[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

void vmbus_stats_init(void)
{
	directory = debugfs_create_dir("hv_vmbus", NULL);
	debugfs_create_file("stats", 0444, directory, NULL, &stats_fops);
}

void vmbus_stats_exit(void)
{
	debugfs_remove_recursive(directory);
}
