// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/ring_writer.h"

#include <linux/hyperv.h>
#include <linux/lockdep.h>

#include "protocol/ring.h"

void ring_writer_init(struct ring_writer *w, struct vmbus_channel *channel,
		      unsigned int low_water_percent)
{
	struct hv_ring_buffer_info *ring = &channel->outbound;

	memset(w, 0, sizeof(*w));
	w->channel = channel;
	w->data = hv_get_ring_buffer(ring);
	w->size = ring->ring_datasize;
	w->published = READ_ONCE(ring->ring_buffer->write_index);
	w->reserved = w->published;
	w->read = READ_ONCE(ring->ring_buffer->read_index);
	w->low_water = w->size / 100 * min(low_water_percent, 50u);
	w->broken = !hvp_ring_index_ok(w->published, w->size) ||
		    !hvp_ring_index_ok(w->read, w->size);
}

/* A look at what the other side wrote: once, and checked before it is used. */
static bool refresh_read(struct ring_writer *w)
{
	u32 read = READ_ONCE(w->channel->outbound.ring_buffer->read_index);
	u32 queued = hvp_ring_readable(w->published, w->read, w->size);

	/* It may only move forward, over bytes that were published. */
	if (!hvp_ring_index_ok(read, w->size) ||
	    hvp_ring_readable(w->published, read, w->size) > queued) {
		w->broken = true;
		return false;
	}
	w->read = read;
	return true;
}

static bool fits(const struct ring_writer *w, u32 bytes, bool reserve)
{
	u32 writable = hvp_ring_writable(w->reserved, w->read, w->size);

	return hvp_ring_fits(writable, bytes + (reserve ? w->low_water : 0));
}

static void count_full(struct ring_writer *w)
{
	struct vmbus_channel *channel = w->channel;

	w->full++;
	channel->out_full_total++;
	if (!channel->out_full_flag) {
		channel->out_full_flag = true;
		channel->out_full_first++;
	}
}

int ring_writer_begin(struct ring_writer *w, u32 bytes, bool reserve)
{
	u32 ring_bytes = hvp_ring_packet_bytes(bytes);

	lockdep_assert_held(&w->channel->outbound.ring_lock);
	if (unlikely(w->broken))
		return -EIO;

	if (unlikely(!fits(w, ring_bytes, reserve))) {
		if (!refresh_read(w))
			return -EIO;
		if (!fits(w, ring_bytes, reserve)) {
			count_full(w);
			return -EAGAIN;
		}
	}
	/*
	 * The stores that follow depend on the load of the read index: they do
	 * not overwrite what the host has still to read.
	 */
	if (unlikely(w->channel->out_full_flag))
		w->channel->out_full_flag = false;
	w->start = w->reserved;
	w->at = w->reserved;
	return 0;
}

void ring_writer_put(struct ring_writer *w, const void *bytes, u32 length)
{
	hvp_ring_copy_in(w->data, w->size, w->at, bytes, length);
	w->at = hvp_ring_advance(w->at, length, w->size);
}

void *ring_writer_straight(struct ring_writer *w, u32 length)
{
	return length <= w->size - w->at ? w->data + w->at : NULL;
}

void ring_writer_skip(struct ring_writer *w, u32 length)
{
	w->at = hvp_ring_advance(w->at, length, w->size);
}

void ring_writer_end(struct ring_writer *w)
{
	ring_writer_put64(w, hvp_ring_trailer(w->start));
	w->reserved = w->at;
}

bool ring_writer_publish(struct ring_writer *w)
{
	struct hv_ring_buffer *shared = w->channel->outbound.ring_buffer;
	u32 first = w->published;
	u32 mask;

	lockdep_assert_held(&w->channel->outbound.ring_lock);
	if (!ring_writer_pending(w) || w->broken)
		return false;
	/* Somebody else wrote: what is reserved lies over their packets. */
	if (READ_ONCE(shared->write_index) != first) {
		w->broken = true;
		return false;
	}

	/* Packets before the index: pairs with the host's loads in the other order. */
	virt_store_release(&shared->write_index, w->reserved);
	w->published = w->reserved;
	w->batches++;

	/* Index before the mask: pairs with the host, which unmasks and looks again. */
	virt_mb();
	mask = READ_ONCE(shared->interrupt_mask);
	if (!refresh_read(w) || !hvp_ring_signal_after_write(first, w->read, mask))
		return false;
	w->signals++;
	w->channel->intr_out_empty++;
	return true;
}
