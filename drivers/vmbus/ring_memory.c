// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a channel's two rings, one piece of contiguous pages:
 *
 *   | header | data of guest-to-host ... | header | data of host-to-guest ... |
 *
 * Contiguous because uio maps it by one physical address. The kernel's mapping
 * shows the data of each ring twice in a row, so that a packet that wraps can
 * be copied in one go:
 *
 *   | header | data | data |
 */
#include "drivers/vmbus/ring.h"

#include "drivers/vmbus/channel.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* Drivers that name the size of their packets get room for at least this much. */
#define PACKET_NAMED_MIN SZ_16K

/* The header of a ring in which nothing ever is. Drivers write its mask, which means nothing. */
static u8 empty_header[sizeof(struct hv_ring_buffer)] __aligned(PAGE_SIZE);

static struct page *pages_alloc(u32 count, int node)
{
	unsigned int order = get_order((size_t)count << PAGE_SHIFT);
	struct page *pages;
	u32 i;

	pages = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN, order);
	if (!pages)
		return NULL;
	/* Give back what the order rounds up to. */
	split_page(pages, order);
	for (i = count; i < 1u << order; i++)
		__free_page(pages + i);
	return pages;
}

void vmbus_ring_pages_free(struct page *pages, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		__free_page(pages + i);
}

/**
 * vmbus_alloc_ring() - memory for both rings of a channel
 * @newchannel:	not open, without a ring
 * @send_size:	bytes, whole pages
 * @recv_size:	bytes, whole pages
 *
 * Return: 0, -EINVAL, -ENOMEM
 */
int vmbus_alloc_ring(struct vmbus_channel *newchannel, u32 send_size, u32 recv_size)
{
	struct page *pages;
	u64 size = (u64)send_size + recv_size;

	/* A header and at least a page of data each. */
	if (send_size % PAGE_SIZE || recv_size % PAGE_SIZE || send_size < 2 * PAGE_SIZE ||
	    recv_size < 2 * PAGE_SIZE || size >> PAGE_SHIFT > (1u << (MAX_ORDER - 1)))
		return -EINVAL;

	pages = pages_alloc(size >> PAGE_SHIFT, cpu_to_node(newchannel->target_cpu));
	if (!pages)
		return -ENOMEM;
	newchannel->ringbuffer_page = pages;
	newchannel->ringbuffer_pagecount = size >> PAGE_SHIFT;
	newchannel->ringbuffer_send_offset = send_size >> PAGE_SHIFT;
	return 0;
}

/**
 * vmbus_free_ring() - free what vmbus_alloc_ring() got; harmless when it is gone
 * @channel:	not open
 */
void vmbus_free_ring(struct vmbus_channel *channel)
{
	if (!channel->ringbuffer_page)
		return;
	vmbus_ring_pages_free(channel->ringbuffer_page, channel->ringbuffer_pagecount);
	channel->ringbuffer_page = NULL;
	channel->ringbuffer_pagecount = 0;
}

void vmbus_ring_init(struct vmbus_channel *channel)
{
	mutex_init(&channel->inbound.ring_buffer_mutex);
	mutex_init(&channel->outbound.ring_buffer_mutex);
	spin_lock_init(&channel->inbound.ring_lock);
	spin_lock_init(&channel->outbound.ring_lock);
}

static void *map_twice(struct page *pages, u32 count)
{
	u32 total = 2 * count - 1;
	struct page **list;
	void *mapping;
	u32 i;

	list = kvmalloc_array(total, sizeof(*list), GFP_KERNEL);
	if (!list)
		return NULL;
	list[0] = pages;
	for (i = 0; i < total - 1; i++)
		list[i + 1] = pages + 1 + i % (count - 1);
	mapping = vmap(list, total, VM_MAP, PAGE_KERNEL);
	kvfree(list);
	return mapping;
}

static int one_map(struct hv_ring_buffer_info *info, struct page *pages, u32 count)
{
	void *mapping = map_twice(pages, count);

	if (!mapping)
		return -ENOMEM;

	mutex_lock(&info->ring_buffer_mutex);
	info->ring_buffer = mapping;
	memset(info->ring_buffer, 0, sizeof(*info->ring_buffer));
	/* Both sides say when they wait for room, and look at whether the other does. */
	info->ring_buffer->feature_bits.value = 1;
	info->ring_size = count << PAGE_SHIFT;
	info->ring_size_div10_reciprocal = reciprocal_value(info->ring_size / 10);
	info->ring_datasize = info->ring_size - sizeof(struct hv_ring_buffer);
	info->priv_read_index = 0;
	mutex_unlock(&info->ring_buffer_mutex);
	return 0;
}

/*
 * Writers hold ring_lock, debug files the mutex, and readers are gone. So is
 * whoever could break the channel, once the outbound ring is.
 */
static void one_unmap(struct hv_ring_buffer_info *info, void *mapping)
{
	unsigned long flags;

	mutex_lock(&info->ring_buffer_mutex);
	spin_lock_irqsave(&info->ring_lock, flags);
	info->ring_buffer = NULL;
	spin_unlock_irqrestore(&info->ring_lock, flags);
	mutex_unlock(&info->ring_buffer_mutex);
	vunmap(mapping);
}

void vmbus_ring_hide(struct vmbus_chan *chan)
{
	WRITE_ONCE(chan->channel.inbound.ring_buffer, (struct hv_ring_buffer *)empty_header);
}

static void inbound_unmap(struct vmbus_chan *chan)
{
	struct hv_ring_buffer *mapping = chan->inbound_ring;

	chan->inbound_ring = NULL;
	one_unmap(&chan->channel.inbound, mapping);
}

static int packet_alloc(struct vmbus_chan *chan)
{
	u32 named = compat_max_packet(&chan->channel);
	u32 most = named ? max_t(u32, named, PACKET_NAMED_MIN) : VMBUS_PACKET_MAX;

	/* No packet is larger than the ring it comes through. */
	chan->packet_room = min(most, chan->channel.inbound.ring_datasize);
	chan->packet = kvmalloc(chan->packet_room, GFP_KERNEL);
	chan->packet_ring_len = 0;
	chan->published_read = 0;
	return chan->packet ? 0 : -ENOMEM;
}

int vmbus_ring_map(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	struct page *pages = channel->ringbuffer_page;
	u32 send_count = channel->ringbuffer_send_offset;
	int ret;

	ret = one_map(&channel->outbound, pages, send_count);
	if (ret)
		return ret;
	ret = one_map(&channel->inbound, pages + send_count,
		      channel->ringbuffer_pagecount - send_count);
	if (ret)
		goto unmap_outbound;
	chan->inbound_ring = channel->inbound.ring_buffer;
	ret = packet_alloc(chan);
	if (ret)
		goto unmap_inbound;
	channel->out_full_flag = false;
	return 0;

unmap_inbound:
	inbound_unmap(chan);
unmap_outbound:
	one_unmap(&channel->outbound, channel->outbound.ring_buffer);
	return ret;
}

void vmbus_ring_unmap(struct vmbus_chan *chan)
{
	one_unmap(&chan->channel.outbound, chan->channel.outbound.ring_buffer);
	inbound_unmap(chan);
	kvfree(chan->packet);
	chan->packet = NULL;
}
