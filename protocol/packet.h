/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_PACKET_H
#define PROTOCOL_PACKET_H

#include "protocol/gpa.h"
#include "protocol/ring.h"
#include "protocol/types.h"

/* What lies in a ring: a descriptor, a type-specific header, the payload, padding, a trailer. */
enum hvp_packet_type {
	HVP_PKT_INBAND		= 6,
	HVP_PKT_XFER_PAGES	= 7,
	HVP_PKT_GPADL		= 8,
	HVP_PKT_GPA_DIRECT	= 9,
	HVP_PKT_CANCEL		= 10,
	HVP_PKT_COMPLETION	= 11,
	HVP_PKT_ADDITIONAL	= 12,
	HVP_PKT_ADDITIONAL_DATA	= 13,
};

#define HVP_PKT_WANT_COMPLETION	0x1

struct hvp_packet_desc {
	u16 type;		/* enum hvp_packet_type */
	u16 offset8;		/* payload starts here, in 8-byte units from the descriptor */
	u16 len8;		/* descriptor, headers and padded payload, in 8-byte units */
	u16 flags;
	u64 transaction;	/* opaque, echoed in the completion */
} HVP_PACKED;
static_assert(sizeof(struct hvp_packet_desc) == 16, "packet descriptor");

/* HVP_PKT_GPA_DIRECT: behind the descriptor; then struct hvp_gpa_range, `range_count` times */
struct hvp_gpa_direct {
	u32 reserved;
	u32 range_count;
} HVP_PACKED;

/* HVP_PKT_XFER_PAGES: behind the descriptor; then ranges into a shared buffer */
struct hvp_xfer_pages {
	u16 pageset;
	u8 sender_owns_set;
	u8 reserved;
	u32 range_count;
} HVP_PACKED;

struct hvp_xfer_range {
	u32 byte_count;
	u32 byte_offset;
} HVP_PACKED;

/* A descriptor that was copied once and found sound. All in bytes. */
struct hvp_packet {
	u16 type;
	u16 flags;
	u32 header_len;		/* >= 16: descriptor and type header */
	u32 payload_len;	/* padded to 8 by the sender */
	u32 ring_len;		/* with trailer */
	u64 transaction;
};

/**
 * hvp_packet_check() - validate a descriptor
 * @desc:	private copy
 * @readable:	bytes queued in the ring from the descriptor on
 * @pkt:	written on success
 *
 * Return: 0; -EBADMSG when lengths or offset do not fit each other or @readable.
 * A bad descriptor ends the use of the ring: the next packet's place is unknown.
 */
int hvp_packet_check(const struct hvp_packet_desc *desc, u32 readable, struct hvp_packet *pkt);

/*
 * Bounded walk over the packets between two index snapshots. It never looks at
 * shared indices, never reads a byte of a descriptor twice, and ends after the
 * bytes that were queued at hvp_packet_iter_init().
 */
struct hvp_packet_iter {
	const u8 *data;
	u32 size;
	u32 read;		/* start of the current packet; publish this after hvp_packet_next() */
	u32 left;		/* bytes queued from `read` on */
};

/**
 * hvp_packet_iter_init() - begin at a snapshot of the indices
 *
 * Return: 0, or -EBADMSG when an index is out of range or unaligned.
 */
int hvp_packet_iter_init(struct hvp_packet_iter *it, const void *data, u32 size, u32 write,
			 u32 read);

/**
 * hvp_packet_peek() - the packet at the iterator, which stays
 *
 * Return: 1 and @pkt; 0 when nothing is left; -EBADMSG for a malformed packet.
 */
int hvp_packet_peek(const struct hvp_packet_iter *it, struct hvp_packet *pkt);

/**
 * hvp_packet_next() - step over a packet that hvp_packet_peek() returned
 */
void hvp_packet_next(struct hvp_packet_iter *it, const struct hvp_packet *pkt);

/**
 * hvp_packet_read() - copy bytes of the current packet, counted from its descriptor
 *
 * Return: 0, or -EBADMSG when @offset + @len leaves the packet (trailer excluded).
 */
int hvp_packet_read(const struct hvp_packet_iter *it, const struct hvp_packet *pkt, u32 offset,
		    void *dst, u32 len);

/**
 * hvp_packet_payload() - copy at most @room bytes of the payload
 *
 * Return: bytes copied: the smaller of the payload and @room.
 */
u32 hvp_packet_payload(const struct hvp_packet_iter *it, const struct hvp_packet *pkt, void *dst,
		       u32 room);

/* One range of a GPA-direct packet, bounds checked; frames follow one by one. */
struct hvp_gpa_cursor {
	u32 offset;		/* of the next range, from the descriptor */
	u32 ranges_left;
};

/**
 * hvp_gpa_first() - begin with the ranges of a HVP_PKT_GPA_DIRECT packet
 *
 * A list of no ranges is legal. Bytes between the last frame and the payload are
 * ignored: senders reserve room for a longest list.
 *
 * Return: 0, or -EBADMSG when the type or its header does not fit.
 */
int hvp_gpa_first(const struct hvp_packet_iter *it, const struct hvp_packet *pkt,
		  struct hvp_gpa_cursor *c);

/**
 * hvp_gpa_next() - the next range
 * @byte_count:	bytes of the range
 * @byte_offset: into its first page
 * @pfns:	room for @max frames
 * @max:	a range with more frames is refused
 * @count:	frames written
 *
 * A range of no bytes has no frames, wherever it starts in its page.
 *
 * Return: 1; 0 when no range is left; -EBADMSG when it leaves the packet's
 * header or starts beyond its first page; -E2BIG for more than @max frames.
 */
int hvp_gpa_next(const struct hvp_packet_iter *it, const struct hvp_packet *pkt,
		 struct hvp_gpa_cursor *c, u32 *byte_count, u32 *byte_offset, u64 *pfns, u32 max,
		 u32 *count);

#endif
