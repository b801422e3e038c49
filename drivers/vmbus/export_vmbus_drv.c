// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exports of the Linux bus.
 *
 * A symbol's CRC covers every type that was defined when EXPORT_SYMBOL was
 * reached, so these includes and their order are the interface. The bodies
 * live elsewhere.
 */
#include "compat/config.h"

#include <linux/module.h>
#include <linux/hyperv.h>
#ifdef HAVE_CHANNEL_RING_SYSFS
#include <linux/sched/isolation.h>
#endif
#include <linux/ptrace.h>
#include <linux/efi.h>
#ifdef HAVE_RING_PKT_BUFFER
#include <linux/dma-map-ops.h>
#include <asm/mshyperv.h>
#else
#include <clocksource/hyperv_timer.h>
#endif
#ifndef HAVE_CHANNEL_RING_SYSFS
#include <linux/tracepoint.h>
#endif

#include "drivers/vmbus/exports.h"

EXPORT_SYMBOL_GPL(__vmbus_driver_register);
EXPORT_SYMBOL_GPL(vmbus_allocate_mmio);
EXPORT_SYMBOL_GPL(vmbus_driver_unregister);
EXPORT_SYMBOL_GPL(vmbus_free_mmio);

#ifdef STOCK_EXPORTS_vmbus_device_unregister
EXPORT_SYMBOL_GPL(vmbus_device_unregister);
#endif

#ifdef HAVE_CHANNEL_RING_SYSFS
EXPORT_SYMBOL_GPL(hv_create_ring_sysfs);
EXPORT_SYMBOL_GPL(hv_remove_ring_sysfs);
#endif
