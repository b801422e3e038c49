// SPDX-License-Identifier: GPL-2.0-only
/* Drivers: registration, and the ids they take devices by, fixed and added at run time. */
#include "compat/bus.h"
#include "compat/hyperv.h"
#include "drivers/vmbus/bus.h"
#include "drivers/vmbus/exports.h"

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct dynid {
	struct list_head node;
	struct hv_vmbus_device_id id;
};

/* What a driver gets that was chosen by name and knows no such device. */
static const struct hv_vmbus_device_id no_id;

static const struct hv_vmbus_device_id *static_find(const struct hv_driver *driver,
						    const guid_t *guid)
{
	const struct hv_vmbus_device_id *id;

	if (!driver->id_table)
		return NULL;
	for (id = driver->id_table; !guid_is_null(&id->guid); id++)
		if (guid_equal(&id->guid, guid))
			return id;
	return NULL;
}

static struct dynid *dynid_find(struct hv_driver *driver, const guid_t *guid)
{
	struct dynid *dynid;

	lockdep_assert_held(&driver->dynids.lock);

	list_for_each_entry(dynid, &driver->dynids.list, node)
		if (guid_equal(&dynid->id.guid, guid))
			return dynid;
	return NULL;
}

static const struct hv_vmbus_device_id *dynamic_find(struct hv_driver *driver, const guid_t *guid)
{
	struct dynid *dynid;

	spin_lock(&driver->dynids.lock);
	dynid = dynid_find(driver, guid);
	spin_unlock(&driver->dynids.lock);
	return dynid ? &dynid->id : NULL;
}

const struct hv_vmbus_device_id *vmbus_driver_id(struct hv_driver *driver, struct hv_device *device)
{
	enum vmbus_override override = vmbus_bus_override(device, driver->name);
	const struct hv_vmbus_device_id *id;

	if (override == VMBUS_OVERRIDE_OTHER)
		return NULL;

	id = dynamic_find(driver, &device->dev_type);
	if (!id)
		id = static_find(driver, &device->dev_type);
	if (!id && (override == VMBUS_OVERRIDE_THIS || is_hvsock_channel(device->channel)))
		id = &no_id;
	return id;
}

static ssize_t new_id_store(struct device_driver *d, const char *buf, size_t count)
{
	struct hv_driver *driver = drv_to_hv_drv(d);
	struct dynid *dynid, *old;
	int ret;

	dynid = kzalloc(sizeof(*dynid), GFP_KERNEL);
	if (!dynid)
		return -ENOMEM;
	ret = guid_parse(buf, &dynid->id.guid);
	if (!ret && guid_is_null(&dynid->id.guid))
		ret = -EINVAL;
	if (ret) {
		kfree(dynid);
		return ret;
	}

	spin_lock(&driver->dynids.lock);
	old = dynid_find(driver, &dynid->id.guid);
	if (!old && !static_find(driver, &dynid->id.guid))
		list_add_tail(&dynid->node, &driver->dynids.list);
	else
		ret = -EEXIST;
	spin_unlock(&driver->dynids.lock);
	if (ret) {
		kfree(dynid);
		return ret;
	}

	ret = driver_attach(d);
	return ret ?: count;
}
static DRIVER_ATTR_WO(new_id);

static ssize_t remove_id_store(struct device_driver *d, const char *buf, size_t count)
{
	struct hv_driver *driver = drv_to_hv_drv(d);
	struct dynid *dynid;
	guid_t guid;
	int ret;

	ret = guid_parse(buf, &guid);
	if (ret)
		return ret;
	spin_lock(&driver->dynids.lock);
	dynid = dynid_find(driver, &guid);
	/* A probe may be looking at it: it goes with the driver, until then it matches nothing. */
	if (dynid)
		dynid->id.guid = guid_null;
	spin_unlock(&driver->dynids.lock);
	return dynid ? count : -ENODEV;
}
static DRIVER_ATTR_WO(remove_id);

static struct attribute *driver_attrs[] = {
	&driver_attr_new_id.attr,
	&driver_attr_remove_id.attr,
	NULL,
};

static const struct attribute_group driver_group = { .attrs = driver_attrs };

const struct attribute_group *vmbus_driver_groups[] = { &driver_group, NULL };

/**
 * __vmbus_driver_register() - register a driver of VMBus devices
 * @hv_driver:	lives as long as it is registered
 * @owner:	its module
 * @mod_name:	that module's name
 */
int __vmbus_driver_register(struct hv_driver *hv_driver, struct module *owner, const char *mod_name)
{
	hv_driver->driver.name = hv_driver->name;
	hv_driver->driver.owner = owner;
	hv_driver->driver.mod_name = mod_name;
	hv_driver->driver.bus = &vmbus_bus;
	spin_lock_init(&hv_driver->dynids.lock);
	INIT_LIST_HEAD(&hv_driver->dynids.list);
	return driver_register(&hv_driver->driver);
}

/**
 * vmbus_driver_unregister() - take a driver off its devices and the bus
 * @hv_driver:	a registered one
 */
void vmbus_driver_unregister(struct hv_driver *hv_driver)
{
	struct dynid *dynid, *next;

	driver_unregister(&hv_driver->driver);
	list_for_each_entry_safe(dynid, next, &hv_driver->dynids.list, node) {
		list_del(&dynid->node);
		kfree(dynid);
	}
}
