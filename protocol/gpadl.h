/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_GPADL_H
#define PROTOCOL_GPADL_H

#include "protocol/chanmsg.h"
#include "protocol/gpa.h"
#include "protocol/types.h"

/*
 * A guest physical address descriptor list shares an area of guest memory with
 * the host. It holds one range here: byte count, offset into the first page,
 * and one frame number per host page. The list is longer than a message, so it
 * is split over a header and as many bodies as needed:
 *
 *   header: relid gpadl | count offset | up to 26 frames
 *   body:   0     gpadl |              | up to 28 frames
 *
 * Bodies follow their header in order. Their number is reserved in practice:
 * Linux guests send 0 and hosts do not look, so 0 is what is built here, and
 * parsing takes 0 as well as the right number.
 */
#define HVP_GPADL_HEADER_PFNS	26u
#define HVP_GPADL_BODY_PFNS	28u
/* range_buflen is 16 bits: 8 bytes of range header, then frames. */
#define HVP_GPADL_MAX_PFNS	((0xffffu - 8) / 8)

/* The range as both sides keep it. */
struct hvp_gpadl_info {
	u32 relid;
	u32 gpadl;
	u32 byte_count;
	u32 byte_offset;	/* into the first page, < HVP_PAGE_SIZE */
	u32 pfn_count;
};

/**
 * hvp_gpadl_message_count() - messages needed for @pfn_count frames, header included
 */
u32 hvp_gpadl_message_count(u32 pfn_count);

/**
 * hvp_gpadl_build() - build message @index of a list
 * @info:	the list
 * @index:	0 for the header, then bodies 1, 2, ...
 * @pfn_at:	returns frame @i of the list; lets the caller keep pages in any form
 * @opaque:	for @pfn_at
 * @out:	zeroed and filled
 *
 * Return: length of the message, or -EINVAL for an index or list out of range.
 */
int hvp_gpadl_build(const struct hvp_gpadl_info *info, u32 index,
		    u64 (*pfn_at)(void *opaque, u32 i), void *opaque, union hvp_chanmsg *out);

/**
 * hvp_gpadl_parse_header() - check a header and read what it says of the list
 * @msg:	private copy that passed hvp_chanmsg_check()
 * @len:	its length
 * @info:	written on success
 * @pfns:	room for HVP_GPADL_HEADER_PFNS frames
 * @count:	frames written to @pfns
 *
 * The list holds exactly the frames that its bytes touch, and every message is
 * full except the last.
 *
 * Return: 0, or -EINVAL when counts, lengths or offset contradict each other.
 */
int hvp_gpadl_parse_header(const union hvp_chanmsg *msg, size_t len, struct hvp_gpadl_info *info,
			   u64 *pfns, u32 *count);

/**
 * hvp_gpadl_parse_body() - read the frames of a body
 * @msg:	private copy that passed hvp_chanmsg_check()
 * @len:	its length
 * @info:	the list it belongs to
 * @have:	frames already received
 * @expect:	number this body must carry unless it carries 0
 * @pfns:	room for HVP_GPADL_BODY_PFNS frames
 * @count:	frames written
 *
 * Return: 0, or -EINVAL for a wrong handle, number or length.
 */
int hvp_gpadl_parse_body(const union hvp_chanmsg *msg, size_t len,
			 const struct hvp_gpadl_info *info, u32 have, u32 expect, u64 *pfns,
			 u32 *count);

#endif
