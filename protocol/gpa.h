/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_GPA_H
#define PROTOCOL_GPA_H

#include "protocol/types.h"

/* A range of guest memory, as GPADLs and GPA-direct packets name it. */
struct hvp_gpa_range {
	u32 byte_count;
	u32 byte_offset;	/* into the first page, < HVP_PAGE_SIZE */
	u64 pfn[];		/* host pages, whatever the guest's page size */
} HVP_PACKED;
static_assert(sizeof(struct hvp_gpa_range) == 8, "GPA range");

/* Frames that a range touches; the sum of count and offset may not fit 32 bits. */
static inline u32 hvp_gpa_range_pages(u32 byte_count, u32 byte_offset)
{
	if (byte_count == 0)
		return 0;
	return ((u64)byte_offset + byte_count + HVP_PAGE_MASK) >> HVP_PAGE_SHIFT;
}

#endif
