// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring writer against a consumer that shares no code with it: packets come
 * out whole, in order, none before its publication, and every change from empty
 * to not empty is signalled.
 */
#include "drivers/storvsc/ring_writer.h"

#include <linux/hyperv.h>

#include "protocol/packet.h"
#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#define RING	1024u
#define ROUNDS	200000u

struct bench {
	struct random random;
	struct vmbus_channel channel;
	struct ring_writer w;
	struct hv_ring_buffer *shared;
	u64 written;		/* packets, as numbered in them */
	u64 visible;		/* of those, published */
	u64 taken;
};

static void setup(struct bench *b, u32 low_water)
{
	memset(b, 0, sizeof(*b));
	b->shared = exact_block(sizeof(*b->shared) + RING);
	b->channel.outbound.ring_buffer = b->shared;
	b->channel.outbound.ring_datasize = RING;
	ring_writer_init(&b->w, &b->channel, low_water);
	assert_false(b->w.broken);
}

static void teardown(struct bench *b)
{
	free(b->shared);
}

/* A descriptor, the number, and `words` times a pattern made of it. */
static int write_packet(struct bench *b, u32 words)
{
	u32 bytes = 16 + 8 + words * 8, i;
	u64 pattern[64];
	void *place;
	int err = ring_writer_begin(&b->w, bytes, false);

	if (err)
		return err;
	ring_writer_put64(&b->w, HVP_PKT_INBAND | 2ull << 16 | (u64)(bytes / 8) << 32);
	ring_writer_put64(&b->w, b->written);
	ring_writer_put64(&b->w, words);
	for (i = 0; i < words; i++)
		pattern[i] = b->written * 1000 + i;
	place = ring_writer_straight(&b->w, words * 8);
	if (place) {
		memcpy(place, pattern, words * 8);
		ring_writer_skip(&b->w, words * 8);
	} else {
		ring_writer_put(&b->w, pattern, words * 8);
	}
	ring_writer_end(&b->w);
	b->written++;
	return 0;
}

static void take_packet(struct bench *b)
{
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	u64 payload[65], trailer;
	u32 start = b->shared->read_index, length, i;

	assert_int_equal(hvp_packet_iter_init(&it, b->shared->buffer, RING,
					      b->shared->write_index, start), 0);
	assert_int_equal(hvp_packet_peek(&it, &pkt), 1);
	assert_int_equal(pkt.transaction, b->taken);
	length = hvp_packet_payload(&it, &pkt, payload, sizeof(payload));
	assert_int_equal(length, 8 + payload[0] * 8);
	for (i = 0; i < payload[0]; i++)
		assert_int_equal(payload[1 + i], b->taken * 1000 + i);
	hvp_ring_copy_out(&trailer, b->shared->buffer, RING,
			  hvp_ring_advance(start, pkt.header_len + pkt.payload_len, RING), 8);
	assert_int_equal(trailer, (u64)start << 32);
	hvp_packet_next(&it, &pkt);
	b->shared->read_index = it.read;
	b->taken++;
}

static void publish(struct bench *b)
{
	bool empty = b->taken == b->visible, had = b->written != b->visible, signal;

	b->shared->interrupt_mask = random_below(&b->random, 2);
	signal = ring_writer_publish(&b->w);
	assert_int_equal(signal, had && empty && !b->shared->interrupt_mask);
	b->visible = b->written;
}

static void against_a_consumer(void **state)
{
	struct bench b;
	u32 i;

	(void)state;
	setup(&b, 0);
	b.random = random_start("ring writer");
	for (i = 0; i < ROUNDS; i++) {
		switch (random_below(&b.random, 3)) {
		case 0:
			if (write_packet(&b, random_below(&b.random, 20)) == -EAGAIN)
				assert_true(b.written > b.taken);
			break;
		case 1:
			publish(&b);
			break;
		case 2:
			if (b.taken < b.visible)
				take_packet(&b);
			else
				assert_int_equal(b.shared->read_index, b.shared->write_index);
			break;
		}
		assert_int_equal(ring_writer_pending(&b.w), b.written != b.visible);
		assert_false(b.w.broken);
	}
	assert_true(b.taken > ROUNDS / 10 && b.w.full > 0 && b.w.signals > 0);
	teardown(&b);
}

static void full_leaves_nothing_behind(void **state)
{
	struct bench b;
	u32 at;

	(void)state;
	setup(&b, 0);
	while (!write_packet(&b, 10))
		;
	at = b.w.reserved;
	assert_int_equal(write_packet(&b, 10), -EAGAIN);
	assert_int_equal(b.w.reserved, at);
	assert_true(b.channel.out_full_flag && b.channel.out_full_first == 1);
	publish(&b);
	take_packet(&b);
	assert_int_equal(write_packet(&b, 10), 0);
	assert_false(b.channel.out_full_flag);
	teardown(&b);
}

static void low_water_is_kept(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, 50);
	while (!ring_writer_begin(&b.w, 24, true)) {
		ring_writer_put64(&b.w, 0);
		ring_writer_put64(&b.w, 0);
		ring_writer_put64(&b.w, 0);
		ring_writer_end(&b.w);
	}
	assert_in_range(b.w.reserved, RING / 2 - 64, RING / 2);
	assert_int_equal(ring_writer_begin(&b.w, 24, false), 0);
	teardown(&b);
}

static void a_packet_given_up_was_never_there(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, 0);
	assert_int_equal(ring_writer_begin(&b.w, 40, false), 0);
	ring_writer_put64(&b.w, ~0ull);
	assert_false(ring_writer_pending(&b.w));
	assert_int_equal(write_packet(&b, 3), 0);
	publish(&b);
	take_packet(&b);
	teardown(&b);
}

static void hostile_read_index(void **state)
{
	static const u32 bad[] = { 4, RING, RING + 8, 0xfffffff8, 600 };
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(bad); i++) {
		struct bench b;

		setup(&b, 0);
		write_packet(&b, 10);
		b.shared->read_index = bad[i];
		assert_false(ring_writer_publish(&b.w));
		assert_case(i, b.w.broken);
		assert_case(i, write_packet(&b, 1) == -EIO);
		teardown(&b);
	}
}

static void somebody_else_wrote(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, 0);
	write_packet(&b, 1);
	b.shared->write_index = 64;
	assert_false(ring_writer_publish(&b.w));
	assert_true(b.w.broken);
	assert_int_equal(b.shared->write_index, 64);
	teardown(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_a_consumer),
		cmocka_unit_test(full_leaves_nothing_behind),
		cmocka_unit_test(low_water_is_kept),
		cmocka_unit_test(a_packet_given_up_was_never_there),
		cmocka_unit_test(hostile_read_index),
		cmocka_unit_test(somebody_else_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
