// SPDX-License-Identifier: GPL-2.0-only
/* /sys/bus/vmbus/devices/<instance>/ and /sys/bus/vmbus/ */
#include "drivers/vmbus/sysfs.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/bus.h"
#include "drivers/vmbus/channel.h"

#include <linux/slab.h>
#include <linux/sysfs.h>

#define SHOW_FORMAT(name, format, ...)							\
static ssize_t name##_show(struct device *d, struct device_attribute *attr, char *buf)	\
{											\
	struct hv_device *device = device_to_hv_device(d);				\
											\
	return sysfs_emit(buf, format "\n", __VA_ARGS__);					\
}											\
static DEVICE_ATTR_RO(name)

SHOW_FORMAT(id, "%u", device->channel->offermsg.child_relid);
SHOW_FORMAT(state, "%u", device->channel->state);
SHOW_FORMAT(monitor_id, "%u", device->channel->offermsg.monitorid);
SHOW_FORMAT(class_id, "{%pUl}", &device->channel->offermsg.offer.if_type);
SHOW_FORMAT(device_id, "{%pUl}", &device->channel->offermsg.offer.if_instance);
SHOW_FORMAT(modalias, "vmbus:%*phN", UUID_SIZE, &device->dev_type);
SHOW_FORMAT(vendor, "0x%x", device->vendor_id);
SHOW_FORMAT(device, "0x%x", device->device_id);
#ifdef CONFIG_NUMA
SHOW_FORMAT(numa_node, "%d", cpu_to_node(device->channel->target_cpu));
#endif

#define SHOW_MONITOR(name, side, what)							\
	SHOW_FORMAT(name, "%u", vmbus_monitor_##what(device->channel,			\
						     vmbus_connection.monitor_pages[side]))

SHOW_MONITOR(server_monitor_pending, 0, pending);
SHOW_MONITOR(client_monitor_pending, 1, pending);
SHOW_MONITOR(server_monitor_latency, 0, latency);
SHOW_MONITOR(client_monitor_latency, 1, latency);
SHOW_MONITOR(server_monitor_conn_id, 0, connection);
SHOW_MONITOR(client_monitor_conn_id, 1, connection);

/* A file about one ring; there is nothing to say while it is not mapped. */
#define SHOW_RING(name, ring, value)							\
static ssize_t name##_show(struct device *d, struct device_attribute *attr, char *buf)	\
{											\
	struct hv_device *device = device_to_hv_device(d);				\
	struct hv_ring_buffer_debug_info info;						\
	int ret = hv_ringbuffer_get_debuginfo(&device->channel->ring, &info);		\
											\
	return ret ?: sysfs_emit(buf, "%u\n", info.value);				\
}											\
static DEVICE_ATTR_RO(name)

SHOW_RING(out_intr_mask, outbound, current_interrupt_mask);
SHOW_RING(out_read_index, outbound, current_read_index);
SHOW_RING(out_write_index, outbound, current_write_index);
SHOW_RING(out_read_bytes_avail, outbound, bytes_avail_toread);
SHOW_RING(out_write_bytes_avail, outbound, bytes_avail_towrite);
SHOW_RING(in_intr_mask, inbound, current_interrupt_mask);
SHOW_RING(in_read_index, inbound, current_read_index);
SHOW_RING(in_write_index, inbound, current_write_index);
SHOW_RING(in_read_bytes_avail, inbound, bytes_avail_toread);
SHOW_RING(in_write_bytes_avail, inbound, bytes_avail_towrite);

static int mapping_emit(char *buf, int at, const struct vmbus_channel *channel)
{
	return sysfs_emit_at(buf, at, "%u:%u\n", channel->offermsg.child_relid,
			     channel->target_cpu);
}

static ssize_t channel_vp_mapping_show(struct device *d, struct device_attribute *attr, char *buf)
{
	struct vmbus_channel *primary = device_to_hv_device(d)->channel;
	struct vmbus_channel *sub;
	int at;

	mutex_lock(&vmbus_connection.channel_mutex);
	at = mapping_emit(buf, 0, primary);
	list_for_each_entry(sub, &primary->sc_list, listentry)
		at += mapping_emit(buf, at, sub);
	mutex_unlock(&vmbus_connection.channel_mutex);
	return at;
}
static DEVICE_ATTR_RO(channel_vp_mapping);

#ifdef HAVE_HV_DEVICE_OVERRIDE
static ssize_t driver_override_show(struct device *d, struct device_attribute *attr, char *buf)
{
	ssize_t len;

	device_lock(d);
	len = sysfs_emit(buf, "%s\n", device_to_hv_device(d)->driver_override);
	device_unlock(d);
	return len;
}

/* An empty name ends the override. */
static ssize_t driver_override_store(struct device *d, struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct hv_device *device = device_to_hv_device(d);
	char *name, *old;

	/* Shown with a newline, in one page. */
	if (count >= PAGE_SIZE - 1)
		return -EINVAL;
	name = kstrndup(buf, strchrnul(buf, '\n') - buf, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	if (!*name) {
		kfree(name);
		name = NULL;
	}

	/* Against who shows it. */
	device_lock(d);
	old = vmbus_bus_override_swap(device, name);
	device_unlock(d);
	kfree(old);
	return count;
}
static DEVICE_ATTR_RW(driver_override);
#endif

static struct attribute *device_attrs[] = {
	&dev_attr_id.attr,
	&dev_attr_state.attr,
	&dev_attr_monitor_id.attr,
	&dev_attr_class_id.attr,
	&dev_attr_device_id.attr,
	&dev_attr_modalias.attr,
#ifdef CONFIG_NUMA
	&dev_attr_numa_node.attr,
#endif
	&dev_attr_server_monitor_pending.attr,
	&dev_attr_client_monitor_pending.attr,
	&dev_attr_server_monitor_latency.attr,
	&dev_attr_client_monitor_latency.attr,
	&dev_attr_server_monitor_conn_id.attr,
	&dev_attr_client_monitor_conn_id.attr,
	&dev_attr_out_intr_mask.attr,
	&dev_attr_out_read_index.attr,
	&dev_attr_out_write_index.attr,
	&dev_attr_out_read_bytes_avail.attr,
	&dev_attr_out_write_bytes_avail.attr,
	&dev_attr_in_intr_mask.attr,
	&dev_attr_in_read_index.attr,
	&dev_attr_in_write_index.attr,
	&dev_attr_in_read_bytes_avail.attr,
	&dev_attr_in_write_bytes_avail.attr,
	&dev_attr_channel_vp_mapping.attr,
	&dev_attr_vendor.attr,
	&dev_attr_device.attr,
#ifdef HAVE_HV_DEVICE_OVERRIDE
	&dev_attr_driver_override.attr,
#endif
	NULL,
};

static bool is_monitor(const struct attribute *attr)
{
	return attr == &dev_attr_monitor_id.attr || strstarts(attr->name, "server_monitor_") ||
	       strstarts(attr->name, "client_monitor_");
}

static umode_t attr_visible(struct kobject *kobj, struct attribute *attr, int index)
{
	struct hv_device *device = device_to_hv_device(kobj_to_dev(kobj));

	if (!device->channel->offermsg.monitor_allocated && is_monitor(attr))
		return 0;
	return attr->mode;
}

static const struct attribute_group device_group = {
	.attrs = device_attrs,
	.is_visible = attr_visible,
};

const struct attribute_group *vmbus_device_groups[] = { &device_group, NULL };

static ssize_t hibernation_show(COMPAT_ATTR_BUS *bus, char *buf)
{
	return sysfs_emit(buf, "%d\n", hv_is_hibernation_supported());
}
static BUS_ATTR_RO(hibernation);

static struct attribute *bus_attrs[] = { &bus_attr_hibernation.attr, NULL };

static const struct attribute_group bus_group = { .attrs = bus_attrs };

const struct attribute_group *vmbus_bus_groups[] = { &bus_group, NULL };
