// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/packet.h"

#include "tests/fuzz/fuzz.h"

#define MAX_PFNS 8

/* ring size in 8-byte units, write index, read index, data */
static void walk_ranges(const struct hvp_packet_iter *it, const struct hvp_packet *pkt)
{
	u64 *pfns = malloc(MAX_PFNS * sizeof(*pfns));
	u32 byte_count, byte_offset, count, steps = 0;
	struct hvp_gpa_cursor cursor;

	require(pfns);
	if (hvp_gpa_first(it, pkt, &cursor) == 0) {
		while (hvp_gpa_next(it, pkt, &cursor, &byte_count, &byte_offset, pfns, MAX_PFNS,
				    &count) == 1) {
			require(count <= MAX_PFNS && byte_offset < HVP_PAGE_SIZE);
			require(byte_count <= (u64)count * HVP_PAGE_SIZE);
			require(cursor.offset <= pkt->header_len);
			require(++steps <= pkt->header_len / 8);
		}
	}
	free(pfns);
}

static void read_all(const struct hvp_packet_iter *it, const struct hvp_packet *pkt)
{
	u32 len = pkt->header_len + pkt->payload_len;
	u8 *whole = malloc(len), *payload = malloc(pkt->payload_len + 1);

	require(whole && payload);
	require(hvp_packet_read(it, pkt, 0, whole, len) == 0);
	require(hvp_packet_read(it, pkt, 0, whole, len + 1) == -EBADMSG);
	require(hvp_packet_payload(it, pkt, payload, pkt->payload_len + 1) == pkt->payload_len);
	require(memcmp(whole + pkt->header_len, payload, pkt->payload_len) == 0);
	free(payload);
	free(whole);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u32 ring_size = input_u8(&in) * 8;
	u32 write = input_u32(&in), read = input_u32(&in);
	u8 *ring = input_block(&in, ring_size);
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	int ret = 0;

	if (hvp_packet_iter_init(&it, ring, ring_size, write, read) == 0) {
		require(it.left < ring_size);
		while ((ret = hvp_packet_peek(&it, &pkt)) == 1) {
			u32 left = it.left;

			read_all(&it, &pkt);
			walk_ranges(&it, &pkt);
			hvp_packet_next(&it, &pkt);
			require(it.left < left && it.read < ring_size);
		}
		require(ret != 0 || it.read == write);
	}
	free(ring);
	return 0;
}
