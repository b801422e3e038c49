// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exports of the connection.
 *
 * A symbol's CRC covers every type that was defined when EXPORT_SYMBOL was
 * reached, so these includes and their order are the interface. The bodies
 * live elsewhere.
 */
#include "compat/config.h"

#include <linux/module.h>
#ifdef HAVE_CHANNEL_RING_SYSFS
#include <linux/vmalloc.h>
#endif
#include <linux/hyperv.h>
#include <asm/mshyperv.h>
#include <linux/tracepoint.h>

#include "drivers/vmbus/abi.h"

EXPORT_SYMBOL_GPL(vmbus_connection);
EXPORT_SYMBOL_GPL(vmbus_proto_version);
EXPORT_SYMBOL_GPL(vmbus_set_event);
