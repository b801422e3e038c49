// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exports of channels: open, close, shared memory, packets, request ids.
 *
 * A symbol's CRC covers every type that was defined when EXPORT_SYMBOL was
 * reached, so these includes and their order are the interface. The bodies
 * live elsewhere.
 */
#include "compat/config.h"

#include <linux/module.h>
#include <linux/hyperv.h>
#include <linux/uio.h>
#include <asm/mshyperv.h>
#include <linux/tracepoint.h>

EXPORT_SYMBOL_GPL(vmbus_alloc_ring);
EXPORT_SYMBOL_GPL(vmbus_close);
EXPORT_SYMBOL_GPL(vmbus_connect_ring);
EXPORT_SYMBOL_GPL(vmbus_disconnect_ring);
EXPORT_SYMBOL_GPL(vmbus_establish_gpadl);
EXPORT_SYMBOL_GPL(vmbus_free_ring);
EXPORT_SYMBOL_GPL(vmbus_next_request_id);
EXPORT_SYMBOL_GPL(vmbus_open);
EXPORT_SYMBOL(vmbus_recvpacket);
EXPORT_SYMBOL_GPL(vmbus_recvpacket_raw);
EXPORT_SYMBOL_GPL(vmbus_request_addr);
EXPORT_SYMBOL_GPL(vmbus_send_modifychannel);
EXPORT_SYMBOL_GPL(vmbus_send_tl_connect_request);
EXPORT_SYMBOL(vmbus_sendpacket);
EXPORT_SYMBOL_GPL(vmbus_sendpacket_mpb_desc);
EXPORT_SYMBOL_GPL(vmbus_setevent);
EXPORT_SYMBOL_GPL(vmbus_teardown_gpadl);

#ifdef HAVE_SENDPACKET_GETID
EXPORT_SYMBOL_GPL(__vmbus_request_addr_match);
EXPORT_SYMBOL_GPL(vmbus_request_addr_match);
EXPORT_SYMBOL(vmbus_sendpacket_getid);
#endif

#ifdef HAVE_SENDPACKET_PAGEBUFFER
EXPORT_SYMBOL_GPL(vmbus_sendpacket_pagebuffer);
#endif
