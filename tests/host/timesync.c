// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/timesync.h"

#include <time.h>

#include "tests/host/ic_guest.h"

static struct timesync *ts;
static uint64_t counter;

static uint64_t count_up(void *opaque)
{
	assert_ptr_equal(opaque, &counter);
	return ++counter;
}

static int start(void **state)
{
	static const struct timesync_clock clock = { count_up, &counter };
	struct err err;

	(void)state;
	bench_start(HVP_GENERATION_2019);
	counter = 1000;
	assert_int_equal(timesync_create(&ts, &set, &clock, &err), 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	timesync_destroy(ts);
	bench_stop();
	return 0;
}

static struct hvp_time_sample sample;

static void take_time(u8 flags)
{
	take_request();
	assert_int_equal(header->type, HVP_IC_TIMESYNC);
	assert_int_equal(hvp_timesync_check(body, header->size, header->message, &sample), 0);
	assert_int_equal(sample.flags, flags);
}

/* Seconds that what the host said is away from this machine's clock and @offset. */
static void expect_offset(double offset)
{
	double unix_time = (double)hvp_time_to_unix_ns(sample.host_time) / 1e9;
	double error = unix_time - (double)time(NULL) - offset;

	if (error < -2 || error > 2)
		fail_msg("%f s away", error);
}

static void sync_at_the_start_then_samples(void **state)
{
	int i;

	(void)state;
	open_with(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
	expect_offset(0);
	assert_int_equal(sample.reference_time, 1001);
	send_answer();
	wait_ms(4999);
	assert_int_equal(fake_sent_count, 0);
	wait_ms(2);
	for (i = 0; i < 3; i++) {
		take_time(HVP_TIMESYNC_SAMPLE);
		assert_int_equal(sample.reference_time, 1002 + i);
		send_answer();
		wait_ms(5000);
	}
	assert_int_equal(timesync_state(ts)->syncs, 1);
	assert_int_equal(timesync_state(ts)->samples, 4);
	assert_int_equal(timesync_state(ts)->asked, 5);	/* the last is on its way */
	assert_int_equal(timesync_state(ts)->answered, 4);
	assert_int_equal(complaints(), 0);
}

static void a_time_that_is_refused_is_not_answered(void **state)
{
	(void)state;
	open_with(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
	header->status = HVP_HR_FAIL;
	send_answer();
	assert_int_equal(timesync_state(ts)->asked, 1);
	assert_int_equal(timesync_state(ts)->answered, 0);
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 1);
	guest_close(channel);
	assert_int_equal(timesync_state(ts)->asked, 0);
}

static void a_time_that_a_fault_spoiled_may_be_refused(void **state)
{
	(void)state;
	arm_fault("ic.timesync.request length=4 after=1");
	open_with(4, 0);
	take_frame();
	assert_int_equal(header->size, 4);
	header->status = HVP_HR_FAIL;
	send_answer();
	assert_int_equal(timesync_state(ts)->answered, 0);
	assert_int_equal(complaints(), 0);
}

static void every_version_has_its_form(void **state)
{
	static const struct {
		u16 major;
		u32 bytes;
	} versions[] = {
		{ 1, sizeof(struct hvp_timesync_v1) }, { 3, sizeof(struct hvp_timesync_v1) },
		{ 4, sizeof(struct hvp_timesync_v4) },
	};
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		open_with(versions[i].major, 0);
		take_time(HVP_TIMESYNC_SYNC);
		assert_int_equal(header->size, versions[i].bytes);
		expect_offset(0);
		guest_close(channel);
	}
}

static void a_jump_shows_in_what_follows(void **state)
{
	(void)state;
	open_with(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
	assert_int_equal(timesync_jump(ts, 3600 * 1000000ll), 0);
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(timesync_sample(ts, 1), 0);
	take_time(HVP_TIMESYNC_SAMPLE);
	expect_offset(3600);
	assert_int_equal(timesync_jump(ts, -7200 * 1000000ll), 0);
	assert_int_equal(timesync_sync(ts), 0);
	take_time(HVP_TIMESYNC_SYNC);
	expect_offset(-3600);
	assert_int_equal(timesync_state(ts)->offset, -36000000000ll);
}

static void the_clock_stays_between_1970_and_2262(void **state)
{
	static const int64_t jumps[] = {
		-60ll * 365 * 86400 * 1000000, 250ll * 365 * 86400 * 1000000, INT64_MAX, INT64_MIN,
	};
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(timesync_jump(ts, jumps[i]), -ERANGE);
	assert_int_equal(timesync_state(ts)->offset, 0);
	assert_int_equal(timesync_jump(ts, 200ll * 365 * 86400 * 1000000), 0);
}

/* As after a saved state: the host negotiates anew and says SYNC. */
static void a_gap_ends_with_a_sync(void **state)
{
	(void)state;
	open_with(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
	timesync_set_paused(ts, true);
	wait_ms(60000);
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(timesync_jump(ts, 8 * 3600 * 1000000ll), 0);
	timesync_set_paused(ts, false);
	assert_int_equal(ic_renegotiate(ic_find(&set, "timesync")), 0);
	take_request();
	agree(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
	expect_offset(8 * 3600);
	assert_int_equal(timesync_state(ts)->syncs, 2);
}

static void samples_can_be_bunched(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(timesync_sample(ts, 1), -ENOTCONN);
	assert_int_equal(timesync_sync(ts), -ENOTCONN);
	open_with(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
	timesync_set_paused(ts, true);
	assert_int_equal(timesync_sample(ts, 40), 0);
	for (i = 0; i < 40; i++)
		take_time(HVP_TIMESYNC_SAMPLE);
	assert_int_equal(timesync_state(ts)->samples, 40);
}

static void a_guest_that_does_not_answer_is_still_told(void **state)
{
	int i;

	(void)state;
	open_with(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
	for (i = 0; i < 300; i++) {
		wait_ms(5000);
		take_time(HVP_TIMESYNC_SAMPLE);
	}
	send_answer();
	assert_int_equal(timesync_state(ts)->asked, 301);
	assert_int_equal(timesync_state(ts)->answered, 1);
	assert_int_equal(complaints(), 0);
}

static void the_sync_can_be_lost(void **state)
{
	(void)state;
	arm_fault("time.sync drop");
	open_with(4, 0);
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(fires(FAULT_TIME_SYNC), 1);
	wait_ms(5001);
	take_time(HVP_TIMESYNC_SAMPLE);
	assert_int_equal(timesync_state(ts)->syncs, 0);
}

static void the_sync_can_be_late(void **state)
{
	(void)state;
	arm_fault("time.sync delay=7000");
	open_with(4, 0);
	wait_ms(5001);
	take_time(HVP_TIMESYNC_SAMPLE);
	wait_ms(2000);
	take_time(HVP_TIMESYNC_SYNC);
}

static void the_device_can_go_with_the_sync(void **state)
{
	(void)state;
	arm_fault("time.sync rescind");
	open_with(4, 0);
	assert_false(fake_device->offered);
	take_time(HVP_TIMESYNC_SYNC);
}

static void ask_again(void)
{
	timesync_sample(ts, 1);
}

static void no_answer_breaks_the_host(void **state)
{
	(void)state;
	open_with(3, 0);
	answer_wildly(20000, ask_again);
	guest_close(channel);
	fake_sent_count = 0;
	open_with(4, 0);
	take_time(HVP_TIMESYNC_SYNC);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
	static const struct CMUnitTest tests[] = {
		CASE(sync_at_the_start_then_samples),
		CASE(a_time_that_is_refused_is_not_answered),
		CASE(a_time_that_a_fault_spoiled_may_be_refused),
		CASE(every_version_has_its_form),
		CASE(a_jump_shows_in_what_follows),
		CASE(the_clock_stays_between_1970_and_2262),
		CASE(a_gap_ends_with_a_sync),
		CASE(samples_can_be_bunched),
		CASE(a_guest_that_does_not_answer_is_still_told),
		CASE(the_sync_can_be_lost),
		CASE(the_sync_can_be_late),
		CASE(the_device_can_go_with_the_sync),
		CASE(no_answer_breaks_the_host),
	};

	return cmocka_run_group_tests_name("timesync", tests, NULL, NULL);
}
