/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_SYSFS_H
#define VMBUS_SYSFS_H

#include "compat/bus.h"

struct hv_monitor_page;
struct vmbus_chan;
struct vmbus_channel;

/* Of channels; its release is in channel.c. */
extern COMPAT_KOBJ_TYPE vmbus_chan_ktype;
void vmbus_chan_release(struct kobject *kobj);

/**
 * vmbus_sysfs_channel_add() - channels/<relid>/ below the channel's device
 * Return: 0; -ENODEV when the device has no such directory (yet, or any more).
 */
int vmbus_sysfs_channel_add(struct vmbus_channel *channel);

/* Harmless when it is not there. */
void vmbus_sysfs_channel_del(struct vmbus_chan *chan);

/* What the monitor pages say of a channel. */
u32 vmbus_monitor_pending(const struct vmbus_channel *channel, const struct hv_monitor_page *page);
u32 vmbus_monitor_latency(const struct vmbus_channel *channel, const struct hv_monitor_page *page);
u32 vmbus_monitor_connection(const struct vmbus_channel *channel,
			     const struct hv_monitor_page *page);

#endif
