/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMPAT_HYPERV_H
#define COMPAT_HYPERV_H

#include "compat/config.h"

#include <linux/hyperv.h>
#include <asm/mshyperv.h>

/* <linux/hyperv.h> and <asm/mshyperv.h>, as they changed. */

/* 5.13: the vector's handler is set without naming the vector. */
static inline void compat_setup_vmbus_handler(void (*handler)(void))
{
#ifdef HAVE_VMBUS_HANDLER
	hv_setup_vmbus_handler(handler);
#else
	hv_setup_vmbus_irq(0, handler);
#endif
}

static inline void compat_remove_vmbus_handler(void)
{
#ifdef HAVE_VMBUS_HANDLER
	hv_remove_vmbus_handler();
#else
	hv_remove_vmbus_irq();
#endif
}

/* 5.12: isolated VMs and the root partition. */
static inline bool compat_is_isolated(void)
{
#ifdef HAVE_ISOLATION
	return hv_is_isolation_supported();
#else
	return false;
#endif
}

static inline bool compat_is_root_partition(void)
{
#ifdef HAVE_ROOT_PARTITION
	return hv_root_partition;
#else
	return false;
#endif
}

/* 5.15: a ring's GPADL is a structure. */
static inline u32 *compat_ring_gpadl(struct vmbus_channel *channel)
{
#ifdef HAVE_GPADL_STRUCT
	return &channel->ringbuffer_gpadlhandle.gpadl_handle;
#else
	return &channel->ringbuffer_gpadlhandle;
#endif
}

/* 5.14: a driver may announce its largest packet. */
static inline u32 compat_max_packet(const struct vmbus_channel *channel)
{
#ifdef HAVE_RING_PKT_BUFFER
	return channel->max_pkt_size;
#else
	return 0;
#endif
}

static inline void compat_set_max_packet(struct vmbus_channel *channel, u32 bytes)
{
#ifdef HAVE_RING_PKT_BUFFER
	channel->max_pkt_size = bytes;
#endif
}

/* 5.15: drivers bring their own transaction ids; before, all that asked for a requestor used the bus's. */
static inline u64 compat_take_request_id(struct vmbus_channel *channel, u64 address)
{
#ifdef HAVE_CHANNEL_REQUEST_ID
	if (!channel->next_request_id_callback)
		return VMBUS_NO_RQSTOR;
	return channel->next_request_id_callback(channel, address);
#else
	return vmbus_next_request_id(&channel->requestor, address);
#endif
}

static inline void compat_drop_request_id(struct vmbus_channel *channel, u64 id)
{
#ifdef HAVE_CHANNEL_REQUEST_ID
	if (channel->request_addr_callback)
		channel->request_addr_callback(channel, id);
#else
	vmbus_request_addr(&channel->requestor, id);
#endif
}

/* 6.2: a driver's remove returns nothing; before, what it returned was ignored. */
static inline void compat_hv_driver_remove(struct hv_driver *driver, struct hv_device *device)
{
	driver->remove(device);
}

/* The same, for who writes a driver: `return COMPAT_HV_DONE;` at the end. */
#ifdef HAVE_HV_DRIVER_REMOVE_VOID
#define COMPAT_HV_REMOVE	void
#define COMPAT_HV_DONE
#else
#define COMPAT_HV_REMOVE	int
#define COMPAT_HV_DONE		0
#endif

/* 5.17 */
static inline void compat_setup_dma(struct hv_device *device, bool coherent)
{
#ifdef HAVE_HV_SETUP_DMA_OPS
	hv_setup_dma_ops(&device->device, coherent);
#endif
}

#endif
