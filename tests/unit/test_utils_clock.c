// SPDX-License-Identifier: GPL-2.0-only
/* When the guest's clock is set to the host's time, and to what. */
#include "drivers/utils/clock.h"

#include "tests/unit/unit.h"

#define MS	1000000ll
#define S	(1000 * MS)
#define HOUR	(3600 * S)
#define YEAR	(365 * 24 * HOUR)

#define EPOCH	1700000000000000000ull	/* the host's time when the reference counter was 0 */

/* A guest and its host, whose clocks agree until a test parts them. */
static struct clock_memory memory;
static struct clock_now guest;
static u64 host_base;

static void begin(void)
{
	memset(&memory, 0, sizeof(memory));
	host_base = EPOCH;
	guest = (struct clock_now){ .real_ns = EPOCH };
}

/* Time goes on for both. */
static void pass(long long ns)
{
	guest.real_ns += (u64)ns;
	guest.boot_ns += (u64)ns;
	guest.reference += (u64)ns / 100;
}

/* The machine stands still, the host does not. */
static void machine_pauses(long long ns)
{
	host_base += (u64)ns;
}

static void somebody_sets_the_guest(long long ns)
{
	guest.real_ns += (u64)ns;
}

static bool message(struct clock_policy policy, long long *offset)
{
	struct clock_told told = {
		.unix_ns = host_base + guest.reference * 100,
		.reference = guest.reference,
	};
	bool set = clock_judge(&memory, &policy, &told, &guest, offset);

	if (set)
		guest.real_ns = clock_host_now(&told, guest.reference);
	return set;
}

static bool sync(bool disciplined)
{
	long long offset;

	return message((struct clock_policy){ .sync = true, .disciplined = disciplined }, &offset);
}

static bool sample(bool disciplined)
{
	struct clock_policy policy = { .implicit = true, .disciplined = disciplined };
	long long offset;

	return message(policy, &offset);
}

static bool is_right(void)
{
	return guest.real_ns == host_base + guest.reference * 100;
}

/* ---- what the time is ---- */

static void the_reference_counter_carries_on(void **state)
{
	const struct clock_told told = { .unix_ns = EPOCH, .reference = 1000 };

	(void)state;
	assert_int_equal(clock_age(&told, 1000), 0);
	assert_int_equal(clock_age(&told, 1007), 7);
	assert_true(clock_host_now(&told, 1000) == EPOCH);
	assert_true(clock_host_now(&told, 1007) == EPOCH + 700);
	/* One that went back is not believed. */
	assert_int_equal(clock_age(&told, 999), 0);
	assert_true(clock_host_now(&told, 0) == EPOCH);
}

static void the_error_grows_until_the_next_message(void **state)
{
	struct clock_told told = { .unix_ns = EPOCH, .reference = 1000 };
	u64 second = 1000 + S / 100;

	(void)state;
	assert_int_equal(clock_error_bound(&told, 1000), 100);
	assert_int_equal(clock_error_bound(&told, second), 100 + 500000);
	assert_int_equal(clock_error_bound(&told, 0), 100);
	told.unsure = 20;
	assert_int_equal(clock_error_bound(&told, second), 100 + 2000 + 500000);
	/* The worst that hosts can say fits. */
	told = (struct clock_told){ .unsure = CLOCK_UNSURE_MAX };
	assert_true(clock_error_bound(&told, 1ull << 56) > 0x1000000000000);
}

static void the_offset_is_told(void **state)
{
	struct clock_policy policy = { 0 };
	long long offset;

	(void)state;
	begin();
	pass(10 * S);
	assert_false(message(policy, &offset));
	assert_int_equal(offset, 0);
	somebody_sets_the_guest(-7 * MS);
	assert_false(message(policy, &offset));
	assert_int_equal(offset, 7 * MS);
	somebody_sets_the_guest(HOUR);
	assert_false(message(policy, &offset));
	assert_int_equal(offset, 7 * MS - HOUR);
}

/* ---- SYNC ---- */

static void sync_sets_by_the_table(void **state)
{
	static const struct {
		long long behind;
		bool alone, disciplined;	/* is it set? */
	} cases[] = {
		{ 0, false, false },
		{ 50 * MS, false, false },
		{ -50 * MS, false, false },
		{ 100 * MS, true, false },
		{ -100 * MS, true, false },
		{ 999 * MS, true, false },
		{ S, true, true },
		{ -S, true, false },
		{ 8 * HOUR, true, true },
		{ -HOUR, true, false },
		{ YEAR, true, true },
		{ -YEAR, true, false },
	};
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(cases); i++) {
		begin();
		somebody_sets_the_guest(-cases[i].behind);
		assert_case(i, sync(false) == cases[i].alone);
		assert_case(i, is_right() == (cases[i].alone || !cases[i].behind));
		begin();
		somebody_sets_the_guest(-cases[i].behind);
		assert_case(i, sync(true) == cases[i].disciplined);
	}
}

static void jitter_does_nothing(void **state)
{
	u32 i;

	(void)state;
	begin();
	for (i = 0; i < 100; i++) {
		pass(5 * S);
		machine_pauses(i % 2 ? 50 * MS : -50 * MS);
		assert_false(sample(i % 3 == 0));
		assert_false(sync(i % 3 == 0));
	}
}

/* ---- SAMPLE ---- */

static void a_pause_is_made_up_for(void **state)
{
	int disciplined;

	(void)state;
	for (disciplined = 0; disciplined < 2; disciplined++) {
		begin();
		pass(5 * S);
		assert_false(sample(disciplined));
		machine_pauses(8 * HOUR);
		assert_true(sample(disciplined));
		assert_true(is_right());
		pass(5 * S);
		assert_false(sample(disciplined));
	}
}

static void the_first_sample_counts(void **state)
{
	(void)state;
	begin();
	somebody_sets_the_guest(-HOUR);
	assert_true(sample(false));
	assert_true(is_right());
}

static void small_gaps_and_being_ahead_are_left(void **state)
{
	(void)state;
	begin();
	assert_false(sample(false));
	machine_pauses(5 * S - 1);
	assert_false(sample(false));
	machine_pauses(1);
	assert_true(sample(false));

	begin();
	assert_false(sample(false));
	machine_pauses(-HOUR);
	assert_false(sample(false));
	assert_false(sample(true));
}

static void set_on_purpose_stays(void **state)
{
	(void)state;
	begin();
	assert_false(sample(false));
	pass(5 * S);
	somebody_sets_the_guest(-HOUR);
	assert_false(sample(false));
	pass(5 * S);
	assert_false(sample(false));

	/* Until the machine was paused ... */
	machine_pauses(HOUR);
	assert_true(sample(false));
	assert_true(is_right());

	/* ... and then the next one is on purpose again. */
	somebody_sets_the_guest(-2 * HOUR);
	pass(5 * S);
	assert_false(sample(false));
	assert_true(sync(false));
	assert_true(is_right());
}

/* Its clock lost time: nobody has set it. */
static void a_guest_that_falls_behind_is_set(void **state)
{
	(void)state;
	begin();
	assert_false(sample(false));
	pass(5 * S);
	guest.real_ns -= 20 * S;
	guest.boot_ns -= 20 * S;
	assert_true(sample(false));
	assert_true(is_right());
}

static void not_implicit_means_never(void **state)
{
	struct clock_policy policy = { 0 };
	long long offset;

	(void)state;
	begin();
	assert_false(message(policy, &offset));
	machine_pauses(8 * HOUR);
	assert_false(message(policy, &offset));
	assert_int_equal(offset, 8 * HOUR);
	policy.implicit = true;
	/* Nobody set the guest meanwhile. */
	assert_true(message(policy, &offset));
}

/* ---- who reads it ---- */

static void looking_is_not_reading(void **state)
{
	struct clock_readers readers = { 0 };
	u64 at;

	(void)state;
	assert_false(clock_is_read(&readers, 0));
	/* Often, but not for long. */
	for (at = 1000; at < 1060; at++)
		clock_was_read(&readers, at);
	assert_false(clock_is_read(&readers, at));
	/* For long, but not often. */
	for (at = 2000; at < 4000; at += 100)
		clock_was_read(&readers, at);
	assert_false(clock_is_read(&readers, at));
}

static void regular_readers_are_seen(void **state)
{
	static const u32 intervals[] = { 1, 8, 16, 32 };
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(intervals); i++) {
		struct clock_readers readers = { 0 };
		u64 at;

		for (at = 5000; at < 5200; at += intervals[i])
			clock_was_read(&readers, at);
		assert_case(i, clock_is_read(&readers, 5200));
		/* And that they went away. */
		assert_case(i, !clock_is_read(&readers, 5300));
		assert_case(i, !clock_is_read(&readers, 5000 + (1ull << 40)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_counter_carries_on),
		cmocka_unit_test(the_error_grows_until_the_next_message),
		cmocka_unit_test(the_offset_is_told),
		cmocka_unit_test(sync_sets_by_the_table),
		cmocka_unit_test(jitter_does_nothing),
		cmocka_unit_test(a_pause_is_made_up_for),
		cmocka_unit_test(the_first_sample_counts),
		cmocka_unit_test(small_gaps_and_being_ahead_are_left),
		cmocka_unit_test(set_on_purpose_stays),
		cmocka_unit_test(a_guest_that_falls_behind_is_set),
		cmocka_unit_test(not_implicit_means_never),
		cmocka_unit_test(looking_is_not_reading),
		cmocka_unit_test(regular_readers_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
