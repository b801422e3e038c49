// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/timesync.h"

#include "tests/unit/unit.h"

static const struct hvp_ic_version v1 = { 1, 0 }, v3 = { 3, 0 }, v4 = { 4, 0 };

#define NOW	133500000000000000ull	/* in 2024 */

static void wire_v4(void **state)
{
	static const u8 wire[24] = {
		1, 2, 3, 4, 5, 6, 0xd8, 1, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 2, 1, 4,
	};
	struct hvp_time_sample sample;
	u8 built[HVP_TIMESYNC_SIZE_MAX];
	u8 *body = exact_copy(wire, sizeof(wire));

	(void)state;
	assert_int_equal(hvp_timesync_check(body, sizeof(wire), v4, &sample), 0);
	assert_true(sample.host_time == 0x01d8060504030201);
	assert_true(sample.reference_time == 0x1817161514131211);
	assert_true(sample.has_reference && sample.round_trip == 0);
	assert_int_equal(sample.flags, HVP_TIMESYNC_SAMPLE);
	assert_int_equal(sample.leap, 1);
	assert_int_equal(sample.stratum, 4);
	memset(built, 0xcc, sizeof(built));
	assert_int_equal(hvp_timesync_build(built, v4, &sample), sizeof(wire));
	assert_memory_equal(built, wire, sizeof(wire));
	free(body);
}

static void wire_v3(void **state)
{
	static const u8 wire[28] = {
		1, 2, 3, 4, 5, 6, 0xd8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x22, 0, 0, 0, 0, 0, 0, 1,
	};
	struct hvp_time_sample sample;
	u8 built[HVP_TIMESYNC_SIZE_MAX];
	u8 *body = exact_copy(wire, sizeof(wire));

	(void)state;
	assert_int_equal(hvp_timesync_check(body, sizeof(wire), v3, &sample), 0);
	assert_true(sample.host_time == 0x01d8060504030201);
	assert_true(!sample.has_reference && sample.reference_time == 0);
	assert_true(sample.round_trip == 0x2221);
	assert_int_equal(sample.flags, HVP_TIMESYNC_SYNC);
	memset(built, 0xcc, sizeof(built));
	assert_int_equal(hvp_timesync_build(built, v1, &sample), sizeof(wire));
	assert_memory_equal(built, wire, sizeof(wire));
	free(body);
}

static void lengths(void **state)
{
	static const struct {
		struct hvp_ic_version version;
		u32 len;
		int result;
	} cases[] = {
		{ { 4, 0 }, 24, 0 }, { { 4, 0 }, 22, 0 }, { { 4, 0 }, 19, 0 }, { { 4, 0 }, 32, 0 },
		{ { 4, 0 }, 18, -EBADMSG }, { { 4, 0 }, 0, -EBADMSG },
		{ { 3, 0 }, 28, 0 }, { { 3, 0 }, 25, 0 }, { { 1, 0 }, 25, 0 }, { { 3, 9 }, 25, 0 },
		{ { 3, 0 }, 24, -EBADMSG }, { { 1, 0 }, 24, -EBADMSG }, { { 3, 0 }, 0, -EBADMSG },
		{ { 5, 0 }, 19, 0 },
	};
	struct hvp_time_sample sample;
	u64 now = NOW;

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *body = exact_block(cases[i].len);

		if (cases[i].len)
			memcpy(body, &now, sizeof(now));
		sample.host_time = 5;
		assert_case(i, hvp_timesync_check(body, cases[i].len, cases[i].version, &sample) ==
			       cases[i].result);
		assert_case(i, sample.host_time == (cases[i].result ? 5 : NOW));
		free(body);
	}
}

static void times_that_cannot_be(void **state)
{
	static const struct {
		u64 time;
		int result;
	} cases[] = {
		{ 0, -EBADMSG },
		{ 116444735999999999, -EBADMSG },
		{ 116444736000000000, 0 },
		{ 116444736000000000 + 92233720368547758, 0 },
		{ 116444736000000000 + 92233720368547759, -EBADMSG },
		{ ~0ull, -EBADMSG },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_timesync_v4 new = { .host_time = cases[i].time };
		struct hvp_timesync_v1 old = { .host_time = cases[i].time };
		struct hvp_time_sample sample;

		assert_case(i, hvp_timesync_check(&new, sizeof(new), v4, &sample) == cases[i].result);
		assert_case(i, hvp_timesync_check(&old, sizeof(old), v3, &sample) == cases[i].result);
	}
}

static void unknown_flags_are_dropped(void **state)
{
	struct hvp_timesync_v4 new = { .host_time = NOW, .flags = 0xff };
	struct hvp_timesync_v1 old = { .host_time = NOW, .flags = 0xfc };
	struct hvp_time_sample sample;

	(void)state;
	assert_int_equal(hvp_timesync_check(&new, sizeof(new), v4, &sample), 0);
	assert_int_equal(sample.flags, HVP_TIMESYNC_SYNC | HVP_TIMESYNC_SAMPLE);
	assert_int_equal(hvp_timesync_check(&old, sizeof(old), v3, &sample), 0);
	assert_int_equal(sample.flags, 0);
}

static void unix_time(void **state)
{
	(void)state;
	assert_true(hvp_time_to_unix_ns(HVP_TIME_UNIX_EPOCH) == 0);
	assert_true(hvp_time_to_unix_ns(HVP_TIME_UNIX_EPOCH + 10000001) == 1000000100);
	assert_true(hvp_time_from_unix_ns(0) == HVP_TIME_UNIX_EPOCH);
	assert_true(hvp_time_from_unix_ns(1704067200000000099) == 133485408000000000);
	assert_true(hvp_time_to_unix_ns(133485408000000000) == 1704067200000000000);
	assert_true(hvp_time_to_unix_ns(HVP_TIME_UNIX_EPOCH + 92233720368547758) ==
		    9223372036854775800u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire_v4),
		cmocka_unit_test(wire_v3),
		cmocka_unit_test(lengths),
		cmocka_unit_test(times_that_cannot_be),
		cmocka_unit_test(unknown_flags_are_dropped),
		cmocka_unit_test(unix_time),
	};

	return cmocka_run_group_tests_name("timesync", tests, NULL, NULL);
}
