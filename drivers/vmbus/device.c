// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices: what the driver core sees of a primary channel. A device holds a
 * reference to its channel; the channel points back until the device is
 * removed. The pointer is under channel_mutex.
 */
#include "drivers/vmbus/device.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/bus.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/exports.h"
#include "drivers/vmbus/relid.h"
#include "drivers/vmbus/sysfs.h"

#include <linux/dma-mapping.h>
#include <linux/printk.h>
#include <linux/property.h>
#include <linux/slab.h>

#define VENDOR_MICROSOFT 0x1414	/* as in PCI */

/* The kernel's device and what only the bus knows of it. */
struct vmbus_dev {
	struct hv_device device;
	struct mutex removal;	/* one removal; nested in nothing but the caller's */
	bool removed;
	bool published;		/* under the device lock or before anyone knows it */
};

static struct vmbus_dev *to_dev(struct hv_device *device)
{
	return container_of(device, struct vmbus_dev, device);
}

static void device_release(struct device *d)
{
	struct vmbus_dev *dev = container_of(d, struct vmbus_dev, device.device);

	kobject_put(&dev->device.channel->kobj);
	vmbus_bus_override_free(&dev->device);
	kfree(dev);
}

static struct vmbus_dev *device_alloc(struct vmbus_channel *channel)
{
	const struct vmbus_channel_offer *offer = &channel->offermsg.offer;
	struct vmbus_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	struct hv_device *hv;

	if (!dev)
		return NULL;
	hv = &dev->device;
	mutex_init(&dev->removal);
	hv->dev_type = offer->if_type;
	hv->dev_instance = offer->if_instance;
	hv->vendor_id = VENDOR_MICROSOFT;
	hv->device_id = channel->device_id;
	hv->channel = channel;
	kobject_get(&channel->kobj);

	hv->device.bus = &vmbus_bus;
	hv->device.parent = vmbus_root;
	hv->device.release = device_release;
#ifdef HAVE_HV_DEVICE_DMA
	hv->device.dma_parms = &hv->dma_parms;
	hv->device.dma_mask = &hv->dma_mask;
#endif
	device_initialize(&hv->device);
	return dev;
}

static void channel_set_device(struct vmbus_channel *channel, struct hv_device *device)
{
	struct vmbus_channel *sub;

	mutex_lock(&vmbus_connection.channel_mutex);
	channel->device_obj = device;
	list_for_each_entry(sub, &channel->sc_list, listentry)
		sub->device_obj = device;
	mutex_unlock(&vmbus_connection.channel_mutex);
}

int vmbus_device_add(struct vmbus_channel *channel)
{
	struct vmbus_dev *dev = device_alloc(channel);
	struct device *d;
	int ret;

	if (!dev)
		return -ENOMEM;
	d = &dev->device.device;
	ret = dev_set_name(d, "%pUl", &dev->device.dev_instance);
	if (ret)
		goto put;
#ifdef HAVE_HV_DEVICE_DMA
	dma_set_mask(d, DMA_BIT_MASK(64));
#endif

	channel_set_device(channel, &dev->device);
	ret = device_add(d);
	if (ret) {
		channel_set_device(channel, NULL);
		pr_err("hv_vmbus: cannot register device %pUl: %d\n", &dev->device.dev_instance,
		       ret);
		goto put;
	}
	/* Without a driver nobody has done it yet. */
	device_lock(d);
	vmbus_device_publish(&dev->device);
	device_unlock(d);
	return 0;

put:
	put_device(d);
	return ret;
}

void vmbus_device_publish(struct hv_device *device)
{
	struct vmbus_dev *dev = to_dev(device);

	if (dev->published)
		return;
	dev->published = true;
	device->channels_kset = kset_create_and_add("channels", NULL, &device->device.kobj);
	if (!device->channels_kset || vmbus_sysfs_channel_add(device->channel))
		dev_warn(&device->device, "no directory for the channel\n");
}

struct hv_device *vmbus_device_get(struct vmbus_channel *channel)
{
	struct hv_device *device;

	mutex_lock(&vmbus_connection.channel_mutex);
	device = channel->device_obj;
	if (device)
		get_device(&device->device);
	mutex_unlock(&vmbus_connection.channel_mutex);
	return device;
}

/* Whoever wants to add a channel's directory from now on finds nothing to add it to. */
static void channels_unpublish(struct hv_device *device)
{
	struct kset *kset;

	mutex_lock(&vmbus_connection.channel_mutex);
	kset = device->channels_kset;
	device->channels_kset = NULL;
	mutex_unlock(&vmbus_connection.channel_mutex);
	if (kset)
		kset_unregister(kset);
}

static void device_take_down(struct hv_device *device)
{
	struct vmbus_channel *channel = device->channel;

	/* No driver can come back: probing a rescinded or removed device fails. */
	device_release_driver(&device->device);
	vmbus_chan_force_close(channel);
	vmbus_sysfs_channel_del(to_chan(channel));
	channels_unpublish(device);
	device_del(&device->device);

	channel_set_device(channel, NULL);
	set_bit(VMBUS_CHAN_NO_DEVICE, &to_chan(channel)->flags);
	put_device(&device->device);
}

void vmbus_device_remove(struct hv_device *device)
{
	struct vmbus_dev *dev = to_dev(device);

	mutex_lock(&dev->removal);
	if (!dev->removed) {
		dev->removed = true;
		device_take_down(device);
	}
	mutex_unlock(&dev->removal);
}

bool vmbus_device_going(struct hv_device *device)
{
	return READ_ONCE(to_dev(device)->removed) ||
	       vmbus_chan_rescinded(to_chan(device->channel));
}

/* Public: a driver with a rescind callback removes its device by itself. */
void vmbus_device_unregister(struct hv_device *device_obj)
{
	get_device(&device_obj->device);
	vmbus_device_remove(device_obj);
	put_device(&device_obj->device);
}

static struct vmbus_channel *any_primary_get(void)
{
	struct vmbus_channel *channel;

	mutex_lock(&vmbus_connection.channel_mutex);
	channel = list_first_entry_or_null(&vmbus_connection.chn_list, struct vmbus_channel,
					   listentry);
	if (channel)
		kobject_get(&channel->kobj);
	mutex_unlock(&vmbus_connection.channel_mutex);
	return channel;
}

/* Channels without a device: ended sub-channels, refused offers. */
static void leftovers_remove(void)
{
	struct vmbus_channel *channel;
	u32 relid;

	for (relid = 1; relid <= vmbus_relid_highest(); relid++) {
		channel = vmbus_relid_get(relid);
		if (!channel)
			continue;
		vmbus_chan_remove(to_chan(channel));
		kobject_put(&channel->kobj);
	}
}

void vmbus_devices_remove(void)
{
	struct vmbus_channel *channel;
	struct hv_device *device;

	while ((channel = any_primary_get())) {
		device = vmbus_device_get(channel);
		if (device) {
			vmbus_device_remove(device);
			put_device(&device->device);
		}
		vmbus_chan_remove(to_chan(channel));
		kobject_put(&channel->kobj);
	}
	leftovers_remove();
}
