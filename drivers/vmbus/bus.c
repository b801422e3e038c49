// SPDX-License-Identifier: GPL-2.0-only
/* The Linux bus "vmbus": which driver takes which device, and what happens to both. */
#include "drivers/vmbus/bus.h"

#include "compat/bus.h"
#include "compat/hyperv.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/device.h"

#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/property.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#ifdef HAVE_HV_DEVICE_OVERRIDE
/* Matching does not hold the device lock, so the string must not go under its eyes. */
static DEFINE_SPINLOCK(override_lock);

enum vmbus_override vmbus_bus_override(struct hv_device *device, const char *name)
{
	enum vmbus_override override = VMBUS_OVERRIDE_NONE;

	spin_lock(&override_lock);
	if (device->driver_override)
		override = strcmp(device->driver_override, name) ? VMBUS_OVERRIDE_OTHER :
								   VMBUS_OVERRIDE_THIS;
	spin_unlock(&override_lock);
	return override;
}

char *vmbus_bus_override_swap(struct hv_device *device, char *name)
{
	char *old;

	spin_lock(&override_lock);
	old = (char *)device->driver_override;
	device->driver_override = name;
	spin_unlock(&override_lock);
	return old;
}
#else
enum vmbus_override vmbus_bus_override(struct hv_device *device, const char *name)
{
	return VMBUS_OVERRIDE_NONE;
}
#endif

void vmbus_bus_override_free(struct hv_device *device)
{
#ifdef HAVE_HV_DEVICE_OVERRIDE
	kfree(device->driver_override);
#endif
}

static int match(struct device *d, COMPAT_MATCH_DRIVER *driver)
{
	struct hv_driver *hv_driver = drv_to_hv_drv((struct device_driver *)driver);
	struct hv_device *device = device_to_hv_device(d);

	/* A socket's class is its service, so the one driver of sockets takes them all. */
	if (is_hvsock_channel(device->channel))
		return hv_driver->hvsock;
	return vmbus_driver_id(hv_driver, device) != NULL;
}

static int uevent(COMPAT_UEVENT_DEVICE *d, struct kobj_uevent_env *env)
{
	const struct hv_device *device = container_of(d, struct hv_device, device);

	return add_uevent_var(env, "MODALIAS=vmbus:%*phN", UUID_SIZE, &device->dev_type);
}

static int probe(struct device *d)
{
	struct hv_driver *driver = drv_to_hv_drv(d->driver);
	struct hv_device *device = device_to_hv_device(d);
	int ret;

	if (!driver->probe || vmbus_device_going(device))
		return -ENODEV;
	vmbus_device_publish(device);
	ret = driver->probe(device, vmbus_driver_id(driver, device));
	if (ret) {
		pr_err("hv_vmbus: probe failed for device %s (%d)\n", dev_name(d), ret);
		vmbus_chan_forget_driver(device->channel);
	}
	return ret;
}

static COMPAT_BUS_REMOVE removed(struct device *d)
{
	struct hv_driver *driver = drv_to_hv_drv(d->driver);
	struct hv_device *device = device_to_hv_device(d);

	if (driver->remove)
		compat_hv_driver_remove(driver, device);
	vmbus_chan_forget_driver(device->channel);
	return COMPAT_BUS_DONE;
}

static void shutdown(struct device *d)
{
	struct hv_driver *driver;

	if (!d->driver)
		return;
	driver = drv_to_hv_drv(d->driver);
	if (driver->shutdown)
		driver->shutdown(device_to_hv_device(d));
}

static int dma_configure(struct device *d)
{
	compat_setup_dma(device_to_hv_device(d),
			 device_get_dma_attr(vmbus_root) == DEV_DMA_COHERENT);
	return 0;
}

/* Hibernation would need channels to be found again by the resumed kernel: not done yet. */
static int freeze(struct device *d)
{
	dev_err(d, "hibernation is not supported\n");
	return -EOPNOTSUPP;
}

static const struct dev_pm_ops pm = {
	.freeze = freeze,
};

struct bus_type vmbus_bus = {
	.name = "vmbus",
	.match = match,
	.uevent = uevent,
	.probe = probe,
	.remove = removed,
	.shutdown = shutdown,
	.dma_configure = dma_configure,
	.pm = &pm,
	.bus_groups = vmbus_bus_groups,
	.dev_groups = vmbus_device_groups,
	.drv_groups = vmbus_driver_groups,
};
