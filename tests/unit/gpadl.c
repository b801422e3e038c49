// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/gpadl.h"

#include "tests/unit/unit.h"

#define MAX_PFNS	8190u
#define RELID		0x123
#define HANDLE		0xe1e10001u

/* Frame numbers that differ in all bytes and are far from each other. */
static u64 frame(void *opaque, u32 i)
{
	return *(u64 *)opaque + (u64)i * 0x0001000200030005ull;
}

static struct hvp_gpadl_info list_of(u32 pages)
{
	return (struct hvp_gpadl_info){
		.relid = RELID,
		.gpadl = HANDLE,
		.byte_count = pages * 4096,
		.pfn_count = pages,
	};
}

/* A second opinion on the number of messages: deal the frames out. */
static u32 dealt(u32 pages)
{
	u32 messages = 1;

	for (pages -= pages < 26 ? pages : 26; pages; pages -= pages < 28 ? pages : 28)
		messages++;
	return messages;
}

struct join {
	struct hvp_gpadl_info info;
	u64 pfns[MAX_PFNS];
	u32 have;
};

static void join_message(struct join *join, const union hvp_chanmsg *msg, u32 len, u32 index)
{
	union hvp_chanmsg *copy = exact_copy(msg, len);
	u32 count = 0;
	int err;

	assert_int_equal(hvp_chanmsg_check(copy, len, HVP_TO_HOST, 0x40000), 0);
	if (index == 0)
		err = hvp_gpadl_parse_header(copy, len, &join->info, join->pfns, &count);
	else
		err = hvp_gpadl_parse_body(copy, len, &join->info, join->have, index,
					   join->pfns + join->have, &count);
	assert_int_equal(err, 0);
	join->have += count;
	free(copy);
}

static void round_trip(struct join *join, u32 pages)
{
	struct hvp_gpadl_info info = list_of(pages);
	u32 messages = hvp_gpadl_message_count(pages);
	u64 base = 0x100 + pages;

	assert_int_equal(messages, dealt(pages));
	join->have = 0;
	for (u32 i = 0; i < messages; i++) {
		union hvp_chanmsg msg;
		int len = hvp_gpadl_build(&info, i, frame, &base, &msg);
		u32 left = pages - join->have;
		u32 here = i == 0 ? (left < 26 ? left : 26) : (left < 28 ? left : 28);

		assert_int_equal(len, (i == 0 ? 28 : 16) + 8 * here);
		for (u32 at = len; at < sizeof(msg); at++)
			assert_int_equal(msg.bytes[at], 0);
		join_message(join, &msg, len, i);
	}
	assert_int_equal(join->have, pages);
	assert_memory_equal(&join->info, &info, sizeof(info));
	for (u32 i = 0; i < pages; i++)
		assert_true(join->pfns[i] == frame(&base, i));
}

static void every_count_survives(void **state)
{
	struct join *join = malloc(sizeof(*join));

	(void)state;
	for (u32 pages = 1; pages <= 5000; pages++)
		round_trip(join, pages);
	for (u32 pages = MAX_PFNS - 30; pages <= MAX_PFNS; pages++)
		round_trip(join, pages);
	free(join);
}

static void wire_form(void **state)
{
	static const u8 header[36] = {
		8, 0, 0, 0, 0, 0, 0, 0, 0x23, 1, 0, 0, 1, 0, 0xe1, 0xe1,
		16, 0, 1, 0, 0xf0, 0x0f, 0, 0, 0x10, 0, 0, 0, 0x78, 0x56, 0x34, 0x12,
	};
	static const u8 body[24] = {
		9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0xe1, 0xe1, 0x92, 0, 0x4e, 0, 0x34, 0, 0x1a,
	};
	struct hvp_gpadl_info info = list_of(1);
	union hvp_chanmsg msg;
	u64 base = 0x12345678;

	(void)state;
	info.byte_count = 0xff0;
	info.byte_offset = 0x10;
	assert_int_equal(hvp_gpadl_build(&info, 0, frame, &base, &msg), sizeof(header));
	assert_memory_equal(&msg, header, sizeof(header));

	info = list_of(27);
	base = 0x10;
	assert_int_equal(hvp_gpadl_build(&info, 1, frame, &base, &msg), sizeof(body));
	assert_memory_equal(&msg, body, sizeof(body));
}

static void message_count_edges(void **state)
{
	static const struct {
		u32 pages, messages;
	} cases[] = {
		{ 1, 1 }, { 25, 1 }, { 26, 1 }, { 27, 2 }, { 53, 2 }, { 54, 2 }, { 55, 3 },
		{ 81, 3 }, { 82, 3 }, { 83, 4 }, { 8190, 293 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
		assert_case(i, hvp_gpadl_message_count(cases[i].pages) == cases[i].messages);
}

static void build_refuses(void **state)
{
	static const struct {
		u32 byte_count, byte_offset, pfn_count, index;
		bool good;
	} cases[] = {
		{ 4096, 0, 1, 0, true },
		{ 4096, 0, 1, 1, false },	/* no body */
		{ 27 * 4096, 0, 27, 1, true },
		{ 27 * 4096, 0, 27, 2, false },
		{ 27 * 4096, 0, 27, ~0u, false },
		{ 0, 0, 0, 0, false },
		{ 0, 0, 1, 0, false },
		{ 1, 0, 1, 0, true },
		{ 4097, 0, 1, 0, false },	/* frames too few */
		{ 4097, 0, 2, 0, true },
		{ 4096, 0, 2, 0, false },	/* too many */
		{ 1, 4095, 1, 0, true },
		{ 2, 4095, 1, 0, false },
		{ 2, 4095, 2, 0, true },
		{ 1, 4096, 1, 0, false },
		{ 1, 4096, 2, 0, false },
		{ MAX_PFNS * 4096, 0, MAX_PFNS, 0, true },
		{ MAX_PFNS * 4096 + 1, 0, MAX_PFNS + 1, 0, false },
		{ 0xffffffff, 4095, 0, 0, false },
		{ 0xffffffff, 4095, 0x100001, 0, false },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_gpadl_info info = {
			.byte_count = cases[i].byte_count,
			.byte_offset = cases[i].byte_offset,
			.pfn_count = cases[i].pfn_count,
		};
		union hvp_chanmsg msg;
		u64 base = 0;
		int len = hvp_gpadl_build(&info, cases[i].index, frame, &base, &msg);

		assert_case(i, cases[i].good == (len != -EINVAL));
	}
}

/* One field of a good header of two frames is changed at a time. */
static void header_contradictions(void **state)
{
	static const struct {
		u16 buflen, count;
		u32 byte_count, byte_offset, len;
		bool good;
	} cases[] = {
		{ 24, 1, 8192, 0, 44, true },
		{ 24, 1, 4097, 0, 44, true },
		{ 24, 1, 4097, 4095, 44, true },
		{ 24, 0, 8192, 0, 44, false },
		{ 24, 2, 8192, 0, 44, false },
		{ 24, 0xffff, 8192, 0, 44, false },
		{ 0, 1, 8192, 0, 44, false },
		{ 7, 1, 8192, 0, 44, false },
		{ 8, 1, 8192, 0, 44, false },
		{ 8, 1, 0, 0, 28, false },
		{ 16, 1, 8192, 0, 44, false },
		{ 16, 1, 4096, 0, 44, false },	/* a frame nobody announced */
		{ 16, 1, 4096, 0, 36, true },
		{ 23, 1, 8192, 0, 44, false },
		{ 25, 1, 8192, 0, 44, false },
		{ 32, 1, 8192, 0, 44, false },
		{ 0xffff, 1, 8192, 0, 44, false },
		{ 0xfff8, 1, 8190 * 4096, 0, 44, false },
		{ 24, 1, 0, 0, 44, false },
		{ 24, 1, 4096, 0, 44, false },
		{ 24, 1, 8193, 0, 44, false },
		{ 24, 1, 0xffffffff, 0, 44, false },
		{ 24, 1, 8192, 1, 44, false },
		{ 24, 1, 4096, 4096, 44, false },
		{ 24, 1, 8192, 0xffffffff, 44, false },
		{ 24, 1, 8192, 0, 0, false },
		{ 24, 1, 8192, 0, 20, false },
		{ 24, 1, 8192, 0, 27, false },
		{ 24, 1, 8192, 0, 28, false },
		{ 24, 1, 8192, 0, 36, false },
		{ 24, 1, 8192, 0, 43, false },
		{ 24, 1, 8192, 0, 45, false },
		{ 24, 1, 8192, 0, 52, false },
		{ 24, 1, 8192, 0, 241, false },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_gpadl_info info = { .relid = 77 };
		struct hvp_gpa_range range = {
			.byte_count = cases[i].byte_count,
			.byte_offset = cases[i].byte_offset,
		};
		union hvp_chanmsg msg = {
			.gpadl_header = {
				.h.type = HVP_CM_GPADL_HEADER,
				.range_buflen = cases[i].buflen,
				.range_count = cases[i].count,
			}
		};
		u64 *pfns = malloc(26 * sizeof(*pfns));
		u32 count = 99, len = cases[i].len;
		union hvp_chanmsg *copy;
		int err;

		memcpy(msg.bytes + 20, &range, sizeof(range));
		copy = exact_copy(&msg, len < sizeof(msg) ? len : sizeof(msg));
		err = hvp_gpadl_parse_header(copy, len, &info, pfns, &count);
		assert_case(i, cases[i].good == (err != -EINVAL));
		if (err)
			assert_case(i, info.relid == 77 && count == 99);
		free(copy);
		free(pfns);
	}
}

/* Bodies of a list of 60 frames: 26 in the header, then 28 and 6. */
static void body_contradictions(void **state)
{
	static const struct {
		u32 gpadl, number, len, have, expect;
		int result;
		u32 count;
	} cases[] = {
		{ HANDLE, 1, 240, 26, 1, 0, 28 },
		{ HANDLE, 0, 240, 26, 1, 0, 28 },
		{ HANDLE, 2, 64, 54, 2, 0, 6 },
		{ HANDLE, 0, 64, 54, 2, 0, 6 },
		{ HANDLE + 1, 1, 240, 26, 1, -EINVAL, 0 },
		{ 0, 1, 240, 26, 1, -EINVAL, 0 },
		{ HANDLE, 2, 240, 26, 1, -EINVAL, 0 },
		{ HANDLE, 1, 64, 54, 2, -EINVAL, 0 },
		{ HANDLE, ~0u, 240, 26, 1, -EINVAL, 0 },
		{ HANDLE, 1, 15, 26, 1, -EINVAL, 0 },
		{ HANDLE, 1, 16, 26, 1, -EINVAL, 0 },
		{ HANDLE, 1, 232, 26, 1, -EINVAL, 0 },
		{ HANDLE, 1, 239, 26, 1, -EINVAL, 0 },
		{ HANDLE, 1, 241, 26, 1, -EINVAL, 0 },
		{ HANDLE, 2, 56, 54, 2, -EINVAL, 0 },
		{ HANDLE, 2, 72, 54, 2, -EINVAL, 0 },
		{ HANDLE, 2, 240, 54, 2, -EINVAL, 0 },
		{ HANDLE, 3, 16, 60, 3, -EINVAL, 0 },
		{ HANDLE, 3, 24, 61, 3, -EINVAL, 0 },
	};
	struct hvp_gpadl_info info = list_of(60);

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		union hvp_chanmsg msg = {
			.gpadl_body = {
				.h.type = HVP_CM_GPADL_BODY,
				.number = cases[i].number,
				.gpadl = cases[i].gpadl,
			}
		};
		u64 *pfns = malloc(28 * sizeof(*pfns));
		u32 count = 0, len = cases[i].len;
		union hvp_chanmsg *copy = exact_copy(&msg, len < 240 ? len : 240);
		int err = hvp_gpadl_parse_body(copy, len, &info, cases[i].have, cases[i].expect,
					       pfns, &count);

		assert_case(i, err == cases[i].result && count == cases[i].count);
		free(copy);
		free(pfns);
	}
}

/* A message cut anywhere is refused. */
static void no_prefix_passes(void **state)
{
	struct hvp_gpadl_info info = list_of(60), out;
	u64 base = 1, pfns[28];
	union hvp_chanmsg msg;
	u32 count;

	(void)state;
	assert_int_equal(hvp_gpadl_build(&info, 0, frame, &base, &msg), 236);
	for (u32 len = 0; len < 236; len++) {
		union hvp_chanmsg *copy = exact_copy(&msg, len);

		assert_case(len, hvp_gpadl_parse_header(copy, len, &out, pfns, &count) == -EINVAL);
		free(copy);
	}
	assert_int_equal(hvp_gpadl_build(&info, 1, frame, &base, &msg), 240);
	for (u32 len = 0; len < 240; len++) {
		union hvp_chanmsg *copy = exact_copy(&msg, len);

		assert_case(len, hvp_gpadl_parse_body(copy, len, &info, 26, 1, pfns, &count) ==
				 -EINVAL);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_count_survives),
		cmocka_unit_test(wire_form),
		cmocka_unit_test(message_count_edges),
		cmocka_unit_test(build_refuses),
		cmocka_unit_test(header_contradictions),
		cmocka_unit_test(body_contradictions),
		cmocka_unit_test(no_prefix_passes),
	};

	return cmocka_run_group_tests_name("gpadl", tests, NULL, NULL);
}
