/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_DEVICE_H
#define VMBUS_DEVICE_H

#include <linux/types.h>

struct device;
struct hv_device;
struct vmbus_channel;

/**
 * vmbus_device_add() - make a primary channel a device, which may find a driver at once
 */
int vmbus_device_add(struct vmbus_channel *channel);

/**
 * vmbus_device_get() - the device of a channel with a reference, or NULL
 */
struct hv_device *vmbus_device_get(struct vmbus_channel *channel);

/**
 * vmbus_device_remove() - the driver lets go, then the device goes
 *
 * Whoever comes first does it; others return when it is done. The caller holds
 * a reference.
 */
void vmbus_device_remove(struct hv_device *device);

/* Every device, when the module goes. */
void vmbus_devices_remove(void);

/* No driver may bind any more. */
bool vmbus_device_going(struct hv_device *device);

/* Put the channel's directory into sysfs before a driver may look for it. */
void vmbus_device_publish(struct hv_device *device);

/* The ACPI or platform device that stands for the bus. */
extern struct device *vmbus_root;

#endif
