// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/ic_guest.h"

/* Everything that can be wrong with a frame, or with when it goes out, can be asked for. */

static struct ic *ic;
static int answers;
static bool answer_was_spoiled;
static u8 answer_first;

static void answered(void *opaque, u32 status, const void *bytes, u32 len)
{
	(void)opaque;
	(void)status;
	answers++;
	answer_was_spoiled = ic_answer_spoiled(ic);
	answer_first = len ? *(const u8 *)bytes : 0;
}

static const struct ic_service service = {
	.name		= "kvp",
	.class_id	= HVP_CLASS_KVP,
	.type		= HVP_IC_KVP,
	.depth		= 4,
	.answered	= answered,
};

static int start(void **state)
{
	struct err err;

	(void)state;
	bench_start(HVP_GENERATION_2019);
	answers = 0;
	assert_int_equal(ic_create(&ic, &set, &service, NULL, &err), 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	ic_destroy(ic);
	bench_stop();
	return 0;
}

#define BODY_LEN	64

static void ask(char first)
{
	u8 bytes[BODY_LEN] = { (u8)first };

	assert_int_equal(ic_request(ic, bytes, sizeof(bytes)), 0);
}

static void open_armed(const char *fault)
{
	open_with(4, 0);
	arm_fault(fault);
}

/* ---- lost and late ---- */

static void a_dropped_negotiation_leaves_the_service_waiting(void **state)
{
	static const char *const faults[] = { "ic.negotiate drop", "ic.kvp.request drop" };
	int i;

	for (i = 0; i < 2; i++) {
		arm_fault(faults[i]);
		channel = &fake_device->channels[0];
		guest_open(channel);
		wait_ms(1);
		assert_int_equal(fake_sent_count, 0);
		assert_int_equal(ic_state(ic), IC_NEGOTIATING);
		guest_close(channel);
	}
	assert_int_equal(fires(FAULT_IC_NEGOTIATE), 1);
	assert_int_equal(fires(FAULT_IC_REQUEST), 1);
	(void)state;
}

static void the_negotiation_can_come_late(void **state)
{
	(void)state;
	arm_fault("ic.kvp.negotiate delay=500");
	channel = &fake_device->channels[0];
	guest_open(channel);
	wait_ms(499);
	assert_int_equal(fake_sent_count, 0);
	wait_ms(2);
	take_request();
	agree(4, 0);
	assert_int_equal(ic_state(ic), IC_READY);
}

static void a_request_can_be_lost(void **state)
{
	(void)state;
	open_armed("ic.kvp.request drop");
	ask('a');
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(ic_outstanding(ic), 1);
	ic_abandon(ic);
	ask('b');
	take_request();
	send_answer();
	assert_int_equal(answers, 1);
	send_answer();			/* nothing excuses this one */
	assert_int_equal(complaints(), 1);
}

static void never_is_for_ever(void **state)
{
	int i;

	(void)state;
	open_armed("ic.request never device=kvp");
	for (i = 0; i < 4; i++)
		ask('a');
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(fires(FAULT_IC_REQUEST), 4);
}

static void a_late_request_holds_up_those_behind_it(void **state)
{
	(void)state;
	open_armed("ic.kvp.request delay=300");
	ask('a');
	ask('b');
	wait_ms(299);
	assert_int_equal(fake_sent_count, 0);
	wait_ms(2);
	assert_int_equal(fake_sent_count, 2);
	take_request();
	assert_int_equal(*(u8 *)body, 'a');
	send_answer();
	take_request();
	assert_int_equal(*(u8 *)body, 'b');
	send_answer();
	assert_int_equal(answers, 2);
}

static void a_late_request_dies_with_the_channel(void **state)
{
	(void)state;
	open_armed("ic.kvp.request delay=300");
	ask('a');
	guest_close(channel);
	wait_ms(400);
	assert_int_equal(fake_sent_count, 0);
}

static void an_answer_can_be_lost(void **state)
{
	(void)state;
	open_armed("ic.kvp.reply drop");
	ask('a');
	take_request();
	send_answer();
	assert_int_equal(answers, 0);
	assert_int_equal(ic_outstanding(ic), 1);
	send_answer();			/* it came already */
	assert_int_equal(complaints(), 1);
	assert_int_equal(fires(FAULT_IC_REPLY), 1);
}

static void an_answer_can_be_late(void **state)
{
	(void)state;
	open_armed("ic.kvp.reply delay=200");
	ask('a');
	ask('b');
	take_request();
	send_answer();
	take_request();
	send_answer();
	wait_ms(199);
	assert_int_equal(answers, 0);
	wait_ms(2);
	assert_int_equal(answers, 2);
	assert_int_equal(answer_first, 'b');
}

static void a_late_answer_is_nothing_to_who_gave_up(void **state)
{
	(void)state;
	open_armed("ic.kvp.reply delay=200");
	ask('a');
	take_request();
	send_answer();
	ic_abandon(ic);
	wait_ms(300);
	assert_int_equal(answers, 0);
	assert_int_equal(complaints(), 0);
}

static void the_device_can_go_in_the_middle(void **state)
{
	(void)state;
	open_armed("ic.kvp.request rescind");
	ask('a');
	assert_false(ic_enabled(ic));
	take_request();			/* it went out all the same */
	assert_int_equal(ic_set_enabled(ic, true), 0);
	arm_fault("ic.kvp.reply rescind");
	send_answer();
	assert_int_equal(answers, 1);
	assert_false(ic_enabled(ic));
}

/* ---- order ---- */

static void a_request_can_go_out_twice(void **state)
{
	u8 first[200];

	(void)state;
	open_armed("ic.kvp.request twice");
	ask('a');
	take_request();
	memcpy(first, message, message_len);
	send_answer();
	take_request();
	assert_memory_equal(message, first, message_len);
	send_answer();
	assert_int_equal(answers, 1);
	assert_int_equal(complaints(), 0);
}

static void a_request_can_change_places_with_the_next(void **state)
{
	(void)state;
	open_armed("ic.kvp.request hold");
	ask('a');
	assert_int_equal(fake_sent_count, 0);
	ask('b');
	take_request();
	assert_int_equal(*(u8 *)body, 'b');
	send_answer();
	take_request();
	assert_int_equal(*(u8 *)body, 'a');
	send_answer();
	assert_int_equal(answers, 2);
	assert_int_equal(complaints(), 0);
}

static void what_is_held_dies_with_the_channel(void **state)
{
	(void)state;
	open_armed("ic.kvp.request hold");
	ask('a');
	guest_close(channel);
	open_with(4, 0);
	ask('b');
	take_request();
	assert_int_equal(*(u8 *)body, 'b');
	assert_int_equal(fake_sent_count, 0);
}

/* ---- spoiled frames ---- */

static void expect_bytes(u32 len)
{
	assert_int_equal(message_len, HEADERS + len);
}

static void pipe_is_5(void)
{
	expect_bytes(BODY_LEN);
	assert_int_equal(pipe_header->size, 5);
}

static void length_is_9999(void)
{
	expect_bytes(BODY_LEN);
	assert_int_equal(header->size, 9999);
}

static void frame_is_short(void)
{
	assert_int_equal(message_len, 30);
	assert_int_equal(header->size, BODY_LEN);
}

static void frame_is_padded(void)
{
	expect_bytes(BODY_LEN + 100);
	assert_int_equal(header->size, BODY_LEN);
	assert_int_equal(message[message_len - 1], 0);
}

static void framework_is_9_1(void)
{
	assert_int_equal(header->framework.major, 9);
	assert_int_equal(header->framework.minor, 1);
}

static void version_is_5_7(void)
{
	assert_int_equal(header->message.major, 5);
	assert_int_equal(header->message.minor, 7);
}

static void type_is_fcopy(void)
{
	assert_int_equal(header->type, HVP_IC_FCOPY);
}

static void transaction_is_77(void)
{
	assert_int_equal(header->transaction, 77);
}

static void flags_are_gone(void)
{
	assert_int_equal(header->flags, 0);
}

static void body_is_poked(void)
{
	const u8 *bytes = body;

	assert_int_equal(bytes[0x20], 0xcd);
	assert_int_equal(bytes[0x21], 0xab);
	assert_int_equal(bytes[0x1f] | bytes[0x22], 0);
}

static void nothing_is_changed(void)
{
	u8 bytes[BODY_LEN] = { 'a' };

	expect_bytes(BODY_LEN);
	assert_memory_equal(body, bytes, BODY_LEN);
}

static void frames_are_spoiled(void **state)
{
	static const struct {
		const char *fault;
		void (*check)(void);
	} cases[] = {
		{ "ic.kvp.request pipe=5", pipe_is_5 },
		{ "ic.kvp.request length=9999", length_is_9999 },
		{ "ic.kvp.request short=30", frame_is_short },
		{ "ic.kvp.request pad=100", frame_is_padded },
		{ "ic.kvp.request framework=0x90001", framework_is_9_1 },
		{ "ic.kvp.request version=0x50007", version_is_5_7 },
		{ "ic.kvp.request type=7", type_is_fcopy },
		{ "ic.kvp.request transaction=77", transaction_is_77 },
		{ "ic.kvp.request flags=0", flags_are_gone },
		{ "ic.kvp.request poke=0x20abcd", body_is_poked },
		{ "ic.kvp.request poke=0x3fabcd", nothing_is_changed },	/* one byte too far */
		{ "ic.kvp.request short=5000", nothing_is_changed },
	};
	size_t i;

	(void)state;
	open_with(4, 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		arm_fault(cases[i].fault);
		ask('a');
		take_frame();
		cases[i].check();
		assert_int_equal(fires(FAULT_IC_REQUEST), i + 1);
		ic_abandon(ic);
	}
}

/* Whatever a guest makes of a spoiled frame is no fault of its own. */
static void answers_to_spoiled_frames_are_excused(void **state)
{
	(void)state;
	open_armed("ic.kvp.request length=60000");
	ask('a');
	take_frame();
	send_answer();			/* with the length that the host has put there */
	assert_int_equal(answers, 0);
	assert_int_equal(complaints(), 0);
	send_answer();
	assert_int_equal(complaints(), 1);
	ic_abandon(ic);

	arm_fault("ic.kvp.request type=7");
	ask('b');
	take_frame();
	send_answer();
	assert_int_equal(answers, 0);
	assert_int_equal(complaints(), 1);

	arm_fault("ic.kvp.request transaction=200");
	ask('c');
	take_frame();
	send_answer();
	assert_int_equal(answers, 0);
	assert_int_equal(complaints(), 1);
	ic_abandon(ic);
}

static void an_answer_knows_that_it_is_to_a_spoiled_frame(void **state)
{
	(void)state;
	open_armed("ic.kvp.request pad=8");
	ask('a');
	take_frame();
	send_answer();
	assert_int_equal(answers, 1);
	assert_true(answer_was_spoiled);
	ask('b');
	take_request();
	send_answer();
	assert_int_equal(answers, 2);
	assert_false(answer_was_spoiled);
	send_answer();
	assert_int_equal(complaints(), 1);
}

static void a_request_can_come_before_the_negotiation(void **state)
{
	(void)state;
	arm_fault("ic.negotiate type=2");
	channel = &fake_device->channels[0];
	guest_open(channel);
	wait_ms(1);
	take_frame();
	assert_int_equal(header->type, HVP_IC_KVP);
	assert_int_equal(ic_state(ic), IC_NEGOTIATING);
	assert_int_equal(fires(FAULT_IC_NEGOTIATE), 1);
	assert_int_equal(fires(FAULT_IC_REQUEST), 0);
}

/* What was offered is the fault's: a guest that takes it, or sends it back, does no wrong. */
static void an_answer_to_a_spoiled_negotiation_is_no_violation(void **state)
{
	static const char *const faults[] = {
		"ic.negotiate poke=0x00001f", "ic.negotiate poke=0x000002", "ic.negotiate pad=8",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		arm_fault(faults[i]);
		channel = &fake_device->channels[0];
		guest_open(channel);
		wait_ms(1);
		take_frame();
		header->status = HVP_HR_FAIL;
		send_answer();
		assert_case(i, ic_state(ic) == IC_REFUSED && !complaints());
		guest_close(channel);
	}
}

/* ---- arming ---- */

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *fault, *word;
	} cases[] = {
		{ "ic.kpv.request drop", "ic.kpv.request" },
		{ "ic.kvp.offer drop", "ic.kvp.offer" },
		{ "ic.kvp.", "ic.kvp." },
		{ "msg.offer poke=1", "ic.request" },
		{ "ic.reply length=1", "ic.request" },
		{ "ic.request length", "needs a number" },
		{ "ic.request twice=2", "takes no value" },
	};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(fault_arm(bus.fault, cases[i].fault, NULL, &err), -EINVAL);
		if (!strstr(err.text, cases[i].word))
			fail_msg("%s: %s", cases[i].fault, err.text);
	}
}

static void a_service_in_the_name_is_a_filter(void **state)
{
	struct fault_info info;

	(void)state;
	arm_fault("ic.vss.request poke=0x100002 after=3");
	assert_true(fault_list(bus.fault, 0, &info));
	assert_string_equal(info.text, "ic.request poke=1048578 device=vss after=3 count=1");
	open_with(4, 0);
	ask('a');
	assert_int_equal(fires(FAULT_IC_REQUEST), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
	static const struct CMUnitTest tests[] = {
		CASE(a_dropped_negotiation_leaves_the_service_waiting),
		CASE(the_negotiation_can_come_late),
		CASE(a_request_can_be_lost),
		CASE(never_is_for_ever),
		CASE(a_late_request_holds_up_those_behind_it),
		CASE(a_late_request_dies_with_the_channel),
		CASE(an_answer_can_be_lost),
		CASE(an_answer_can_be_late),
		CASE(a_late_answer_is_nothing_to_who_gave_up),
		CASE(the_device_can_go_in_the_middle),
		CASE(a_request_can_go_out_twice),
		CASE(a_request_can_change_places_with_the_next),
		CASE(what_is_held_dies_with_the_channel),
		CASE(frames_are_spoiled),
		CASE(answers_to_spoiled_frames_are_excused),
		CASE(an_answer_knows_that_it_is_to_a_spoiled_frame),
		CASE(a_request_can_come_before_the_negotiation),
		CASE(an_answer_to_a_spoiled_negotiation_is_no_violation),
		CASE(mistakes_are_named),
		CASE(a_service_in_the_name_is_a_filter),
	};

	return cmocka_run_group_tests_name("ic_fault", tests, NULL, NULL);
}
