/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_RING_H
#define PROTOCOL_RING_H

#include "protocol/types.h"

/*
 * Ring arithmetic: values in, decisions out. Whoever owns the memory does the
 * loads, stores and barriers, so the same code serves the guest over the
 * kernel's ring structures, the test host over mapped guest pages, and the
 * model tests.
 *
 *   page 0: header            page 1...: data, `size` bytes
 *   +0  write_index   (producer)        0            r        w        size
 *   +4  read_index    (consumer)        |............|xxxxxxxx|........|
 *   +8  interrupt_mask (consumer)             free     queued    free
 *   +12 pending_send_size (producer)
 *   +64 features
 *
 * Equal indices mean empty, so the queue never fills to the last byte.
 * Indices are byte offsets into the data, multiples of 8.
 */
struct hvp_ring_header {
	u32 write_index;
	u32 read_index;
	u32 interrupt_mask;	/* consumer: 1 = do not signal me */
	u32 pending_send_size;	/* producer: signal me when more than this is free */
	u32 reserved1[12];
	u32 features;		/* HVP_RING_FEATURE_* */
	u8 reserved2[HVP_PAGE_SIZE - 68];
};
static_assert(sizeof(struct hvp_ring_header) == HVP_PAGE_SIZE, "ring header");

#define HVP_RING_FEATURE_PENDING_SEND	0x1u

/* Bytes behind each packet: 8 reserved, of which the upper half is the packet's start. */
#define HVP_RING_TRAILER 8u

static inline bool hvp_ring_index_ok(u32 index, u32 size)
{
	return index < size && (index & 7) == 0;
}

/* Bytes queued. Both indices passed hvp_ring_index_ok(). */
static inline u32 hvp_ring_readable(u32 write, u32 read, u32 size)
{
	return write >= read ? write - read : size - read + write;
}

/* Bytes free; a packet fits only if it is smaller than this. */
static inline u32 hvp_ring_writable(u32 write, u32 read, u32 size)
{
	return size - hvp_ring_readable(write, read, size);
}

static inline bool hvp_ring_fits(u32 writable, u32 bytes)
{
	return bytes < writable;
}

/* @delta <= @size */
static inline u32 hvp_ring_advance(u32 index, u32 delta, u32 size)
{
	u32 room = size - index;

	return delta < room ? index + delta : delta - room;
}

/* Ring bytes a packet of @len8_bytes takes (header and payload, multiple of 8). */
static inline u32 hvp_ring_packet_bytes(u32 len8_bytes)
{
	return len8_bytes + HVP_RING_TRAILER;
}

static inline u64 hvp_ring_trailer(u32 packet_start)
{
	return (u64)packet_start << 32;
}

/**
 * hvp_ring_signal_after_write() - must the producer signal after publishing
 * @first:	write index before the batch (what was published last time)
 * @read:	read index, loaded after a full barrier that follows the publication
 * @mask:	interrupt mask, loaded after the same barrier
 *
 * The contract: the consumer clears its mask, then looks once more; so only the
 * change from empty to non-empty needs a signal, and only while unmasked. The
 * ring was empty if the consumer had read everything before this batch.
 */
static inline bool hvp_ring_signal_after_write(u32 first, u32 read, u32 mask)
{
	return mask == 0 && read == first;
}

/**
 * hvp_ring_signal_after_read() - must the consumer signal after freeing space
 * @pending:	pending_send_size, loaded after a full barrier that follows the
 *		publication of the read index
 * @free_now:	bytes writable now, from a write index loaded after that barrier
 * @free_before: @free_now less the bytes this read freed. Both come from one write
 *		index: an older one misses what the producer wrote before it blocked,
 *		and its wake-up is lost.
 *
 * The contract: a blocked producer publishes the size it waits for and looks
 * once more; the consumer signals when free space crosses that size.
 */
static inline bool hvp_ring_signal_after_read(u32 pending, u32 free_before, u32 free_now)
{
	return pending != 0 && free_before <= pending && free_now > pending;
}

/*
 * Copy @len <= @size bytes out of or into a ring, across its end. The other side
 * may be writing: the barrier keeps the compiler from reading a byte again later.
 */
static inline void hvp_ring_copy_out(void *dst, const u8 *data, u32 size, u32 index, u32 len)
{
	u32 head = size - index < len ? size - index : len;

	memcpy(dst, data + index, head);
	memcpy((u8 *)dst + head, data, len - head);
	hvp_compiler_barrier();
}

static inline void hvp_ring_copy_in(u8 *data, u32 size, u32 index, const void *src, u32 len)
{
	u32 head = size - index < len ? size - index : len;

	memcpy(data + index, src, head);
	memcpy(data, (const u8 *)src + head, len - head);
}

#endif
