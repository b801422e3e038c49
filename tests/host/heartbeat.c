// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/heartbeat.h"

#include "tests/host/ic_guest.h"

static struct heartbeat *hb;
static const struct heartbeat_state *state_now;

static int start(void **state)
{
	struct err err;

	(void)state;
	bench_start(HVP_GENERATION_2019);
	assert_int_equal(heartbeat_create(&hb, &set, &err), 0);
	state_now = heartbeat_state(hb);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	heartbeat_destroy(hb);
	bench_stop();
	return 0;
}

/* As a guest does it: one more. */
static void answer(enum hvp_heartbeat_state application)
{
	take_request();
	assert_int_equal(header->type, HVP_IC_HEARTBEAT);
	hvp_heartbeat_reply(body, header->size, application);
	send_answer();
}

static void a_beat_is_answered(void **state)
{
	(void)state;
	assert_int_equal(state_now->pulse, HEARTBEAT_NONE);
	open_with(3, 0);
	assert_int_equal(state_now->pulse, HEARTBEAT_NONE);
	answer(HVP_HEARTBEAT_HEALTHY);
	assert_int_equal(state_now->pulse, HEARTBEAT_OK);
	assert_int_equal(state_now->asked, 1);
	assert_int_equal(state_now->answered, 1);
	assert_int_equal(state_now->wrong, 0);
	assert_int_equal(state_now->application, HVP_HEARTBEAT_HEALTHY);
	guest_close(channel);
	assert_int_equal(state_now->pulse, HEARTBEAT_NONE);
	assert_int_equal(state_now->asked, 0);
}

static void beats_come_every_two_seconds(void **state)
{
	unsigned int i;

	(void)state;
	open_with(3, 0);
	for (i = 1; i <= 5; i++) {
		answer(i % HVP_HEARTBEAT_STATE_COUNT);
		assert_int_equal(((struct hvp_ic_heartbeat *)body)->sequence, i + 1);
		assert_int_equal(state_now->application, i % HVP_HEARTBEAT_STATE_COUNT);
		assert_int_equal(fake_sent_count, 0);
		wait_ms(2000);
	}
	assert_int_equal(state_now->answered, 5);
	assert_int_equal(complaints(), 0);
}

static void silence_is_loss_after_three_beats(void **state)
{
	(void)state;
	open_with(3, 0);
	answer(HVP_HEARTBEAT_UNKNOWN);
	wait_ms(2000);			/* asked, and again every two seconds */
	wait_ms(4000);
	assert_int_equal(state_now->pulse, HEARTBEAT_OK);
	wait_ms(2000);
	assert_int_equal(state_now->pulse, HEARTBEAT_LOST);
	assert_int_equal(fake_sent_count, 4);	/* all wait in the guest's ring */
	while (fake_sent_count)
		answer(HVP_HEARTBEAT_CRITICAL);
	assert_int_equal(state_now->pulse, HEARTBEAT_OK);
	assert_int_equal(state_now->application, HVP_HEARTBEAT_CRITICAL);
	assert_int_equal(state_now->asked, state_now->answered);
	assert_int_equal(complaints(), 0);
}

static void a_hundred_beats_at_once_are_all_answered(void **state)
{
	unsigned int i, j;

	(void)state;
	assert_int_equal(heartbeat_burst(hb, 1), -ENOTCONN);
	open_with(3, 0);
	answer(HVP_HEARTBEAT_UNKNOWN);
	for (i = 0; i < 2; i++) {
		assert_int_equal(heartbeat_burst(hb, 50), 0);
		for (j = 0; j < 50; j++)
			answer(HVP_HEARTBEAT_UNKNOWN);
	}
	assert_int_equal(state_now->answered, 101);
	assert_int_equal(state_now->wrong, 0);
	assert_int_equal(heartbeat_burst(hb, 50), 0);
	fake_sent_count = 0;		/* not even read */
	assert_int_equal(heartbeat_burst(hb, 50), 0);
	fake_sent_count = 0;
	assert_int_equal(heartbeat_burst(hb, HEARTBEAT_BURST_MAX), -EBUSY);
}

static void a_pause_is_no_pulse(void **state)
{
	(void)state;
	open_with(3, 0);
	answer(HVP_HEARTBEAT_UNKNOWN);
	heartbeat_set_paused(hb, true);
	assert_int_equal(state_now->pulse, HEARTBEAT_LOST);
	wait_ms(60000);
	assert_int_equal(fake_sent_count, 0);
	heartbeat_set_paused(hb, false);
	assert_int_equal(ic_renegotiate(ic_find(&set, "heartbeat")), 0);
	take_request();
	agree(3, 0);
	assert_int_equal(state_now->pulse, HEARTBEAT_LOST);
	answer(HVP_HEARTBEAT_UNKNOWN);
	assert_int_equal(state_now->pulse, HEARTBEAT_OK);
	assert_int_equal(state_now->answered, 2);	/* counted on */
	assert_int_equal(complaints(), 0);
}

static void a_beat_is_not_answered_with_its_own_number(void **state)
{
	unsigned int i;

	(void)state;
	open_with(3, 0);
	for (i = 1; i <= 5; i++) {
		take_request();
		send_answer();		/* not incremented */
		assert_int_equal(state_now->wrong, i);
		assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), i);
		wait_ms(2000);
	}
	assert_int_equal(state_now->answered, 0);
	assert_int_equal(state_now->pulse, HEARTBEAT_NONE);
}

static void a_beat_is_not_answered_with_that_of_another(void **state)
{
	struct hvp_ic_heartbeat *beat = body;

	(void)state;
	open_with(3, 0);
	answer(HVP_HEARTBEAT_UNKNOWN);
	assert_int_equal(heartbeat_burst(hb, 2), 0);
	take_request();
	beat->sequence += 2;
	send_answer();
	take_request();
	send_answer();
	assert_int_equal(state_now->wrong, 2);
	assert_int_equal(state_now->answered, 1);
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 2);
}

static void a_beat_is_answered_without_a_status(void **state)
{
	(void)state;
	open_with(3, 0);
	take_request();
	hvp_heartbeat_reply(body, header->size, HVP_HEARTBEAT_HEALTHY);
	header->status = HVP_HR_FAIL;
	send_answer();
	assert_int_equal(state_now->wrong, 1);
	assert_int_equal(state_now->answered, 0);
	assert_int_equal(state_now->application, HVP_HEARTBEAT_UNKNOWN);
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 1);
}

/* The number of a beat that nobody waits for any more may be in use again. */
static void a_late_beat_may_meet_a_newer_one(void **state)
{
	struct hvp_ic_heartbeat *beat = body;

	(void)state;
	open_with(3, 0);
	take_request();
	ic_abandon(ic_find(&set, "heartbeat"));
	assert_int_equal(heartbeat_burst(hb, 1), 0);
	take_request();
	beat->sequence -= 100;
	send_answer();
	assert_int_equal(state_now->wrong, 0);
	assert_int_equal(complaints(), 0);
}

static void an_application_state_that_nobody_defined_is_unknown(void **state)
{
	(void)state;
	open_with(3, 0);
	answer((enum hvp_heartbeat_state)99);
	assert_int_equal(state_now->answered, 1);
	assert_int_equal(state_now->application, HVP_HEARTBEAT_UNKNOWN);
	assert_int_equal(complaints(), 0);
}

static void short_beats_are_the_faults_doing(void **state)
{
	(void)state;
	open_with(3, 0);
	answer(HVP_HEARTBEAT_UNKNOWN);
	arm_fault("ic.heartbeat.request length=4");
	wait_ms(2000);
	take_frame();
	assert_int_equal(header->size, 4);
	send_answer();
	assert_int_equal(state_now->answered, 2);
	assert_int_equal(state_now->wrong, 0);
	wait_ms(2000);
	answer(HVP_HEARTBEAT_UNKNOWN);
	assert_int_equal(state_now->answered, 3);
	assert_int_equal(complaints(), 0);
}

static void beats_that_are_lost_do_not_stop_the_others(void **state)
{
	unsigned int i;

	(void)state;
	open_with(3, 0);
	answer(HVP_HEARTBEAT_UNKNOWN);
	arm_fault("ic.heartbeat.request never");
	for (i = 0; i < 300; i++)
		wait_ms(2000);
	assert_int_equal(state_now->pulse, HEARTBEAT_LOST);
	fault_clear(bus.fault, 0);
	wait_ms(2000);
	answer(HVP_HEARTBEAT_UNKNOWN);
	assert_int_equal(state_now->pulse, HEARTBEAT_OK);
}

static void states_have_names(void **state)
{
	(void)state;
	assert_string_equal(heartbeat_pulse_name(HEARTBEAT_LOST), "lost");
	assert_string_equal(heartbeat_application_name(HVP_HEARTBEAT_STOPPED), "stopped");
}

static void ask_again(void)
{
	heartbeat_burst(hb, 2);
}

static void no_answer_breaks_the_host(void **state)
{
	(void)state;
	open_with(3, 0);
	answer_wildly(20000, ask_again);
	guest_close(channel);
	fake_sent_count = 0;
	open_with(3, 0);
	answer(HVP_HEARTBEAT_HEALTHY);
	assert_int_equal(state_now->pulse, HEARTBEAT_OK);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
	static const struct CMUnitTest tests[] = {
		CASE(a_beat_is_answered),
		CASE(beats_come_every_two_seconds),
		CASE(silence_is_loss_after_three_beats),
		CASE(a_hundred_beats_at_once_are_all_answered),
		CASE(a_pause_is_no_pulse),
		CASE(a_beat_is_not_answered_with_its_own_number),
		CASE(a_beat_is_not_answered_with_that_of_another),
		CASE(a_beat_is_answered_without_a_status),
		CASE(a_late_beat_may_meet_a_newer_one),
		CASE(an_application_state_that_nobody_defined_is_unknown),
		CASE(short_beats_are_the_faults_doing),
		CASE(beats_that_are_lost_do_not_stop_the_others),
		CASE(states_have_names),
		CASE(no_answer_breaks_the_host),
	};

	return cmocka_run_group_tests_name("heartbeat", tests, NULL, NULL);
}
