// SPDX-License-Identifier: GPL-2.0-only
#include "host/vmbus/ring.h"

#include <stdlib.h>

#include "host/machine/memory.h"

static int fail(struct ring_fault *fault, enum checker_rule rule, const char *what, u64 value)
{
	*fault = (struct ring_fault){ .rule = rule, .what = what, .value = value };
	return -EPROTO;
}

int ring_attach(struct ring *ring, u8 **pages, u32 count, bool consumer, struct ring_fault *fault)
{
	struct hvp_ring_header *header = (struct hvp_ring_header *)pages[0];
	u32 size = (count - 1) * HVP_PAGE_SIZE;
	u32 read = gmem_load_u32(&header->read_index);
	u32 write = gmem_load_u32(&header->write_index);
	u32 i;

	if (!hvp_ring_index_ok(read, size) || !hvp_ring_index_ok(write, size))
		return fail(fault, RULE_OPEN_RING, "ring index at open", read > write ? read : write);
	if (!consumer && read != write)
		return fail(fault, RULE_OPEN_RING, "host-to-guest ring not empty at open", write);

	*ring = (struct ring){ .header = header, .size = size, .read = read, .write = write };
	/* A consumer has accepted nothing yet: what the guest queued early is new. */
	if (consumer)
		ring->write = read;
	ring->published = consumer ? read : write;
	ring->mask = gmem_load_u32(&header->interrupt_mask);

	ring->page = malloc((count - 1) * sizeof(*ring->page));
	if (!ring->page) {
		*ring = (struct ring){ 0 };
		return -ENOMEM;
	}
	/* What an earlier open of the same memory waited for is over. */
	if (!consumer)
		gmem_store_u32(&header->pending_send_size, 0);
	for (i = 0; i < count - 1; i++)
		ring->page[i] = pages[i + 1];
	return 0;
}

void ring_detach(struct ring *ring)
{
	free(ring->page);
	*ring = (struct ring){ 0 };
}

static void copy_out(const struct ring *ring, u32 index, void *dst, u32 len)
{
	u8 *to = dst;

	while (len) {
		u32 in_page = index & HVP_PAGE_MASK;
		u32 part = HVP_PAGE_SIZE - in_page;

		if (part > len)
			part = len;
		memcpy(to, ring->page[index >> HVP_PAGE_SHIFT] + in_page, part);
		to += part;
		len -= part;
		index = hvp_ring_advance(index, part, ring->size);
	}
}

static void copy_in(const struct ring *ring, u32 index, const void *src, u32 len)
{
	const u8 *from = src;

	while (len) {
		u32 in_page = index & HVP_PAGE_MASK;
		u32 part = HVP_PAGE_SIZE - in_page;

		if (part > len)
			part = len;
		memcpy(ring->page[index >> HVP_PAGE_SHIFT] + in_page, from, part);
		from += part;
		len -= part;
		index = hvp_ring_advance(index, part, ring->size);
	}
}

/* Consumer */

u32 ring_recv_left(const struct ring *ring)
{
	return hvp_ring_readable(ring->write, ring->read, ring->size);
}

int ring_recv_begin(struct ring *ring, struct ring_fault *fault)
{
	u32 write = gmem_load_u32(&ring->header->write_index);
	u32 read = gmem_load_u32(&ring->header->read_index);

	if (read != ring->published)
		return fail(fault, RULE_RING_HOST_FIELD, "read index of the guest-to-host ring", read);
	if (!hvp_ring_index_ok(write, ring->size))
		return fail(fault, RULE_RING_INDEX, "write index", write);
	if (hvp_ring_readable(write, ring->read, ring->size) < ring_recv_left(ring))
		return fail(fault, RULE_RING_BACKWARDS, "write index", write);

	ring->write = write;
	return (int)ring_recv_left(ring);
}

static int check_packet(const struct ring *ring, u32 left, struct hvp_packet *pkt,
			struct ring_fault *fault)
{
	struct hvp_packet_desc desc;
	u64 trailer;

	if (left < sizeof(desc) + HVP_RING_TRAILER)
		return fail(fault, RULE_RING_PACKET, "bytes left for a packet", left);
	copy_out(ring, ring->read, &desc, sizeof(desc));
	if (hvp_packet_check(&desc, left, pkt))
		return fail(fault, RULE_RING_PACKET, "len8 << 16 | offset8",
			    (u64)desc.len8 << 16 | desc.offset8);
	if (pkt->type < HVP_PKT_INBAND || pkt->type > HVP_PKT_ADDITIONAL_DATA)
		return fail(fault, RULE_RING_PACKET, "type", pkt->type);

	copy_out(ring, hvp_ring_advance(ring->read, pkt->ring_len - HVP_RING_TRAILER, ring->size),
		 &trailer, sizeof(trailer));
	if (trailer != hvp_ring_trailer(ring->read))
		return fail(fault, RULE_RING_TRAILER, "trailer", trailer);
	return 0;
}

static int grow(u8 **buf, u32 *room, u32 len)
{
	u8 *bigger;

	if (len <= *room)
		return 0;
	bigger = realloc(*buf, len);
	if (!bigger)
		return -ENOMEM;
	*buf = bigger;
	*room = len;
	return 0;
}

int ring_recv_next(struct ring *ring, u8 **buf, u32 *room, struct hvp_packet *pkt,
		   struct ring_fault *fault)
{
	u32 left = ring_recv_left(ring);
	u32 len;
	int ret;

	if (left == 0)
		return 0;
	ret = check_packet(ring, left, pkt, fault);
	if (ret)
		return ret;

	len = pkt->header_len + pkt->payload_len;
	ret = grow(buf, room, len);
	if (ret)
		return ret;
	/* The descriptor was checked already: what the guest changed since does not count. */
	copy_out(ring, ring->read, *buf, len);
	ring->read = hvp_ring_advance(ring->read, pkt->ring_len, ring->size);
	return 1;
}

bool ring_recv_end(struct ring *ring)
{
	u32 before, now, pending, write;

	if (ring->published == ring->read)
		return false;

	before = ring->published;
	gmem_store_u32(&ring->header->read_index, ring->read);
	ring->published = ring->read;
	gmem_full_barrier();	/* pairs with the guest's between pending_send_size and its look */

	pending = gmem_load_u32(&ring->header->pending_send_size);
	if (pending == 0)
		return false;
	write = gmem_load_u32(&ring->header->write_index);
	if (!hvp_ring_index_ok(write, ring->size))
		return false;	/* the next ring_recv_begin() reports it */
	now = hvp_ring_writable(write, ring->read, ring->size);
	before = hvp_ring_writable(write, before, ring->size);
	return hvp_ring_signal_after_read(pending, before, now);
}

int ring_mask(struct ring *ring, bool masked, struct ring_fault *fault)
{
	u32 found = gmem_load_u32(&ring->header->interrupt_mask);

	if (found != ring->mask)
		return fail(fault, RULE_RING_HOST_FIELD, "interrupt mask of the guest-to-host ring",
			    found);
	ring->mask = masked ? 1 : 0;
	gmem_store_u32(&ring->header->interrupt_mask, ring->mask);
	gmem_full_barrier();	/* pairs with the guest's between its write index and the mask */
	return 0;
}

u32 ring_peek(const struct ring *ring)
{
	u32 write = gmem_load_u32(&ring->header->write_index);

	if (!hvp_ring_index_ok(write, ring->size))
		return 0;
	return hvp_ring_readable(write, ring->read, ring->size);
}

/* Producer */

int ring_send_room(struct ring *ring, struct ring_fault *fault)
{
	u32 read = gmem_load_u32(&ring->header->read_index);
	u32 write = gmem_load_u32(&ring->header->write_index);
	u32 pending = gmem_load_u32(&ring->header->pending_send_size);

	if (write != ring->published)
		return fail(fault, RULE_RING_HOST_FIELD, "write index of the host-to-guest ring", write);
	if (pending != ring->pending)
		return fail(fault, RULE_RING_HOST_FIELD,
			    "pending send size of the host-to-guest ring", pending);
	if (!hvp_ring_index_ok(read, ring->size))
		return fail(fault, RULE_RING_INDEX, "read index", read);
	/* The guest can only have read what was published. */
	if (hvp_ring_readable(ring->published, read, ring->size) >
	    hvp_ring_readable(ring->published, ring->read, ring->size))
		return fail(fault, RULE_RING_BACKWARDS, "read index", read);

	ring->read = read;
	return (int)hvp_ring_writable(ring->write, read, ring->size);
}

void ring_send_put(struct ring *ring, const void *bytes, u32 len)
{
	copy_in(ring, ring->write, bytes, len);
	ring->write = hvp_ring_advance(ring->write, len, ring->size);
}

int ring_send_commit(struct ring *ring, struct ring_fault *fault)
{
	u32 first = ring->published;
	u32 mask;
	int ret;

	if (first == ring->write)
		return 0;
	gmem_store_u32(&ring->header->write_index, ring->write);
	ring->published = ring->write;
	gmem_full_barrier();	/* pairs with the guest's between its mask and its second look */

	mask = gmem_load_u32(&ring->header->interrupt_mask);
	ret = ring_send_room(ring, fault);
	if (ret < 0)
		return ret;
	return hvp_ring_signal_after_write(first, ring->read, mask);
}

void ring_send_want(struct ring *ring, u32 bytes)
{
	if (ring->pending == bytes)
		return;
	ring->pending = bytes;
	gmem_store_u32(&ring->header->pending_send_size, bytes);
	gmem_full_barrier();	/* pairs with the guest's between its read index and this word */
}

bool ring_send_can_want(const struct ring *ring)
{
	return gmem_load_u32(&ring->header->features) & HVP_RING_FEATURE_PENDING_SEND;
}
