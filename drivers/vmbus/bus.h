/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_BUS_H
#define VMBUS_BUS_H

#include <linux/device.h>

struct hv_device;
struct hv_driver;
struct hv_vmbus_device_id;

extern struct bus_type vmbus_bus;

/* The id by which a driver takes a device, or NULL (driver.c). */
const struct hv_vmbus_device_id *vmbus_driver_id(struct hv_driver *driver, struct hv_device *device);

/* What driver_override, where hv_device has it, says of the driver of that name. */
enum vmbus_override { VMBUS_OVERRIDE_NONE, VMBUS_OVERRIDE_THIS, VMBUS_OVERRIDE_OTHER };
enum vmbus_override vmbus_bus_override(struct hv_device *device, const char *name);

/* @name: allocated, or NULL for none. Return: what the caller frees. */
char *vmbus_bus_override_swap(struct hv_device *device, char *name);
void vmbus_bus_override_free(struct hv_device *device);

extern const struct attribute_group *vmbus_driver_groups[];
extern const struct attribute_group *vmbus_device_groups[];
extern const struct attribute_group *vmbus_bus_groups[];

#endif
