// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exports of offers and services.
 *
 * A symbol's CRC covers every type that was defined when EXPORT_SYMBOL was
 * reached, so these includes and their order are the interface. The bodies
 * live elsewhere.
 */
#include "compat/config.h"

#include <linux/module.h>
#include <linux/hyperv.h>
#include <asm/mshyperv.h>
#ifdef HAVE_CHANNEL_RING_SYSFS
#include <linux/sched/isolation.h>
#else
#include <linux/tracepoint.h>
#endif

#include "drivers/vmbus/exports.h"

EXPORT_SYMBOL_GPL(vmbus_hvsock_device_unregister);
EXPORT_SYMBOL_GPL(vmbus_prep_negotiate_resp);
EXPORT_SYMBOL_GPL(vmbus_set_chn_rescind_callback);
EXPORT_SYMBOL_GPL(vmbus_set_sc_create_callback);

#ifdef STOCK_EXPORTS_vmbus_devs
EXPORT_SYMBOL_GPL(vmbus_devs);
#endif

#ifdef HAVE_SUBCHANNELS_PRESENT
EXPORT_SYMBOL_GPL(vmbus_are_subchannels_present);
#endif
