/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_EXPORTS_H
#define VMBUS_EXPORTS_H

#include "compat/config.h"

/*
 * Exported symbols that no public header declares. Like abi.h, this is part of
 * what the CRCs are computed from: it includes nothing but macros.
 */

struct hv_device;
struct vmbus_channel;

#ifdef STOCK_EXPORTS_vmbus_devs
extern const struct vmbus_device vmbus_devs[];
#endif

void vmbus_device_unregister(struct hv_device *device_obj);

#ifdef HAVE_CHANNEL_RING_SYSFS
struct vm_area_struct;
int hv_create_ring_sysfs(struct vmbus_channel *channel,
			 int (*hv_mmap_ring_buffer)(struct vmbus_channel *channel,
						    struct vm_area_struct *vma));
int hv_remove_ring_sysfs(struct vmbus_channel *channel);
#endif

#endif
