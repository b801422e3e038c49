// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/ring.h"
#include "protocol/packet.h"

#include "tests/unit/random.h"
#include "tests/unit/unit.h"

static void layout(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct hvp_ring_header, write_index), 0);
	assert_int_equal(offsetof(struct hvp_ring_header, read_index), 4);
	assert_int_equal(offsetof(struct hvp_ring_header, interrupt_mask), 8);
	assert_int_equal(offsetof(struct hvp_ring_header, pending_send_size), 12);
	assert_int_equal(offsetof(struct hvp_ring_header, features), 64);
	assert_int_equal(sizeof(struct hvp_ring_header), 4096);
}

static void index_ok(void **state)
{
	static const struct {
		u32 index, size;
		bool good;
	} cases[] = {
		{ 0, 4096, true }, { 8, 4096, true }, { 4088, 4096, true },
		{ 4096, 4096, false }, { 4104, 4096, false }, { 0xfffffff8, 4096, false },
		{ 1, 4096, false }, { 4, 4096, false }, { 4087, 4096, false }, { 0, 0, false },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
		assert_case(i, hvp_ring_index_ok(cases[i].index, cases[i].size) == cases[i].good);
}

/* All indices of small rings, against counting one step at a time. */
static void arithmetic_by_counting(void **state)
{
	(void)state;
	for (u32 size = 8; size <= 64; size += 8) {
		for (u32 read = 0; read < size; read += 8) {
			u32 index = read;

			for (u32 queued = 0; queued < size; queued += 8) {
				assert_int_equal(hvp_ring_readable(index, read, size), queued);
				assert_int_equal(hvp_ring_writable(index, read, size), size - queued);
				assert_int_equal(hvp_ring_advance(read, queued, size), index);
				index = index + 8 == size ? 0 : index + 8;
			}
			assert_int_equal(hvp_ring_advance(read, size, size), read);
		}
	}
}

static void arithmetic_near_the_end_of_u32(void **state)
{
	const u32 size = 0xfffffff8;

	(void)state;
	assert_int_equal(hvp_ring_advance(size - 8, 8, size), 0);
	assert_int_equal(hvp_ring_advance(size - 8, size, size), size - 8);
	assert_int_equal(hvp_ring_readable(0, size - 8, size), 8);
	assert_int_equal(hvp_ring_writable(size - 8, 0, size), 8);
}

/* Equal indices mean empty, so a packet may not use the last byte. */
static void fits_leaves_one_byte(void **state)
{
	(void)state;
	assert_true(hvp_ring_fits(64, 56));
	assert_false(hvp_ring_fits(64, 64));
	assert_false(hvp_ring_fits(8, 8));
	assert_false(hvp_ring_fits(0, 0));
	assert_int_equal(hvp_ring_packet_bytes(16), 24);
	assert_true(hvp_ring_trailer(0x1230) == 0x0000123000000000ull);
}

static void signal_after_write(void **state)
{
	static const struct {
		u32 first, read, mask;
		bool signal;
	} cases[] = {
		{ 0, 0, 0, true },	/* was empty */
		{ 64, 64, 0, true },
		{ 0, 0, 1, false },	/* the consumer polls */
		{ 0, 0, 0xffffffff, false },
		{ 64, 0, 0, false },	/* was not empty */
		{ 0, 64, 0, false },	/* the consumer is already behind the batch */
		{ 64, 0, 1, false },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
		assert_case(i, hvp_ring_signal_after_write(cases[i].first, cases[i].read,
							   cases[i].mask) == cases[i].signal);
}

/* Exactly when free space crosses what the producer waits for. */
static void signal_after_read(void **state)
{
	(void)state;
	for (u32 pending = 0; pending < 12; pending++)
		for (u32 before = 0; before < 12; before++)
			for (u32 now = before; now < 12; now++)
				assert_int_equal(hvp_ring_signal_after_read(pending, before, now),
						 pending && !hvp_ring_fits(before, pending) &&
						 hvp_ring_fits(now, pending));
}

static void copies_across_the_end(void **state)
{
	enum { SIZE = 64 };
	u8 plain[SIZE], out[SIZE];

	(void)state;
	for (u32 i = 0; i < SIZE; i++)
		plain[i] = 0x80 + i;
	for (u32 index = 0; index < SIZE; index++) {
		for (u32 len = 0; len <= SIZE; len++) {
			u8 *data = calloc(1, SIZE);

			hvp_ring_copy_in(data, SIZE, index, plain, len);
			for (u32 i = 0; i < SIZE; i++)
				assert_int_equal(data[(index + i) % SIZE], i < len ? plain[i] : 0);
			memset(out, 0, sizeof(out));
			hvp_ring_copy_out(out, data, SIZE, index, len);
			assert_memory_equal(out, plain, len);
			free(data);
		}
	}
}

/*
 * The model: all bytes ever written, in order, and two counters. It knows no
 * index, no wrap and no descriptor.
 */
struct model {
	u8 *bytes;
	u64 written;
	u64 read;
	u64 room;
};

struct sut {
	u8 *data;
	u32 size;
	u32 write;
	u32 read;
};

static void compare(const struct sut *ring, const struct model *model)
{
	u64 queued = model->written - model->read;

	assert_int_equal(hvp_ring_readable(ring->write, ring->read, ring->size), queued);
	assert_int_equal(hvp_ring_writable(ring->write, ring->read, ring->size),
			 ring->size - queued);
	assert_true(queued < ring->size);
	assert_true(hvp_ring_index_ok(ring->write, ring->size));
	assert_true(hvp_ring_index_ok(ring->read, ring->size));
}

static bool write_one(struct sut *ring, struct model *model, struct random *random)
{
	u32 payload = random_below(random, ring->size / 16) * 8;
	struct hvp_packet_desc desc = {
		.type = HVP_PKT_INBAND,
		.offset8 = 2,
		.len8 = 2 + payload / 8,
		.transaction = random_next(random),
	};
	u32 total = hvp_ring_packet_bytes(sizeof(desc) + payload);
	u64 trailer = hvp_ring_trailer(ring->write);
	u8 *to = model->bytes + model->written;
	bool fits = hvp_ring_fits(hvp_ring_writable(ring->write, ring->read, ring->size), total);

	/* The model's own view: total bytes would still leave one free. */
	assert_int_equal(fits, model->written - model->read + total < ring->size);
	if (!fits || model->written + total > model->room)
		return false;

	memcpy(to, &desc, sizeof(desc));
	for (u32 i = 0; i < payload; i++)
		to[sizeof(desc) + i] = random_next(random);
	memcpy(to + total - 8, &trailer, sizeof(trailer));
	hvp_ring_copy_in(ring->data, ring->size, ring->write, to, total);
	ring->write = hvp_ring_advance(ring->write, total, ring->size);
	model->written += total;
	return true;
}

/* Reads at most @packets and publishes once. */
static void read_some(struct sut *ring, struct model *model, u32 packets)
{
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	u8 *out = malloc(ring->size);

	assert_int_equal(hvp_packet_iter_init(&it, ring->data, ring->size, ring->write, ring->read),
			 0);
	while (packets-- && hvp_packet_peek(&it, &pkt) == 1) {
		u32 len = pkt.header_len + pkt.payload_len;
		u64 trailer;

		assert_int_equal(hvp_packet_read(&it, &pkt, 0, out, len), 0);
		assert_memory_equal(out, model->bytes + model->read, len);
		hvp_ring_copy_out(&trailer, ring->data, ring->size,
				  hvp_ring_advance(it.read, len, ring->size), sizeof(trailer));
		assert_int_equal(trailer >> 32, it.read);
		model->read += pkt.ring_len;
		hvp_packet_next(&it, &pkt);
	}
	ring->read = it.read;
	free(out);
}

static void run_model(u32 size, u32 steps, struct random *random)
{
	struct sut ring = { .data = malloc(size), .size = size };
	struct model model = { .room = 32u << 20 };

	model.bytes = malloc(model.room);
	ring.write = random_below(random, size / 8) * 8;
	ring.read = ring.write;
	while (steps--) {
		if (random_below(random, 2))
			for (u32 batch = 1 + random_below(random, 4); batch; batch--)
				write_one(&ring, &model, random);
		else
			read_some(&ring, &model, random_below(random, 4));
		compare(&ring, &model);
	}
	read_some(&ring, &model, ~0u);
	assert_true(model.written > 0 && model.read == model.written);
	free(model.bytes);
	free(ring.data);
}

static void random_sequences_match_the_model(void **state)
{
	static const u32 sizes[] = { 64, 72, 256, 1000, 4096, 12288 };
	struct random random = random_start("ring model");

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(sizes); i++)
		run_model(sizes[i], 4000, &random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),
		cmocka_unit_test(index_ok),
		cmocka_unit_test(arithmetic_by_counting),
		cmocka_unit_test(arithmetic_near_the_end_of_u32),
		cmocka_unit_test(fits_leaves_one_byte),
		cmocka_unit_test(signal_after_write),
		cmocka_unit_test(signal_after_read),
		cmocka_unit_test(copies_across_the_end),
		cmocka_unit_test(random_sequences_match_the_model),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
