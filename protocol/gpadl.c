// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/gpadl.h"

#define HEADER_LEN	(sizeof(struct hvp_gpadl_header) + sizeof(struct hvp_gpa_range))
#define BODY_LEN	sizeof(struct hvp_gpadl_body)

static_assert(HEADER_LEN + HVP_GPADL_HEADER_PFNS * sizeof(u64) <= HVP_MESSAGE_PAYLOAD_MAX,
	      "frames of a header");
static_assert(BODY_LEN + HVP_GPADL_BODY_PFNS * sizeof(u64) <= HVP_MESSAGE_PAYLOAD_MAX,
	      "frames of a body");

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static bool info_ok(const struct hvp_gpadl_info *info)
{
	return info->pfn_count > 0 && info->pfn_count <= HVP_GPADL_MAX_PFNS &&
	       info->byte_offset < HVP_PAGE_SIZE &&
	       hvp_gpa_range_pages(info->byte_count, info->byte_offset) == info->pfn_count;
}

u32 hvp_gpadl_message_count(u32 pfn_count)
{
	u32 rest;

	if (pfn_count <= HVP_GPADL_HEADER_PFNS)
		return 1;
	rest = pfn_count - HVP_GPADL_HEADER_PFNS;
	return 1 + rest / HVP_GPADL_BODY_PFNS + (rest % HVP_GPADL_BODY_PFNS != 0);
}

/* The list of frames starts at an odd multiple of 4, so it is copied, not assigned. */
static u32 put_frames(u8 *to, u32 first, u32 count, u64 (*pfn_at)(void *opaque, u32 i),
		      void *opaque)
{
	u32 i;

	for (i = 0; i < count; i++) {
		u64 pfn = pfn_at(opaque, first + i);

		memcpy(to + i * sizeof(pfn), &pfn, sizeof(pfn));
	}
	return count * sizeof(u64);
}

static int build_header(const struct hvp_gpadl_info *info, u64 (*pfn_at)(void *opaque, u32 i),
			void *opaque, union hvp_chanmsg *out)
{
	struct hvp_gpa_range range = {
		.byte_count = info->byte_count,
		.byte_offset = info->byte_offset,
	};

	out->gpadl_header.h.type = HVP_CM_GPADL_HEADER;
	out->gpadl_header.relid = info->relid;
	out->gpadl_header.gpadl = info->gpadl;
	out->gpadl_header.range_buflen = sizeof(range) + info->pfn_count * sizeof(u64);
	out->gpadl_header.range_count = 1;
	memcpy(out->bytes + sizeof(out->gpadl_header), &range, sizeof(range));
	return HEADER_LEN + put_frames(out->bytes + HEADER_LEN, 0,
				       min_u32(info->pfn_count, HVP_GPADL_HEADER_PFNS),
				       pfn_at, opaque);
}

int hvp_gpadl_build(const struct hvp_gpadl_info *info, u32 index,
		    u64 (*pfn_at)(void *opaque, u32 i), void *opaque, union hvp_chanmsg *out)
{
	u32 first;

	if (!info_ok(info) || index >= hvp_gpadl_message_count(info->pfn_count))
		return -EINVAL;

	memset(out, 0, sizeof(*out));
	if (index == 0)
		return build_header(info, pfn_at, opaque, out);

	first = HVP_GPADL_HEADER_PFNS + (index - 1) * HVP_GPADL_BODY_PFNS;
	out->gpadl_body.h.type = HVP_CM_GPADL_BODY;
	out->gpadl_body.gpadl = info->gpadl;
	return BODY_LEN + put_frames(out->bytes + BODY_LEN, first,
				     min_u32(info->pfn_count - first, HVP_GPADL_BODY_PFNS),
				     pfn_at, opaque);
}

int hvp_gpadl_parse_header(const union hvp_chanmsg *msg, size_t len, struct hvp_gpadl_info *info,
			   u64 *pfns, u32 *count)
{
	const struct hvp_gpadl_header *header = &msg->gpadl_header;
	struct hvp_gpadl_info list;
	struct hvp_gpa_range range;
	u32 here;

	if (len < HEADER_LEN || len > sizeof(*msg))
		return -EINVAL;
	if (header->range_count != 1 || header->range_buflen < sizeof(range) ||
	    header->range_buflen % sizeof(u64) != 0)
		return -EINVAL;

	memcpy(&range, msg->bytes + sizeof(*header), sizeof(range));
	list.relid = header->relid;
	list.gpadl = header->gpadl;
	list.byte_count = range.byte_count;
	list.byte_offset = range.byte_offset;
	list.pfn_count = (header->range_buflen - sizeof(range)) / sizeof(u64);
	if (!info_ok(&list))
		return -EINVAL;

	here = min_u32(list.pfn_count, HVP_GPADL_HEADER_PFNS);
	if (len != HEADER_LEN + here * sizeof(u64))
		return -EINVAL;

	memcpy(pfns, msg->bytes + HEADER_LEN, here * sizeof(u64));
	*info = list;
	*count = here;
	return 0;
}

int hvp_gpadl_parse_body(const union hvp_chanmsg *msg, size_t len,
			 const struct hvp_gpadl_info *info, u32 have, u32 expect, u64 *pfns,
			 u32 *count)
{
	const struct hvp_gpadl_body *body = &msg->gpadl_body;
	u32 here;

	if (len < BODY_LEN || have >= info->pfn_count)
		return -EINVAL;
	if (body->gpadl != info->gpadl || (body->number != expect && body->number != 0))
		return -EINVAL;

	here = min_u32(info->pfn_count - have, HVP_GPADL_BODY_PFNS);
	if (len != BODY_LEN + here * sizeof(u64))
		return -EINVAL;

	memcpy(pfns, msg->bytes + BODY_LEN, here * sizeof(u64));
	*count = here;
	return 0;
}
