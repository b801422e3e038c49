// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/shutdown.h"

#include "tests/host/ic_guest.h"

static struct shutdown *sd;
static struct ic_answer last;
static int answers;

static void guest_answered(void *opaque, const struct ic_answer *answer)
{
	assert_ptr_equal(opaque, &bus);
	answers++;
	last = *answer;
}

static int start(void **state)
{
	struct err err;

	(void)state;
	bench_start(HVP_GENERATION_2019);
	answers = 0;
	assert_int_equal(shutdown_create(&sd, &set, &err), 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	shutdown_destroy(sd);
	bench_stop();
	return 0;
}

static int ask(const struct hvp_shutdown_request *request)
{
	return shutdown_request(sd, request, guest_answered, &bus);
}

static const struct hvp_shutdown_request off;
static const struct hvp_shutdown_request restart = { .action = HVP_SHUTDOWN_DO_RESTART };
static const struct hvp_shutdown_request hibernate = { .action = HVP_SHUTDOWN_DO_HIBERNATE };

static void the_guests_word_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(ask(&off), -ENOTCONN);
	open_with(3, 0);
	assert_int_equal(ask(&off), 0);
	assert_int_equal(ask(&off), -EBUSY);
	take_request();
	assert_int_equal(header->type, HVP_IC_SHUTDOWN);
	assert_int_equal(header->size, sizeof(struct hvp_ic_shutdown));
	assert_int_equal(answers, 0);
	send_answer();
	assert_int_equal(answers, 1);
	assert_int_equal(last.error, 0);
	assert_int_equal(last.status, 0);
	assert_int_equal(shutdown_state(sd)->agreed, 1);
	assert_int_equal(complaints(), 0);
}

static void a_refusal_is_told_as_it_is(void **state)
{
	(void)state;
	open_with(3, 2);
	assert_int_equal(ask(&off), 0);
	take_request();
	header->status = HVP_HR_FAIL;
	send_answer();
	assert_int_equal(last.error, 0);
	assert_int_equal(last.status, HVP_HR_FAIL);
	assert_int_equal(shutdown_state(sd)->refused, 1);
	assert_int_equal(shutdown_state(sd)->status, HVP_HR_FAIL);
	assert_int_equal(ask(&off), 0);		/* may be asked again */
}

static void all_fields_are_passed_on(void **state)
{
	struct hvp_shutdown_request wish = {
		.action = HVP_SHUTDOWN_DO_RESTART, .force = true, .reason = 0x80040001,
		.timeout_seconds = 90, .text = "Wartung: gr\u00fc\u00dfe",
	};
	const struct hvp_ic_shutdown *sent = body;

	(void)state;
	open_with(3, 2);
	assert_int_equal(ask(&wish), 0);
	take_request();
	assert_int_equal(sent->flags, HVP_SHUTDOWN_RESTART | HVP_SHUTDOWN_FORCE);
	assert_int_equal(sent->reason, 0x80040001);
	assert_int_equal(sent->timeout_seconds, 90);
	assert_string_equal((const char *)sent->message, wish.text);
	send_answer();
	assert_int_equal(ask(&hibernate), 0);
	take_request();
	assert_int_equal(sent->flags, HVP_SHUTDOWN_HIBERNATE);
	send_answer();
	strcpy(wish.text, "\xff");
	assert_int_equal(ask(&wish), -EILSEQ);
}

static void versions_bound_what_can_be_asked(void **state)
{
	(void)state;
	open_with(3, 0);
	assert_int_equal(ask(&restart), -EOPNOTSUPP);
	assert_int_equal(ask(&hibernate), -EOPNOTSUPP);
	guest_close(channel);
	open_with(3, 1);
	assert_int_equal(ask(&hibernate), -EOPNOTSUPP);
	assert_int_equal(ask(&restart), 0);
	assert_int_equal(shutdown_state(sd)->asked, 1);
}

static void silence_has_an_end(void **state)
{
	struct hvp_shutdown_request wish = { .timeout_seconds = 5 };

	(void)state;
	open_with(3, 2);
	assert_int_equal(ask(&off), 0);
	wait_ms(59999);
	assert_int_equal(answers, 0);
	wait_ms(2);
	assert_int_equal(answers, 1);
	assert_int_equal(last.error, -ETIMEDOUT);
	assert_int_equal(shutdown_state(sd)->lost, 1);
	take_request();
	send_answer();				/* too late */
	assert_int_equal(answers, 1);
	assert_int_equal(complaints(), 0);

	assert_int_equal(ask(&wish), 0);
	wait_ms(5001);
	assert_int_equal(answers, 2);
}

static void a_paused_guest_is_not_silent(void **state)
{
	(void)state;
	open_with(3, 2);
	assert_int_equal(ask(&off), 0);
	shutdown_set_paused(sd, true);
	wait_ms(600000);
	assert_int_equal(answers, 0);
	shutdown_set_paused(sd, false);
	take_request();
	send_answer();
	assert_int_equal(answers, 1);
	assert_int_equal(last.error, 0);
}

static void a_closed_channel_is_no_answer(void **state)
{
	(void)state;
	open_with(3, 2);
	assert_int_equal(ask(&off), 0);
	guest_close(channel);
	assert_int_equal(answers, 1);
	assert_int_equal(last.error, -ENOTCONN);
}

static void who_left_hears_nothing(void **state)
{
	(void)state;
	open_with(3, 2);
	assert_int_equal(ask(&off), 0);
	shutdown_forget(sd, &bus);
	take_request();
	send_answer();
	assert_int_equal(answers, 0);
	assert_int_equal(shutdown_state(sd)->agreed, 1);
}

static void ask_again(void)
{
	ask(&off);
}

static void no_answer_breaks_the_host(void **state)
{
	(void)state;
	open_with(3, 0);
	answer_wildly(20000, ask_again);
	guest_close(channel);
	fake_sent_count = 0;
	open_with(3, 2);
	assert_int_equal(ask(&off), 0);
	take_request();
	answers = 0;
	send_answer();
	assert_int_equal(answers, 1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
	static const struct CMUnitTest tests[] = {
		CASE(the_guests_word_is_waited_for),
		CASE(a_refusal_is_told_as_it_is),
		CASE(all_fields_are_passed_on),
		CASE(versions_bound_what_can_be_asked),
		CASE(silence_has_an_end),
		CASE(a_paused_guest_is_not_silent),
		CASE(a_closed_channel_is_no_answer),
		CASE(who_left_hears_nothing),
		CASE(no_answer_breaks_the_host),
	};

	return cmocka_run_group_tests_name("shutdown", tests, NULL, NULL);
}
