// SPDX-License-Identifier: GPL-2.0-only
/* /sys/bus/vmbus/devices/<instance>/channels/<relid>/ */
#include "drivers/vmbus/sysfs.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/cpu.h"

#include <linux/cpu.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>

struct channel_attribute {
	struct attribute attr;
	ssize_t (*show)(struct vmbus_channel *channel, char *buf);
	ssize_t (*store)(struct vmbus_channel *channel, const char *buf, size_t count);
};

static struct channel_attribute *to_attribute(struct attribute *attr)
{
	return container_of(attr, struct channel_attribute, attr);
}

static struct vmbus_channel *to_channel(struct kobject *kobj)
{
	return container_of(kobj, struct vmbus_channel, kobj);
}

static ssize_t channel_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	return to_attribute(attr)->show(to_channel(kobj), buf);
}

static ssize_t channel_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			     size_t count)
{
	if (!to_attribute(attr)->store)
		return -EIO;
	return to_attribute(attr)->store(to_channel(kobj), buf, count);
}

static const struct sysfs_ops channel_ops = {
	.show = channel_show,
	.store = channel_store,
};

u32 vmbus_monitor_pending(const struct vmbus_channel *channel, const struct hv_monitor_page *page)
{
	return READ_ONCE(page->trigger_group[channel->monitor_grp].pending) >>
		channel->monitor_bit & 1;
}

u32 vmbus_monitor_latency(const struct vmbus_channel *channel, const struct hv_monitor_page *page)
{
	return READ_ONCE(page->latency[channel->monitor_grp][channel->monitor_bit]);
}

u32 vmbus_monitor_connection(const struct vmbus_channel *channel,
			     const struct hv_monitor_page *page)
{
	return READ_ONCE(page->parameter[channel->monitor_grp][channel->monitor_bit]
			 .connectionid.asu32);
}

#define SHOW_FORMAT(_name, format, value)						\
static ssize_t _name##_show(struct vmbus_channel *channel, char *buf)			\
{											\
	return sysfs_emit(buf, format "\n", value);					\
}											\
static struct channel_attribute attr_##_name = {						\
	.attr = { .name = #_name, .mode = 0444 },					\
	.show = _name##_show,								\
}

SHOW_FORMAT(interrupts, "%llu", (unsigned long long)channel->interrupts);
SHOW_FORMAT(events, "%llu", (unsigned long long)channel->sig_events);
SHOW_FORMAT(intr_in_full, "%llu", (unsigned long long)channel->intr_in_full);
SHOW_FORMAT(intr_out_empty, "%llu", (unsigned long long)channel->intr_out_empty);
SHOW_FORMAT(out_full_first, "%llu", (unsigned long long)channel->out_full_first);
SHOW_FORMAT(out_full_total, "%llu", (unsigned long long)channel->out_full_total);
SHOW_FORMAT(monitor_id, "%u", channel->offermsg.monitorid);
SHOW_FORMAT(subchannel_id, "%u", channel->offermsg.offer.sub_channel_index);
SHOW_FORMAT(pending, "%u",
	    vmbus_monitor_pending(channel, vmbus_connection.monitor_pages[1]));
SHOW_FORMAT(latency, "%u",
	    vmbus_monitor_latency(channel, vmbus_connection.monitor_pages[1]));

/* A file about one ring; there is nothing to say while it is not mapped. */
#define SHOW_RING(_name, ring, value)							\
static ssize_t _name##_show(struct vmbus_channel *channel, char *buf)			\
{											\
	struct hv_ring_buffer_debug_info info;						\
	int ret = hv_ringbuffer_get_debuginfo(&channel->ring, &info);			\
											\
	return ret ?: sysfs_emit(buf, "%u\n", info.value);				\
}											\
static struct channel_attribute attr_##_name = {						\
	.attr = { .name = #_name, .mode = 0444 },					\
	.show = _name##_show,								\
}

SHOW_RING(out_mask, outbound, current_interrupt_mask);
SHOW_RING(in_mask, inbound, current_interrupt_mask);
SHOW_RING(read_avail, inbound, bytes_avail_toread);
SHOW_RING(write_avail, outbound, bytes_avail_towrite);

static ssize_t cpu_show(struct vmbus_channel *channel, char *buf)
{
	return sysfs_emit(buf, "%u\n", channel->target_cpu);
}

static ssize_t cpu_store(struct vmbus_channel *channel, const char *buf, size_t count)
{
	u32 cpu;
	int ret;

	ret = kstrtou32(buf, 0, &cpu);
	if (ret)
		return ret;
	if (cpu >= nr_cpu_ids)
		return -EINVAL;

	cpus_read_lock();
	ret = cpu_online(cpu) ? vmbus_cpu_move(channel, cpu) : -EINVAL;
	cpus_read_unlock();
	return ret ?: count;
}

static struct channel_attribute attr_cpu = {
	.attr = { .name = "cpu", .mode = 0644 },
	.show = cpu_show,
	.store = cpu_store,
};

static struct attribute *channel_attrs[] = {
	&attr_out_mask.attr,
	&attr_in_mask.attr,
	&attr_read_avail.attr,
	&attr_write_avail.attr,
	&attr_cpu.attr,
	&attr_pending.attr,
	&attr_latency.attr,
	&attr_interrupts.attr,
	&attr_events.attr,
	&attr_intr_in_full.attr,
	&attr_intr_out_empty.attr,
	&attr_out_full_first.attr,
	&attr_out_full_total.attr,
	&attr_monitor_id.attr,
	&attr_subchannel_id.attr,
	NULL,
};

static umode_t attr_visible(struct kobject *kobj, struct attribute *attr, int index)
{
	bool monitored = to_channel(kobj)->offermsg.monitor_allocated;

	if (!monitored && (attr == &attr_pending.attr || attr == &attr_latency.attr ||
			   attr == &attr_monitor_id.attr))
		return 0;
	return attr->mode;
}

static const struct attribute_group channel_group = {
	.attrs = channel_attrs,
	.is_visible = attr_visible,
};

static const struct attribute_group *channel_groups[] = { &channel_group, NULL };

COMPAT_KOBJ_TYPE vmbus_chan_ktype = {
	.sysfs_ops = &channel_ops,
	.release = vmbus_chan_release,
	.default_groups = channel_groups,
};

int vmbus_sysfs_channel_add(struct vmbus_channel *channel)
{
	struct hv_device *device;
	struct kset *kset;
	int ret;

	mutex_lock(&vmbus_connection.channel_mutex);
	device = channel->device_obj;
	kset = device ? kset_get(device->channels_kset) : NULL;
	mutex_unlock(&vmbus_connection.channel_mutex);
	if (!kset)
		return -ENODEV;

	channel->kobj.kset = kset;
	ret = kobject_add(&channel->kobj, NULL, "%u", channel->offermsg.child_relid);
	kset_put(kset);
	return ret;
}

void vmbus_sysfs_channel_del(struct vmbus_chan *chan)
{
	if (chan->channel.kobj.state_in_sysfs)
		kobject_del(&chan->channel.kobj);
}
