// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exports of the rings.
 *
 * A symbol's CRC covers every type that was defined when EXPORT_SYMBOL was
 * reached, so these includes and their order are the interface. The bodies
 * live elsewhere.
 */
#include "compat/config.h"

#ifdef HAVE_RING_PKT_BUFFER
#include <linux/export.h>
#include <linux/hyperv.h>
#ifdef HAVE_CHANNEL_RING_SYSFS
#include <linux/vmalloc.h>
#else
#include <linux/uio.h>
#endif
#include <asm/mshyperv.h>
#include <linux/tracepoint.h>
#else
#include <linux/hyperv.h>
#include <linux/uio.h>
#include <linux/export.h>
#endif

EXPORT_SYMBOL_GPL(__hv_pkt_iter_next);
EXPORT_SYMBOL_GPL(hv_pkt_iter_close);
EXPORT_SYMBOL_GPL(hv_pkt_iter_first);
EXPORT_SYMBOL_GPL(hv_ringbuffer_get_debuginfo);
EXPORT_SYMBOL_GPL(hv_ringbuffer_spinlock_busy);
