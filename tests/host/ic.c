// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/ic_guest.h"

/* The core of the integration services, with a service that only counts. */

static struct ic *ic;
static int readies, closings, answers;
static u32 answer_status, answer_len;
static u8 answer_bytes[IC_BODY_MAX];

static void ready(void *opaque)
{
	assert_ptr_equal(opaque, &bus);
	readies++;
}

static void answered(void *opaque, u32 status, const void *bytes, u32 len)
{
	(void)opaque;
	answers++;
	answer_status = status;
	answer_len = len;
	memcpy(answer_bytes, bytes, len);
}

static void closed(void *opaque)
{
	(void)opaque;
	closings++;
}

static struct ic_service service = {
	.name		= "counter",
	.class_id	= HVP_CLASS_SHUTDOWN,
	.type		= HVP_IC_SHUTDOWN,
	.ready		= ready,
	.answered	= answered,
	.closed		= closed,
};

static void start(enum hvp_generation generation, u16 depth)
{
	struct err err;

	bench_start(generation);
	readies = closings = answers = 0;
	service.depth = depth;
	assert_int_equal(ic_create(&ic, &set, &service, &bus, &err), 0);
}

static int stop(void **state)
{
	(void)state;
	ic_destroy(ic);
	bench_stop();
	service.type = HVP_IC_SHUTDOWN;
	return 0;
}

static void the_host_lists_versions_of_its_generation(void **state)
{
	static const enum hvp_ic_type types[] = { HVP_IC_SHUTDOWN, HVP_IC_TIMESYNC, HVP_IC_KVP };
	const struct hvp_ic_negotiate *negotiate = body;
	unsigned int generation, t;

	for (generation = 0; generation < HVP_GENERATION_COUNT; generation++) {
		for (t = 0; t < 3; t++) {
			struct hvp_ic_version_list frameworks, messages;

			frameworks = hvp_generation_framework(generation);
			messages = hvp_generation_messages(generation, types[t]);
			service.type = types[t];
			start(generation, 0);
			open_and_take_negotiation();
			assert_int_equal(negotiate->framework_count, frameworks.count);
			assert_int_equal(negotiate->message_count, messages.count);
			assert_memory_equal(negotiate->versions, frameworks.versions,
					    4 * frameworks.count);
			assert_memory_equal(negotiate->versions + frameworks.count,
					    messages.versions, 4 * messages.count);
			stop(state);
		}
	}
	start(HVP_GENERATION_2019, 0);
}

static void a_service_of_a_later_generation_is_not_offered(void **state)
{
	(void)state;
	service.type = HVP_IC_FCOPY;
	start(HVP_GENERATION_2012, 0);
	assert_false(ic_available(ic));
	assert_false(ic_enabled(ic));
	assert_int_equal(ic_set_enabled(ic, true), -EOPNOTSUPP);
	assert_int_equal(ic_set_enabled(ic, false), -EOPNOTSUPP);
}

static void agreement_makes_it_ready(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	assert_int_equal(ic_state(ic), IC_CLOSED);
	assert_int_equal(ic_request(ic, "", 1), -ENOTCONN);
	open_and_take_negotiation();
	assert_int_equal(ic_state(ic), IC_NEGOTIATING);
	assert_int_equal(ic_request(ic, "", 1), -ENOTCONN);
	agree(3, 1);
	assert_int_equal(ic_state(ic), IC_READY);
	assert_int_equal(readies, 1);
	assert_int_equal(ic_framework(ic).major, 3);
	assert_int_equal(ic_message(ic).minor, 1);
	assert_true(ic_message_at_least(ic, 3, 1));
	assert_true(ic_message_at_least(ic, 1, 9));
	assert_false(ic_message_at_least(ic, 3, 2));
	assert_false(ic_message_at_least(ic, 4, 0));
	guest_close(channel);
	assert_int_equal(ic_state(ic), IC_CLOSED);
	assert_int_equal(closings, 1);
	assert_int_equal(ic_message(ic).major, 0);
	assert_int_equal(complaints(), 0);
}

static void nothing_in_common_is_final(void **state)
{
	struct hvp_ic_negotiate *negotiate = body;

	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_and_take_negotiation();
	negotiate->framework_count = 0;
	negotiate->message_count = 0;
	send_answer();
	assert_int_equal(ic_state(ic), IC_REFUSED);
	assert_int_equal(ic_request(ic, "", 1), -ENOTCONN);
	assert_int_equal(ic_renegotiate(ic), -ENOTCONN);
	assert_int_equal(complaints(), 0);
	guest_close(channel);
	assert_int_equal(closings, 0);	/* it was never ready */
	open_with(3, 2);
	assert_int_equal(ic_state(ic), IC_READY);
}

static void a_version_that_was_not_offered_is_refused(void **state)
{
	(void)state;
	start(HVP_GENERATION_2016, 0);
	open_with(3, 2);
	assert_int_equal(ic_state(ic), IC_REFUSED);
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 1);
}

static void a_bad_negotiation_answer_is_refused(void **state)
{
	struct hvp_ic_negotiate *negotiate = body;

	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_and_take_negotiation();
	negotiate->framework_count = 99;
	send_answer();
	assert_int_equal(ic_state(ic), IC_REFUSED);
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 1);
}

static void a_negotiation_is_answered_with_one_version_of_each_kind_or_none(void **state)
{
	static const u16 counts[][2] = { { 0, 1 }, { 1, 0 }, { 2, 1 }, { 1, 2 }, { 2, 2 } };
	struct hvp_ic_negotiate *negotiate = body;
	unsigned int i;

	(void)state;
	start(HVP_GENERATION_2019, 0);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		open_and_take_negotiation();
		negotiate->framework_count = counts[i][0];
		negotiate->message_count = counts[i][1];
		send_answer();
		assert_case(i, ic_state(ic) == IC_REFUSED);
		assert_case(i, checker_count(bus.checker, RULE_IC_MESSAGE) == i + 1);
		guest_close(channel);
	}
}

static void a_negotiation_is_answered_without_a_status(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_and_take_negotiation();
	header->status = HVP_HR_FAIL;
	agree(3, 2);
	assert_int_equal(ic_state(ic), IC_REFUSED);
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 1);
}

static void bodies_are_up_to_13312_bytes(void **state)
{
	static u8 bytes[IC_BODY_MAX + 1];
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(i * 7);
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, bytes, IC_BODY_MAX + 1), -EMSGSIZE);
	assert_int_equal(ic_outstanding(ic), 0);
	assert_int_equal(ic_request(ic, bytes, IC_BODY_MAX), 0);
	take_request();
	assert_int_equal(header->size, IC_BODY_MAX);
	assert_memory_equal(body, bytes, IC_BODY_MAX);
	header->status = 0x80004005;
	send_answer();
	assert_int_equal(answers, 1);
	assert_int_equal(answer_status, 0x80004005);
	assert_int_equal(answer_len, IC_BODY_MAX);
	assert_memory_equal(answer_bytes, bytes, IC_BODY_MAX);
	assert_int_equal(ic_request(ic, bytes, 0), 0);
	take_request();
	send_answer();
	assert_int_equal(answer_len, 0);
}

static void one_request_at_a_time_unless_the_service_says_more(void **state)
{
	u8 second[64];
	u32 second_len;

	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, "a", 1), 0);
	assert_int_equal(ic_request(ic, "b", 1), -EBUSY);
	stop(NULL);

	start(HVP_GENERATION_2019, 2);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, "a", 1), 0);
	assert_int_equal(ic_request(ic, "b", 1), 0);
	assert_int_equal(ic_request(ic, "c", 1), -EBUSY);
	assert_int_equal(ic_outstanding(ic), 2);
	take_request();
	memcpy(second, message, message_len);
	second_len = message_len;
	take_request();
	send_answer();
	assert_int_equal(answer_bytes[0], 'b');
	memcpy(message, second, second_len);
	send_answer();
	assert_int_equal(answer_bytes[0], 'a');
	assert_int_equal(ic_outstanding(ic), 0);
	assert_int_equal(complaints(), 0);
}

static void transaction_numbers_go_round(void **state)
{
	int i;

	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	for (i = 0; i < 600; i++) {
		assert_int_equal(ic_request(ic, "x", 1), 0);
		take_request();
		assert_int_equal(header->transaction, i % 255 + 1);
		send_answer();
	}
	assert_int_equal(answers, 600);
}

static void abandoned_answers_may_come_late(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, "a", 1), 0);
	take_request();
	ic_abandon(ic);
	assert_int_equal(ic_outstanding(ic), 0);
	assert_int_equal(ic_request(ic, "b", 1), 0);
	send_answer();
	assert_int_equal(answers, 0);
	assert_int_equal(complaints(), 0);
	send_answer();			/* once, not twice */
	assert_int_equal(checker_count(bus.checker, RULE_IC_ANSWER), 1);
	take_request();
	send_answer();
	assert_int_equal(answers, 1);
	assert_int_equal(answer_bytes[0], 'b');
}

static void a_new_channel_owes_nothing(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, "a", 1), 0);
	take_request();
	guest_close(channel);
	open_with(3, 2);
	assert_int_equal(complaints(), 0);
	send_answer();
	assert_int_equal(checker_count(bus.checker, RULE_IC_ANSWER), 1);
}

static void negotiating_anew_ends_the_conversation(void **state)
{
	u8 asked[64];
	u32 asked_len;

	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, "a", 1), 0);
	take_request();
	memcpy(asked, message, message_len);
	asked_len = message_len;

	assert_int_equal(ic_renegotiate(ic), 0);
	assert_int_equal(closings, 1);
	assert_int_equal(ic_state(ic), IC_NEGOTIATING);
	assert_int_equal(ic_renegotiate(ic), -ENOTCONN);
	take_request();
	assert_int_equal(header->type, HVP_IC_NEGOTIATE);
	agree(3, 1);
	assert_int_equal(readies, 2);
	assert_int_equal(ic_message(ic).minor, 1);

	memcpy(message, asked, asked_len);
	send_answer();
	assert_int_equal(answers, 0);
	assert_int_equal(complaints(), 0);
}

static void a_service_is_switched_off_and_on(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	assert_true(ic_available(ic) && ic_enabled(ic));
	assert_int_equal(ic_set_enabled(ic, false), 0);
	assert_false(ic_enabled(ic));
	assert_false(fake_device->offered);
	assert_int_equal(ic_set_enabled(ic, true), 0);
	assert_true(fake_device->offered);
}

static void services_are_found_in_their_set(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	assert_ptr_equal(ic_find(&set, "counter"), ic);
	assert_null(ic_find(&set, "count"));
	assert_ptr_equal(ic_next(&set, NULL), ic);
	assert_null(ic_next(&set, ic));
	assert_string_equal(ic_name(ic), "counter");
	assert_string_equal(ic_state_name(IC_REFUSED), "refused");
}

static void unasked_and_broken_answers_are_reported(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	send_answer();
	assert_int_equal(checker_count(bus.checker, RULE_IC_ANSWER), 1);
	header->size = 0xffff;
	send_answer();
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 1);
	message_len = 8;
	send_frame();
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 2);
}

static void what_is_no_answer_is_reported(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, "a", 1), 0);
	take_request();
	send_frame();			/* flagged as a request */
	assert_int_equal(checker_count(bus.checker, RULE_IC_ANSWER), 1);
	header->type = HVP_IC_KVP;
	send_answer();
	assert_int_equal(checker_count(bus.checker, RULE_IC_ANSWER), 2);
	assert_int_equal(answers, 0);
}

static void an_answer_has_the_flags_of_one(void **state)
{
	static const u8 flags[] = {
		0, HVP_IC_TRANSACTION, HVP_IC_RESPONSE, HVP_IC_REPLY_FLAGS | HVP_IC_REQUEST,
		HVP_IC_REPLY_FLAGS | 0x80,
	};
	unsigned int i;

	(void)state;
	start(HVP_GENERATION_2019, 0);
	open_with(3, 2);
	assert_int_equal(ic_request(ic, "a", 1), 0);
	take_request();
	for (i = 0; i < sizeof(flags); i++) {
		header->flags = flags[i];
		send_frame();
		assert_case(i, checker_count(bus.checker, RULE_IC_ANSWER) == i + 1 && !answers);
	}
	send_answer();
	assert_int_equal(answers, 1);
	assert_int_equal(complaints(), i);
}

static void ask_again(void)
{
	static unsigned int asked;
	u8 bytes[64] = { 1, 2, 3 };

	ic_request(ic, bytes, sizeof(bytes));
	if (ic_outstanding(ic) == 4)
		ic_abandon(ic);
	if (++asked % 64 == 0)
		ic_renegotiate(ic);
}

static void no_answer_breaks_the_host(void **state)
{
	(void)state;
	start(HVP_GENERATION_2019, 4);
	open_with(3, 2);
	answer_wildly(20000, ask_again);
	guest_close(channel);
	assert_int_equal(ic_outstanding(ic), 0);
	fake_sent_count = 0;
	open_with(3, 2);		/* as good as new */
	answers = 0;
	assert_int_equal(ic_request(ic, "a", 1), 0);
	take_request();
	send_answer();
	assert_int_equal(answers, 1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_teardown(f, stop)
	static const struct CMUnitTest tests[] = {
		CASE(the_host_lists_versions_of_its_generation),
		CASE(a_service_of_a_later_generation_is_not_offered),
		CASE(agreement_makes_it_ready),
		CASE(nothing_in_common_is_final),
		CASE(a_version_that_was_not_offered_is_refused),
		CASE(a_bad_negotiation_answer_is_refused),
		CASE(a_negotiation_is_answered_with_one_version_of_each_kind_or_none),
		CASE(a_negotiation_is_answered_without_a_status),
		CASE(bodies_are_up_to_13312_bytes),
		CASE(one_request_at_a_time_unless_the_service_says_more),
		CASE(transaction_numbers_go_round),
		CASE(abandoned_answers_may_come_late),
		CASE(a_new_channel_owes_nothing),
		CASE(negotiating_anew_ends_the_conversation),
		CASE(a_service_is_switched_off_and_on),
		CASE(services_are_found_in_their_set),
		CASE(unasked_and_broken_answers_are_reported),
		CASE(what_is_no_answer_is_reported),
		CASE(an_answer_has_the_flags_of_one),
		CASE(no_answer_breaks_the_host),
	};

	return cmocka_run_group_tests_name("ic", tests, NULL, NULL);
}
