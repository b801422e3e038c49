// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/packet.h"

#define DESC_LEN	sizeof(struct hvp_packet_desc)
#define GPA_LIST	(DESC_LEN + sizeof(struct hvp_gpa_direct))

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

int hvp_packet_check(const struct hvp_packet_desc *desc, u32 readable, struct hvp_packet *pkt)
{
	u32 header_len = (u32)desc->offset8 * 8;
	u32 len = (u32)desc->len8 * 8;

	if (header_len < DESC_LEN || len < header_len)
		return -EBADMSG;
	if (hvp_ring_packet_bytes(len) > readable)
		return -EBADMSG;

	pkt->type = desc->type;
	pkt->flags = desc->flags;
	pkt->header_len = header_len;
	pkt->payload_len = len - header_len;
	pkt->ring_len = hvp_ring_packet_bytes(len);
	pkt->transaction = desc->transaction;
	return 0;
}

int hvp_packet_iter_init(struct hvp_packet_iter *it, const void *data, u32 size, u32 write,
			 u32 read)
{
	if (!hvp_ring_index_ok(write, size) || !hvp_ring_index_ok(read, size))
		return -EBADMSG;

	it->data = data;
	it->size = size;
	it->read = read;
	it->left = hvp_ring_readable(write, read, size);
	return 0;
}

int hvp_packet_peek(const struct hvp_packet_iter *it, struct hvp_packet *pkt)
{
	struct hvp_packet_desc desc;
	int err;

	if (it->left == 0)
		return 0;
	if (it->left < sizeof(desc))
		return -EBADMSG;

	hvp_ring_copy_out(&desc, it->data, it->size, it->read, sizeof(desc));
	err = hvp_packet_check(&desc, it->left, pkt);
	return err ? err : 1;
}

void hvp_packet_next(struct hvp_packet_iter *it, const struct hvp_packet *pkt)
{
	it->read = hvp_ring_advance(it->read, pkt->ring_len, it->size);
	it->left -= pkt->ring_len;
}

/* The caller knows that the bytes lie in the current packet. */
static void copy_out(const struct hvp_packet_iter *it, u32 offset, void *dst, u32 len)
{
	u32 at = hvp_ring_advance(it->read, offset, it->size);

	hvp_ring_copy_out(dst, it->data, it->size, at, len);
}

int hvp_packet_read(const struct hvp_packet_iter *it, const struct hvp_packet *pkt, u32 offset,
		    void *dst, u32 len)
{
	u32 end = pkt->header_len + pkt->payload_len;

	if (offset > end || len > end - offset)
		return -EBADMSG;

	copy_out(it, offset, dst, len);
	return 0;
}

u32 hvp_packet_payload(const struct hvp_packet_iter *it, const struct hvp_packet *pkt, void *dst,
		       u32 room)
{
	u32 len = min_u32(pkt->payload_len, room);

	copy_out(it, pkt->header_len, dst, len);
	return len;
}

int hvp_gpa_first(const struct hvp_packet_iter *it, const struct hvp_packet *pkt,
		  struct hvp_gpa_cursor *c)
{
	struct hvp_gpa_direct list;

	if (pkt->type != HVP_PKT_GPA_DIRECT || pkt->header_len < GPA_LIST)
		return -EBADMSG;
	copy_out(it, DESC_LEN, &list, sizeof(list));
	if (list.range_count > (pkt->header_len - GPA_LIST) / sizeof(struct hvp_gpa_range))
		return -EBADMSG;

	c->offset = GPA_LIST;
	c->ranges_left = list.range_count;
	return 0;
}

int hvp_gpa_next(const struct hvp_packet_iter *it, const struct hvp_packet *pkt,
		 struct hvp_gpa_cursor *c, u32 *byte_count, u32 *byte_offset, u64 *pfns, u32 max,
		 u32 *count)
{
	struct hvp_gpa_range range;
	u32 room, pages;

	if (c->ranges_left == 0)
		return 0;
	if (c->offset > pkt->header_len || pkt->header_len - c->offset < sizeof(range))
		return -EBADMSG;
	copy_out(it, c->offset, &range, sizeof(range));
	if (range.byte_offset >= HVP_PAGE_SIZE)
		return -EBADMSG;

	room = pkt->header_len - c->offset - sizeof(range);
	pages = hvp_gpa_range_pages(range.byte_count, range.byte_offset);
	if (pages > room / sizeof(*pfns))
		return -EBADMSG;
	if (pages > max)
		return -E2BIG;
	copy_out(it, c->offset + sizeof(range), pfns, pages * sizeof(*pfns));

	c->offset += sizeof(range) + pages * sizeof(*pfns);
	c->ranges_left--;
	*byte_count = range.byte_count;
	*byte_offset = range.byte_offset;
	*count = pages;
	return 1;
}
