/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_RING_H
#define VMBUS_RING_H

#include "protocol/types.h"

/* Longest packet a descriptor can describe. */
#define VMBUS_PACKET_MAX (0xffffu * 8)

struct kvec;
struct page;
struct vmbus_chan;
struct vmbus_channel;

/* Locks of a new channel's rings. */
void vmbus_ring_init(struct vmbus_channel *channel);

/**
 * vmbus_ring_map() - map both rings of the channel's memory and begin with empty ones
 */
int vmbus_ring_map(struct vmbus_chan *chan);

/**
 * vmbus_ring_hide() - let drivers see an empty inbound ring for as long as it is mapped
 *
 * Any context. hv_end_read() and its like, which are compiled into drivers, look
 * at the header by themselves, and a driver that finds data in a ring where
 * reading finds no packet tries again for ever.
 */
void vmbus_ring_hide(struct vmbus_chan *chan);

/* Nobody reads, writes or looks any more, except debug files, which wait. */
void vmbus_ring_unmap(struct vmbus_chan *chan);

void vmbus_ring_pages_free(struct page *pages, u32 count);

/**
 * vmbus_ring_write() - put one packet into the guest-to-host ring and signal if needed
 * @channel:	an open channel
 * @kv:		pieces of the packet; the first begins with its descriptor
 * @count:	pieces; all together a multiple of 8 bytes
 * @requestid:	transaction id, or what the channel makes one of
 * @trans_id:	where to put the id that went out, or NULL
 *
 * Return: 0; -EAGAIN when the ring is full or ids are used up; -ENODEV when
 * the channel is rescinded; -EIO when the ring is broken.
 */
int vmbus_ring_write(struct vmbus_channel *channel, const struct kvec *kv, u32 count,
		     u64 requestid, u64 *trans_id);

#endif
