// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/storvsc.h"

#include <linux/sysfs.h>

/* /sys/bus/vmbus/devices/<device>/storvsc/: one number, or one word, a file. */

static const char *const state_names[] = {
	[STOR_OPENING]	= "opening",
	[STOR_LIVE]	= "live",
	[STOR_CLOSED]	= "closed",
	[STOR_FAILED]	= "failed",
	[STOR_GONE]	= "gone",
};

static struct stor_host *host_of(struct device *dev)
{
	return hv_get_drvdata(device_to_hv_device(dev));
}

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%s\n", state_names[READ_ONCE(host_of(dev)->state)]);
}
static DEVICE_ATTR_RO(state);

static ssize_t protocol_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u16 version = host_of(dev)->dialect->version;

	return sprintf(buf, "%u.%u\n", version >> 8, version & 0xff);
}
static DEVICE_ATTR_RO(protocol);

static ssize_t outstanding_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	unsigned long oldest;

	return sprintf(buf, "%u\n", stor_slots_look(&host_of(dev)->slots, &oldest));
}
static DEVICE_ATTR_RO(outstanding);

static ssize_t oldest_ms_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	unsigned long oldest;

	stor_slots_look(&host_of(dev)->slots, &oldest);
	return sprintf(buf, "%u\n", jiffies_to_msecs(oldest));
}
static DEVICE_ATTR_RO(oldest_ms);

/* One line for each open channel. */
static ssize_t channels_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct stor_host *host = host_of(dev);
	ssize_t at = 0;
	u16 i;

	mutex_lock(&host->lock);
	for (i = 0; i < host->channel_room; i++) {
		const struct stor_channel *ch = host->channel[i];

		if (!ch)
			continue;
		at += scnprintf(buf + at, PAGE_SIZE - at,
				"%u relid %u cpu %u sent %llu answered %llu%s\n", i,
				ch->vmbus->offermsg.child_relid, ch->vmbus->target_cpu,
				ch->sent, ch->answered,
				stor_channel_broken(ch) ? " broken" : "");
	}
	mutex_unlock(&host->lock);
	return at;
}
static DEVICE_ATTR_RO(channels);

/* The queue's channel, queue by queue. */
static ssize_t queue_map_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct stor_host *host = host_of(dev);
	const struct stor_map *map;
	ssize_t at = 0;
	u16 i;

	rcu_read_lock();
	map = rcu_dereference(host->map);
	for (i = 0; map && i < host->shost->nr_hw_queues; i++)
		at += scnprintf(buf + at, PAGE_SIZE - at, "%s%u", i ? " " : "", map->of[i]->index);
	rcu_read_unlock();
	return at + scnprintf(buf + at, PAGE_SIZE - at, "\n");
}
static DEVICE_ATTR_RO(queue_map);

/* Sums over the open channels */
#define CHANNEL_SUM(name, field)							\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf)	\
{											\
	struct stor_host *host = host_of(dev);						\
	u64 sum = 0;									\
	u16 i;										\
											\
	mutex_lock(&host->lock);							\
	for (i = 0; i < host->channel_room; i++)					\
		if (host->channel[i])							\
			sum += host->channel[i]->field;					\
	mutex_unlock(&host->lock);							\
	return sprintf(buf, "%llu\n", sum);						\
}											\
static DEVICE_ATTR_RO(name)

CHANNEL_SUM(sent, sent);
CHANNEL_SUM(answered, answered);
CHANNEL_SUM(stale, stale);
CHANNEL_SUM(strange, strange);
CHANNEL_SUM(drains, drains);
CHANNEL_SUM(batches, out.batches);
CHANNEL_SUM(signals, out.signals);
CHANNEL_SUM(ring_full, out.full);

#define HOST_COUNTER(name, format, value)						\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf)	\
{											\
	struct stor_host *host = host_of(dev);						\
											\
	return sprintf(buf, format "\n", value);					\
}											\
static DEVICE_ATTR_RO(name)

HOST_COUNTER(resets, "%u", host->resets);
HOST_COUNTER(reopens, "%u", host->reopens);
HOST_COUNTER(errors, "%lld", atomic64_read(&host->errors));
HOST_COUNTER(spills, "%lld", atomic64_read(&host->spills));
HOST_COUNTER(busy, "%lld", atomic64_read(&host->busy));
HOST_COUNTER(late_commits, "%lld", atomic64_read(&host->late_commits));
HOST_COUNTER(swept, "%lld", atomic64_read(&host->swept));
HOST_COUNTER(pinned, "%lld", atomic64_read(&host->pinned));
HOST_COUNTER(exposed, "%lld", atomic64_read(&host->exposed));
HOST_COUNTER(refused, "%lld", atomic64_read(&host->refused));
HOST_COUNTER(luns_added, "%lld", atomic64_read(&host->luns_added));
HOST_COUNTER(luns_removed, "%lld", atomic64_read(&host->luns_removed));
HOST_COUNTER(revalidations, "%lld", atomic64_read(&host->revalidations));

static struct attribute *attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_protocol.attr,
	&dev_attr_outstanding.attr,
	&dev_attr_oldest_ms.attr,
	&dev_attr_channels.attr,
	&dev_attr_queue_map.attr,
	&dev_attr_sent.attr,
	&dev_attr_answered.attr,
	&dev_attr_stale.attr,
	&dev_attr_strange.attr,
	&dev_attr_drains.attr,
	&dev_attr_batches.attr,
	&dev_attr_signals.attr,
	&dev_attr_ring_full.attr,
	&dev_attr_resets.attr,
	&dev_attr_reopens.attr,
	&dev_attr_errors.attr,
	&dev_attr_spills.attr,
	&dev_attr_busy.attr,
	&dev_attr_late_commits.attr,
	&dev_attr_swept.attr,
	&dev_attr_pinned.attr,
	&dev_attr_exposed.attr,
	&dev_attr_refused.attr,
	&dev_attr_luns_added.attr,
	&dev_attr_luns_removed.attr,
	&dev_attr_revalidations.attr,
	NULL,
};

static const struct attribute_group group = {
	.name = "storvsc",
	.attrs = attrs,
};

const struct attribute_group *stor_groups[] = { &group, NULL };
