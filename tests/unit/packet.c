// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/packet.h"

#include "tests/unit/unit.h"

#define SIZE	256u

/* The data of a ring in a heap block of its own, filled byte by byte. */
struct ring {
	u8 *data;
	u32 read;
	u32 write;
};

static struct ring ring_new(u32 start)
{
	struct ring ring = { .data = malloc(SIZE), .read = start, .write = start };

	memset(ring.data, 0xee, SIZE);
	return ring;
}

static void ring_put(struct ring *ring, const void *bytes, u32 len)
{
	for (u32 i = 0; i < len; i++) {
		ring->data[ring->write] = ((const u8 *)bytes)[i];
		ring->write = (ring->write + 1) % SIZE;
	}
}

static void ring_put_packet(struct ring *ring, const struct hvp_packet_desc *desc,
			    const void *rest, u32 rest_len)
{
	u64 trailer = hvp_ring_trailer(ring->write);

	ring_put(ring, desc, sizeof(*desc));
	ring_put(ring, rest, rest_len);
	ring_put(ring, &trailer, sizeof(trailer));
}

static struct hvp_packet_iter walk(const struct ring *ring)
{
	struct hvp_packet_iter it;

	assert_int_equal(hvp_packet_iter_init(&it, ring->data, SIZE, ring->write, ring->read), 0);
	return it;
}

static void check_one(u32 offset8, u32 len8, u32 readable, bool good)
{
	struct hvp_packet_desc desc = {
		.type = HVP_PKT_INBAND,
		.offset8 = offset8,
		.len8 = len8,
		.flags = 1,
		.transaction = 0x1122334455667788,
	};
	struct hvp_packet pkt = { .type = 0x7777 };

	assert_int_equal(hvp_packet_check(&desc, readable, &pkt), good ? 0 : -EBADMSG);
	if (!good) {
		assert_int_equal(pkt.type, 0x7777);
		return;
	}
	assert_int_equal(pkt.type, HVP_PKT_INBAND);
	assert_int_equal(pkt.flags, 1);
	assert_int_equal(pkt.header_len, offset8 * 8);
	assert_int_equal(pkt.payload_len, len8 * 8 - offset8 * 8);
	assert_int_equal(pkt.ring_len, len8 * 8 + 8);
	assert_true(pkt.transaction == 0x1122334455667788);
}

static void check_small_all(void **state)
{
	(void)state;
	for (u32 offset8 = 0; offset8 < 12; offset8++)
		for (u32 len8 = 0; len8 < 12; len8++)
			for (u32 readable = 0; readable < 12 * 8; readable++)
				check_one(offset8, len8, readable,
					  offset8 >= 2 && len8 >= offset8 && len8 * 8 + 8 <= readable);
}

static void check_edges(void **state)
{
	static const struct {
		u32 offset8, len8, readable;
		bool good;
	} cases[] = {
		{ 2, 2, 24, true },
		{ 2, 0, 24, false },		/* len8 = 0 */
		{ 2, 1, 24, false },
		{ 0, 2, 24, false },		/* payload over the descriptor */
		{ 1, 2, 24, false },
		{ 3, 2, 24, false },		/* payload behind the end */
		{ 2, 2, 23, false },
		{ 2, 2, 16, false },		/* no trailer */
		{ 2, 2, 0, false },
		{ 2, 0xffff, 0xffff * 8 + 8, true },
		{ 2, 0xffff, 0xffff * 8 + 7, false },
		{ 0xffff, 0xffff, 0xffff * 8 + 8, true },
		{ 0xffff, 0xfffe, ~0u, false },
		{ 2, 0xffff, ~0u, true },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
		check_one(cases[i].offset8, cases[i].len8, cases[i].readable, cases[i].good);
}

static void iter_refuses_bad_indices(void **state)
{
	static const struct {
		u32 write, read, size;
		int result;
	} cases[] = {
		{ 0, 0, 256, 0 }, { 248, 248, 256, 0 }, { 8, 248, 256, 0 },
		{ 256, 0, 256, -EBADMSG }, { 0, 256, 256, -EBADMSG },
		{ 264, 0, 256, -EBADMSG }, { 0, 0xfffffff8, 256, -EBADMSG },
		{ 4, 0, 256, -EBADMSG }, { 0, 1, 256, -EBADMSG }, { 7, 7, 256, -EBADMSG },
		{ 0, 0, 0, -EBADMSG },
	};
	u8 data[SIZE];

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_packet_iter it;

		assert_case(i, hvp_packet_iter_init(&it, data, cases[i].size, cases[i].write,
						    cases[i].read) == cases[i].result);
	}
}

static void expect_packet(struct hvp_packet_iter *it, u64 transaction, const u8 *payload, u32 len)
{
	u8 *room = malloc(len + 1);
	struct hvp_packet pkt;

	assert_int_equal(hvp_packet_peek(it, &pkt), 1);
	assert_true(pkt.transaction == transaction);
	assert_int_equal(pkt.payload_len, len);
	assert_int_equal(hvp_packet_payload(it, &pkt, room, len + 1), len);
	assert_memory_equal(room, payload, len);
	hvp_packet_next(it, &pkt);
	free(room);
}

/* Three packets, beginning at each place of the ring, so that every byte is at the end once. */
static void walk_wraps_everywhere(void **state)
{
	static const struct hvp_packet_desc desc[3] = {
		{ .type = HVP_PKT_INBAND, .offset8 = 2, .len8 = 4, .transaction = 1 },
		{ .type = HVP_PKT_COMPLETION, .offset8 = 2, .len8 = 2, .transaction = 2 },
		{ .type = HVP_PKT_INBAND, .offset8 = 3, .len8 = 8, .transaction = ~0ull },
	};
	u8 rest[48];

	(void)state;
	for (u32 i = 0; i < sizeof(rest); i++)
		rest[i] = i + 1;
	for (u32 start = 0; start < SIZE; start += 8) {
		struct ring ring = ring_new(start);
		struct hvp_packet_iter it;
		struct hvp_packet pkt;

		ring_put_packet(&ring, &desc[0], rest, 16);
		ring_put_packet(&ring, &desc[1], rest, 0);
		ring_put_packet(&ring, &desc[2], rest, 48);
		it = walk(&ring);
		expect_packet(&it, 1, rest, 16);
		expect_packet(&it, 2, rest, 0);
		expect_packet(&it, ~0ull, rest + 8, 40);
		assert_int_equal(it.read, ring.write);
		assert_int_equal(hvp_packet_peek(&it, &pkt), 0);
		free(ring.data);
	}
}

/* A packet that claims more than what was queued ends the walk, wherever it is. */
static void walk_stops_at_bad_packet(void **state)
{
	static const struct {
		u32 offset8, len8, queued;
	} cases[] = {
		{ 2, 2, 8 }, { 2, 2, 16 }, { 2, 0, 24 }, { 2, 1, 24 }, { 0, 2, 24 }, { 1, 2, 24 },
		{ 4, 3, 32 }, { 2, 3, 24 }, { 2, 0xffff, 32 }, { 2, 40, 64 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		for (u32 start = 0; start < SIZE; start += 8) {
			struct hvp_packet_desc good = { .offset8 = 2, .len8 = 2 };
			u8 bytes[64] = { 0, 0, cases[i].offset8, cases[i].offset8 >> 8,
					 cases[i].len8, cases[i].len8 >> 8 };
			struct ring ring = ring_new(start);
			struct hvp_packet_iter it;
			struct hvp_packet pkt;

			ring_put_packet(&ring, &good, NULL, 0);
			ring_put(&ring, bytes, cases[i].queued);
			it = walk(&ring);
			assert_int_equal(hvp_packet_peek(&it, &pkt), 1);
			hvp_packet_next(&it, &pkt);
			assert_case(i, hvp_packet_peek(&it, &pkt) == -EBADMSG);
			assert_case(i, hvp_packet_peek(&it, &pkt) == -EBADMSG);
			assert_case(i, it.left == cases[i].queued);
			free(ring.data);
		}
	}
}

static void read_bounds(void **state)
{
	static const struct {
		u32 offset, len;
		int result;
	} cases[] = {
		{ 0, 16, 0 }, { 0, 40, 0 }, { 39, 1, 0 }, { 40, 0, 0 }, { 16, 24, 0 },
		{ 0, 41, -EBADMSG }, { 1, 40, -EBADMSG }, { 40, 1, -EBADMSG },
		{ 41, 0, -EBADMSG },
		{ 40, 8, -EBADMSG },		/* the trailer */
		{ 0xffffffff, 1, -EBADMSG }, { 8, 0xffffffff, -EBADMSG },
		{ 0xfffffff8, 16, -EBADMSG },
	};
	static const struct hvp_packet_desc desc = { .type = 6, .offset8 = 2, .len8 = 5 };
	u8 rest[24], out[48];

	(void)state;
	for (u32 i = 0; i < sizeof(rest); i++)
		rest[i] = i;
	for (u32 start = 0; start < SIZE; start += 8) {
		struct ring ring = ring_new(start);
		struct hvp_packet_iter it;
		struct hvp_packet pkt;

		ring_put_packet(&ring, &desc, rest, sizeof(rest));
		it = walk(&ring);
		assert_int_equal(hvp_packet_peek(&it, &pkt), 1);
		for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
			assert_case(i, hvp_packet_read(&it, &pkt, cases[i].offset, out,
						       cases[i].len) == cases[i].result);
		assert_int_equal(hvp_packet_read(&it, &pkt, 19, out, 7), 0);
		assert_memory_equal(out, rest + 3, 7);
		free(ring.data);
	}
}

static void payload_is_cut_to_the_room(void **state)
{
	static const struct hvp_packet_desc desc = { .type = 6, .offset8 = 2, .len8 = 4 };
	struct ring ring = ring_new(SIZE - 24);
	struct hvp_packet_iter it;
	struct hvp_packet pkt;

	(void)state;
	ring_put_packet(&ring, &desc, "0123456789abcdef", 16);
	it = walk(&ring);
	assert_int_equal(hvp_packet_peek(&it, &pkt), 1);
	for (u32 room = 0; room <= 20; room++) {
		u8 *out = malloc(room ? room : 1);
		u32 want = room < 16 ? room : 16;

		assert_int_equal(hvp_packet_payload(&it, &pkt, out, room), want);
		assert_memory_equal(out, "0123456789abcdef", want);
		free(out);
	}
	free(ring.data);
}

/* T015: the other side changes a descriptor after it was read. */
static void late_changes_have_no_effect(void **state)
{
	static const struct hvp_packet_desc desc = { .type = 6, .offset8 = 2, .len8 = 3 };
	struct ring ring = ring_new(0);
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	u8 out[64];

	(void)state;
	ring_put_packet(&ring, &desc, "payload", 8);
	it = walk(&ring);
	assert_int_equal(hvp_packet_peek(&it, &pkt), 1);
	memset(ring.data, 0xff, 16);
	assert_int_equal(hvp_packet_payload(&it, &pkt, out, sizeof(out)), 8);
	assert_string_equal(out, "payload");
	assert_int_equal(hvp_packet_read(&it, &pkt, 0, out, 25), -EBADMSG);
	hvp_packet_next(&it, &pkt);
	assert_int_equal(it.read, 32);
	assert_int_equal(it.left, 0);
	free(ring.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_small_all),
		cmocka_unit_test(check_edges),
		cmocka_unit_test(iter_refuses_bad_indices),
		cmocka_unit_test(walk_wraps_everywhere),
		cmocka_unit_test(walk_stops_at_bad_packet),
		cmocka_unit_test(read_bounds),
		cmocka_unit_test(payload_is_cut_to_the_room),
		cmocka_unit_test(late_changes_have_no_effect),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
