// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/gpa.h"
#include "protocol/packet.h"

#include "tests/unit/unit.h"

/*
 * GPA-direct lists. A case gives the words behind the descriptor:
 *
 *   { reserved, range_count,  byte_count, byte_offset, frame low, high, ...  }
 */
#define SIZE	512u
#define WORDS	24

struct list {
	u32 word[WORDS];
	u32 words;		/* of the header; the payload follows */
};

struct walk {
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	struct hvp_gpa_cursor cursor;
	u8 *data;
};

/* Lays the list into a ring at @start, behind it a payload that looks like an empty range. */
static int walk_begin(struct walk *w, const struct list *list, u16 type, u32 start)
{
	struct hvp_packet_desc desc = {
		.type = type,
		.offset8 = 2 + list->words / 2,
		.len8 = 2 + list->words / 2 + 4,
	};
	u32 len = desc.len8 * 8 + 8;
	u8 bytes[SIZE];

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, &desc, sizeof(desc));
	memcpy(bytes + sizeof(desc), list->word, list->words * 4);
	w->data = malloc(SIZE);
	for (u32 i = 0; i < len; i++)
		w->data[(start + i) % SIZE] = bytes[i];
	assert_int_equal(hvp_packet_iter_init(&w->it, w->data, SIZE, (start + len) % SIZE, start), 0);
	assert_int_equal(hvp_packet_peek(&w->it, &w->pkt), 1);
	return hvp_gpa_first(&w->it, &w->pkt, &w->cursor);
}

struct range {
	u32 bytes, offset, count;
	u64 *pfns;
};

static int walk_next(struct walk *w, struct range *r, u32 max)
{
	free(r->pfns);
	r->pfns = malloc(max * sizeof(u64) + 1);
	r->count = 0x5a5a;
	return hvp_gpa_next(&w->it, &w->pkt, &w->cursor, &r->bytes, &r->offset, r->pfns, max,
			    &r->count);
}

static void pages(void **state)
{
	static const struct {
		u32 bytes, offset, pages;
	} cases[] = {
		{ 0, 0, 0 }, { 0, 4095, 0 }, { 1, 0, 1 }, { 4096, 0, 1 }, { 4097, 0, 2 },
		{ 1, 4095, 1 }, { 2, 4095, 2 }, { 4096, 1, 2 }, { 4097, 4095, 2 }, { 4098, 4095, 3 },
		{ 0xffffffff, 0, 0x100000 }, { 0xffffffff, 4095, 0x100001 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
		assert_case(i, hvp_gpa_range_pages(cases[i].bytes, cases[i].offset) ==
			       cases[i].pages);
}

static const struct list three_ranges = {
	.word = { 0, 3, 0x1000, 0x900, 1, 2, 3, 4, 0x200, 0, 5, 6, 1, 0xfff, 7, 8 },
	.words = 16,
};

static void ranges_survive_at_every_offset(void **state)
{
	struct range r = { .pfns = NULL };

	(void)state;
	for (u32 start = 0; start < SIZE; start += 8) {
		struct walk w;

		assert_int_equal(walk_begin(&w, &three_ranges, HVP_PKT_GPA_DIRECT, start), 0);
		assert_int_equal(walk_next(&w, &r, 2), 1);
		assert_true(r.bytes == 0x1000 && r.offset == 0x900 && r.count == 2);
		assert_true(r.pfns[0] == 0x200000001ull && r.pfns[1] == 0x400000003ull);
		assert_int_equal(walk_next(&w, &r, 1), 1);
		assert_true(r.bytes == 0x200 && r.offset == 0 && r.count == 1);
		assert_true(r.pfns[0] == 0x600000005ull);
		assert_int_equal(walk_next(&w, &r, 1), 1);
		assert_true(r.bytes == 1 && r.offset == 0xfff && r.count == 1);
		assert_true(r.pfns[0] == 0x800000007ull);
		assert_int_equal(walk_next(&w, &r, 1), 0);
		assert_int_equal(walk_next(&w, &r, 1), 0);
		free(w.data);
	}
	free(r.pfns);
}

static void first_refuses(void **state)
{
	static const struct {
		struct list list;
		u16 type;
		int result;
	} cases[] = {
		{ { { 0, 1, 1, 0, 9, 0 }, 6 }, HVP_PKT_GPA_DIRECT, 0 },
		{ { { 0, 1, 1, 0, 9, 0 }, 6 }, HVP_PKT_INBAND, -EBADMSG },
		{ { { 0, 1, 1, 0, 9, 0 }, 6 }, HVP_PKT_XFER_PAGES, -EBADMSG },
		{ { { 0 }, 0 }, HVP_PKT_GPA_DIRECT, -EBADMSG },		/* no list at all */
		{ { { 0, 0 }, 2 }, HVP_PKT_GPA_DIRECT, 0 },
		{ { { 0, 1 }, 2 }, HVP_PKT_GPA_DIRECT, -EBADMSG },
		{ { { 0, 1, 0, 0 }, 4 }, HVP_PKT_GPA_DIRECT, 0 },
		{ { { 0, 2, 0, 0 }, 4 }, HVP_PKT_GPA_DIRECT, -EBADMSG },
		{ { { 0, 3, 1, 0, 9, 0 }, 6 }, HVP_PKT_GPA_DIRECT, -EBADMSG },
		{ { { 0, 0xffffffff, 1, 0, 9, 0 }, 6 }, HVP_PKT_GPA_DIRECT, -EBADMSG },
		{ { { 0, 0x20000001, 1, 0, 9, 0 }, 6 }, HVP_PKT_GPA_DIRECT, -EBADMSG },
		{ { { 0, 0x80000000, 1, 0, 9, 0 }, 6 }, HVP_PKT_GPA_DIRECT, -EBADMSG },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct walk w;

		assert_case(i, walk_begin(&w, &cases[i].list, cases[i].type, SIZE - 24) ==
			       cases[i].result);
		free(w.data);
	}
}

/* One range each; the payload behind it must never be taken for its frames. */
static void next_refuses(void **state)
{
	static const struct {
		struct list list;
		u32 max;
		int result;
	} cases[] = {
		{ { { 0, 1, 4096, 0, 9, 0 }, 6 }, 1, 1 },
		{ { { 0, 1, 4096, 0, 9, 0 }, 6 }, 0, -E2BIG },
		{ { { 0, 1, 4097, 0, 9, 0 }, 6 }, 4, -EBADMSG },
		{ { { 0, 1, 4096, 1, 9, 0 }, 6 }, 4, -EBADMSG },
		{ { { 0, 1, 1, 4095, 9, 0 }, 6 }, 1, 1 },
		{ { { 0, 1, 1, 4096, 9, 0 }, 6 }, 4, -EBADMSG },
		{ { { 0, 1, 0, 4096, 9, 0 }, 6 }, 4, -EBADMSG },
		{ { { 0, 1, 1, 0xffffffff, 9, 0 }, 6 }, 4, -EBADMSG },
		{ { { 0, 1, 0xffffffff, 0, 9, 0 }, 6 }, 8, -EBADMSG },
		{ { { 0, 1, 0xfffff000, 0xfff, 9, 0 }, 6 }, 4, -EBADMSG },
		{ { { 0, 1, 1, 0 }, 4 }, 4, -EBADMSG },		/* no room for its frame */
		{ { { 0, 1, 0, 0 }, 4 }, 0, 1 },		/* needs none */
		{ { { 0, 1, 0, 0, 9, 0 }, 6 }, 0, 1 },
		{ { { 0, 1, 8192, 0, 9, 0, 8, 0 }, 8 }, 2, 1 },
		{ { { 0, 1, 8192, 0, 9, 0, 8, 0 }, 8 }, 1, -E2BIG },
		{ { { 0, 1, 4096, 0, 9, 0, 8, 0, 7, 0 }, 10 }, 1, 1 },	/* room to spare */
		{ { { 0, 0, 4096, 0, 9, 0 }, 6 }, 1, 0 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct range r = { .pfns = NULL };
		struct walk w;
		int result;

		assert_int_equal(walk_begin(&w, &cases[i].list, HVP_PKT_GPA_DIRECT, SIZE - 32), 0);
		result = walk_next(&w, &r, cases[i].max);
		assert_case(i, result == cases[i].result);
		if (result == 1)
			assert_case(i, walk_next(&w, &r, 8) == 0);
		else
			assert_case(i, r.count == 0x5a5a);
		free(r.pfns);
		free(w.data);
	}
}

/* The first range is good and takes the room of the second. */
static void second_range_leaves_the_header(void **state)
{
	static const struct list lists[] = {
		{ { 0, 2, 4096, 0, 9, 0 }, 6 },
		{ { 0, 2, 8192, 0, 9, 0, 8, 0 }, 8 },
		{ { 0, 2, 4096, 0, 9, 0, 4096, 0 }, 8 },
		{ { 0, 2, 4096, 0, 9, 0, 4097, 0, 9, 0 }, 10 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(lists); i++) {
		struct range r = { .pfns = NULL };
		struct walk w;

		assert_case(i, walk_begin(&w, &lists[i], HVP_PKT_GPA_DIRECT, 0) == 0);
		assert_case(i, walk_next(&w, &r, 8) == 1);
		assert_case(i, walk_next(&w, &r, 8) == -EBADMSG);
		assert_case(i, walk_next(&w, &r, 8) == -EBADMSG);
		free(r.pfns);
		free(w.data);
	}
}

/* A cursor that did not come from hvp_gpa_first() does no harm either. */
static void any_cursor_is_checked(void **state)
{
	struct range r = { .pfns = NULL };
	struct walk w;

	(void)state;
	assert_int_equal(walk_begin(&w, &three_ranges, HVP_PKT_GPA_DIRECT, 0), 0);
	for (u32 offset = 80 - 7; offset < 600; offset++) {
		w.cursor = (struct hvp_gpa_cursor){ .offset = offset, .ranges_left = 1 };
		assert_case(offset, walk_next(&w, &r, 8) == -EBADMSG);
	}
	w.cursor = (struct hvp_gpa_cursor){ .offset = ~0u, .ranges_left = ~0u };
	assert_int_equal(walk_next(&w, &r, 8), -EBADMSG);
	free(r.pfns);
	free(w.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),
		cmocka_unit_test(ranges_survive_at_every_offset),
		cmocka_unit_test(first_refuses),
		cmocka_unit_test(next_refuses),
		cmocka_unit_test(second_range_leaves_the_header),
		cmocka_unit_test(any_cursor_is_checked),
	};

	return cmocka_run_group_tests_name("gpa", tests, NULL, NULL);
}
