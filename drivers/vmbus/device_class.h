/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_DEVICE_CLASS_H
#define VMBUS_DEVICE_CLASS_H

#include "protocol/types.h"

#include <linux/uuid.h>

struct vmbus_device;

/* What is known of a class of devices; @device_id is one of enum vmbus_device_type. */
const struct vmbus_device *vmbus_class(u16 device_id);

/* The enum vmbus_device_type of a class GUID; HV_UNKNOWN for others. */
u16 vmbus_class_find(const guid_t *class);

#endif
