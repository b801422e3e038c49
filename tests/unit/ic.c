// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/ic.h"

#include "tests/unit/unit.h"

/* pipe header 8, IC header 20, body */
static void *message(u32 len, u32 pipe_size, u16 ic_size)
{
	u8 *bytes = exact_block(len);

	if (len >= 8)
		memcpy(bytes + 4, &pipe_size, sizeof(pipe_size));
	if (len >= 22)
		memcpy(bytes + 18, &ic_size, sizeof(ic_size));
	return bytes;
}

static void check_sizes(void **state)
{
	static const struct {
		u32 len, pipe_size;
		u16 ic_size;
		int result;
	} cases[] = {
		{ 28, 20, 0, 0 },
		{ 44, 36, 16, 0 },
		{ 48, 36, 16, 0 },		/* padded by the ring */
		{ 44, 36, 8, 0 },		/* a body may be shorter than the pipe's */
		{ 0, 0, 0, -EBADMSG },
		{ 8, 0, 0, -EBADMSG },
		{ 27, 19, 0, -EBADMSG },
		{ 27, 20, 0, -EBADMSG },
		{ 28, 19, 0, -EBADMSG },
		{ 28, 0, 0, -EBADMSG },
		{ 28, 21, 0, -EBADMSG },
		{ 28, 20, 1, -EBADMSG },
		{ 28, 20, 0xffff, -EBADMSG },
		{ 44, 37, 16, -EBADMSG },
		{ 44, 36, 17, -EBADMSG },
		{ 48, 36, 17, -EBADMSG },	/* padding is no body */
		{ 44, 35, 16, -EBADMSG },
		{ 44, 0xffffffff, 16, -EBADMSG },
		{ 44, 0xfffffff8, 16, -EBADMSG },
		{ 0x10000 + 27, 0x10000 + 19, 0xffff, 0 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *bytes = message(cases[i].len, cases[i].pipe_size, cases[i].ic_size);
		const struct hvp_ic_header *hdr = NULL;
		const void *body = NULL;
		u32 body_len = 0x5a5a5a;

		assert_case(i, hvp_ic_check(bytes, cases[i].len, &hdr, &body, &body_len) ==
			       cases[i].result);
		if (cases[i].result)
			assert_case(i, !hdr && !body && body_len == 0x5a5a5a);
		else
			assert_case(i, (const u8 *)hdr == bytes + 8 &&
				       (const u8 *)body == bytes + 28 &&
				       body_len == cases[i].ic_size);
		free(bytes);
	}
}

static void frame_wire_form(void **state)
{
	static const u8 wire[32] = {
		1, 0, 0, 0, 24, 0, 0, 0,
		3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 4, 0, 0x78, 0x56, 0x34, 0x12, 9, 5, 0, 0,
		0xde, 0xad, 0xbe, 0xef,
	};
	struct hvp_ic_header hdr = {
		.framework = { 3, 0 },
		.type = HVP_IC_HEARTBEAT,
		.message = { 3, 0 },
		.size = 0x7777,
		.status = 0x12345678,
		.transaction = 9,
		.flags = HVP_IC_TRANSACTION | HVP_IC_RESPONSE,
	};
	u8 bytes[32];

	(void)state;
	memset(bytes, 0xcc, 28);
	memcpy(bytes + 28, wire + 28, 4);
	assert_int_equal(hvp_ic_frame(bytes, sizeof(bytes), &hdr, 4), 32);
	assert_memory_equal(bytes, wire, sizeof(wire));
}

/* An answer is made where the request lies. */
static void frame_in_place(void **state)
{
	u8 *bytes = message(44, 36, 16);
	const struct hvp_ic_header *hdr;
	const void *body;
	u32 body_len;

	(void)state;
	bytes[12] = HVP_IC_SHUTDOWN;
	assert_int_equal(hvp_ic_check(bytes, 44, &hdr, &body, &body_len), 0);
	assert_int_equal(hvp_ic_frame(bytes, 44, hdr, 8), 36);
	assert_int_equal(hvp_ic_check(bytes, 36, &hdr, &body, &body_len), 0);
	assert_int_equal(hdr->type, HVP_IC_SHUTDOWN);
	assert_int_equal(body_len, 8);
	free(bytes);
}

static void frame_room(void **state)
{
	static const struct {
		u32 room, body_len;
		int result;
	} cases[] = {
		{ 28, 0, 28 },
		{ 27, 0, -EMSGSIZE },
		{ 0, 0, -EMSGSIZE },
		{ 0, 0xffffffe4, -EMSGSIZE },
		{ 28, 1, -EMSGSIZE },
		{ 29, 1, 29 },
		{ 28 + 0xffff, 0xffff, 28 + 0xffff },
		{ 28 + 0x10000, 0x10000, -EMSGSIZE },
		{ 64, 0xffffffff, -EMSGSIZE },
		{ 64, 0xfffffff0, -EMSGSIZE },
	};
	struct hvp_ic_header hdr = { .type = HVP_IC_KVP };

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *bytes = exact_block(cases[i].room);

		assert_case(i, hvp_ic_frame(bytes, cases[i].room, &hdr, cases[i].body_len) ==
			       cases[i].result);
		free(bytes);
	}
}

static const struct hvp_ic_version ours[] = { { 3, 2 }, { 3, 1 }, { 3, 0 }, { 1, 0 } };

static void select_highest_common(void **state)
{
	static const struct {
		struct hvp_ic_version offered[4];
		u32 count;
		int index;
	} cases[] = {
		{ { { 3, 2 } }, 1, 0 },
		{ { { 1, 0 } }, 1, 3 },
		{ { { 1, 0 }, { 3, 0 }, { 3, 1 }, { 3, 2 } }, 4, 0 },
		{ { { 3, 2 }, { 3, 1 }, { 3, 0 }, { 1, 0 } }, 4, 0 },
		{ { { 1, 0 }, { 3, 0 } }, 2, 2 },
		{ { { 3, 0 }, { 1, 0 } }, 2, 2 },
		{ { { 1, 0 }, { 4, 0 }, { 3, 3 } }, 3, 3 },
		{ { { 4, 0 }, { 3, 3 } }, 2, -ENOENT },
		{ { { 2, 3 }, { 0, 1 }, { 0, 3 }, { 1, 3 } }, 4, -ENOENT },
		{ { { 1, 0 }, { 3, 2 } }, 1, 3 },	/* the count ends the list */
		{ { { 3, 2 } }, 0, -ENOENT },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		void *offered = exact_copy(cases[i].offered, cases[i].count * 4);

		assert_case(i, hvp_ic_select(offered, cases[i].count, ours, HVP_COUNT_OF(ours)) ==
			       cases[i].index);
		assert_case(i, hvp_ic_select(offered, cases[i].count, ours, 0) == -ENOENT);
		free(offered);
	}
}

static void select_count_limit(void **state)
{
	struct hvp_ic_version *offered = calloc(101, sizeof(*offered));

	(void)state;
	offered[99] = ours[1];
	assert_int_equal(hvp_ic_select(offered, 99, ours, HVP_COUNT_OF(ours)), -ENOENT);
	assert_int_equal(hvp_ic_select(offered, 100, ours, HVP_COUNT_OF(ours)), 1);
	assert_int_equal(hvp_ic_select(offered, 101, ours, HVP_COUNT_OF(ours)), -ENOENT);
	assert_int_equal(hvp_ic_select(offered, ~0u, ours, HVP_COUNT_OF(ours)), -ENOENT);
	free(offered);
}

/* The list may begin anywhere: behind a pipe and an IC header it does. */
static void select_unaligned(void **state)
{
	u8 bytes[9] = { 0, 3, 0, 0, 0, 3, 0, 2, 0 };

	(void)state;
	assert_int_equal(hvp_ic_select((const void *)(bytes + 1), 2, ours, HVP_COUNT_OF(ours)), 0);
}

static void negotiate_counts(void **state)
{
	static const struct {
		u16 framework, message;
		u32 len;
		int result;
	} cases[] = {
		{ 0, 0, 8, 0 },
		{ 0, 0, 7, -EBADMSG },
		{ 0, 0, 0, -EBADMSG },
		{ 1, 1, 16, 0 },
		{ 1, 1, 15, -EBADMSG },
		{ 2, 3, 28, 0 },
		{ 2, 3, 27, -EBADMSG },
		{ 2, 4, 28, -EBADMSG },
		{ 3, 3, 28, -EBADMSG },
		{ 1, 0xffff, 16, -EBADMSG },
		{ 0xffff, 1, 16, -EBADMSG },
		{ 0x8000, 0x8000, 8, -EBADMSG },
		{ 100, 100, 808, 0 },
		{ 100, 100, 807, -EBADMSG },
		{ 101, 0, 2000, -EBADMSG },
		{ 0, 101, 2000, -EBADMSG },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *body = exact_block(cases[i].len);

		if (cases[i].len >= 4) {
			memcpy(body, &cases[i].framework, 2);
			memcpy(body + 2, &cases[i].message, 2);
		}
		assert_case(i, hvp_ic_negotiate_check(body, cases[i].len) == cases[i].result);
		free(body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_sizes),
		cmocka_unit_test(frame_wire_form),
		cmocka_unit_test(frame_in_place),
		cmocka_unit_test(frame_room),
		cmocka_unit_test(select_highest_common),
		cmocka_unit_test(select_count_limit),
		cmocka_unit_test(select_unaligned),
		cmocka_unit_test(negotiate_counts),
	};

	return cmocka_run_group_tests_name("ic", tests, NULL, NULL);
}
