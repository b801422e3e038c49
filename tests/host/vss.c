// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/vss_guest.h"

/* Single operations of the backup service, and what the host believes of the guest. */

static struct vss_outcome outcome;
static unsigned int ended;

static void done(void *opaque, const struct vss_outcome *result)
{
	assert_ptr_equal(opaque, &outcome);
	outcome = *result;
	ended++;
}

static int setup(void **state)
{
	vss_setup(state);
	ended = 0;
	return 0;
}

static int ask(enum hvp_vss_op op)
{
	return vss_ask(vss, op, 0, done, &outcome);
}

static void expect_end(unsigned int count, int error, u32 status)
{
	assert_int_equal(ended, count);
	assert_int_equal(outcome.error, error);
	assert_int_equal(outcome.status, status);
	assert_int_equal(fake_sent_count, 0);
}

static void every_operation_is_asked(void **state)
{
	static const u32 sizes[HVP_VSS_OP_COUNT] = {
		[HVP_VSS_CHECK_HOT_BACKUP] = 32, [HVP_VSS_GET_DIRECT_MAPPED] = 32,
		[HVP_VSS_BACKUP_COMPLETE] = 32, [HVP_VSS_FREEZE] = 6260, [HVP_VSS_THAW] = 32,
		[HVP_VSS_AUTO_RECOVER] = 12500, [HVP_VSS_QUERY_CLUSTER] = 7312,
	};
	unsigned int op, n = 0;

	(void)state;
	open_with(7, 0);
	for (op = HVP_VSS_CHECK_HOT_BACKUP; op < HVP_VSS_OP_COUNT; op++) {
		assert_int_equal(ask(op), 0);
		take(op);
		assert_case(op, header->size >= sizes[op] && header->size <= sizes[op] + 8);
		answer(0);
		expect_end(++n, 0, 0);
	}
	assert_int_equal(complaints(), 0);
}

static void the_guest_says_what_it_can(void **state)
{
	(void)state;
	open_with(5, 0);
	ask(HVP_VSS_CHECK_HOT_BACKUP);
	take(HVP_VSS_CHECK_HOT_BACKUP);
	hvp_vss_reply_flags(body, HVP_VSS_NO_AUTO_RECOVERY);
	answer(0);
	assert_int_equal(outcome.flags, HVP_VSS_NO_AUTO_RECOVERY);
	expect_end(1, 0, 0);
}

static void other_flags_are_no_answer(void **state)
{
	static const struct {
		enum hvp_vss_op op;
		u32 flags;
	} cases[] = {
		{ HVP_VSS_CHECK_HOT_BACKUP, 1 }, { HVP_VSS_CHECK_HOT_BACKUP, 4 },
		{ HVP_VSS_CHECK_HOT_BACKUP, 0x10005 }, { HVP_VSS_GET_DIRECT_MAPPED, 1 },
		{ HVP_VSS_GET_DIRECT_MAPPED, HVP_VSS_NO_AUTO_RECOVERY },
	};
	unsigned int i;

	(void)state;
	open_with(5, 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(cases[i].op);
		take(cases[i].op);
		hvp_vss_reply_flags(body, cases[i].flags);
		answer(0);
		expect_end(i + 1, -EBADMSG, 0);
		assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), i + 1);
	}
	ask(HVP_VSS_CHECK_HOT_BACKUP);
	take(HVP_VSS_CHECK_HOT_BACKUP);
	hvp_vss_reply_flags(body, 1);
	answer(HVP_HR_FAIL);
	expect_end(i + 1, 0, HVP_HR_FAIL);
	assert_int_equal(complaints(), i);
}

static void versions_have_their_operations(void **state)
{
	(void)state;
	assert_int_equal(ask(HVP_VSS_THAW), -ENOTCONN);
	open_with(5, 0);
	assert_int_equal(ask(HVP_VSS_QUERY_CLUSTER), -EOPNOTSUPP);
	assert_int_equal(ask(HVP_VSS_FREEZE), 0);
	assert_int_equal(ask(HVP_VSS_THAW), -EBUSY);
}

/* ---- frozen or not ---- */

static void a_freeze_is_remembered_and_measured(void **state)
{
	(void)state;
	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	wait_ms(300);
	assert_int_equal(vss_state(vss)->frozen, 0);
	answer(0);
	assert_int_equal(vss_state(vss)->frozen, VSS_FROZEN);
	wait_ms(1000);
	ask(HVP_VSS_THAW);
	take(HVP_VSS_THAW);
	wait_ms(234);
	answer(HVP_HR_FAIL);
	assert_int_equal(vss_state(vss)->frozen, VSS_FROZEN);
	ask(HVP_VSS_THAW);
	take(HVP_VSS_THAW);
	answer(0);
	assert_int_equal(vss_state(vss)->frozen, 0);
	assert_int_equal(vss_state(vss)->frozen_ms, 1234);
}

static void a_refused_freeze_freezes_nothing(void **state)
{
	(void)state;
	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	answer(HVP_HR_FAIL);
	expect_end(1, 0, HVP_HR_FAIL);
	assert_int_equal(vss_state(vss)->frozen, 0);
}

static void silence_and_nonsense_may_be_frozen(void **state)
{
	(void)state;
	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	wait_ms(VSS_FREEZE_TIMEOUT_MS - 1);
	assert_int_equal(ended, 0);
	wait_ms(1);
	expect_end(1, -ETIMEDOUT, 0);
	assert_int_equal(vss_state(vss)->frozen, VSS_PERHAPS_FROZEN);
	ask(HVP_VSS_THAW);
	take(HVP_VSS_THAW);
	wait_ms(VSS_TIMEOUT_MS);
	expect_end(2, -ETIMEDOUT, 0);
	assert_int_equal(vss_state(vss)->frozen, VSS_PERHAPS_FROZEN);
	ask(HVP_VSS_THAW);
	take(HVP_VSS_THAW);
	answer(0);
	assert_int_equal(vss_state(vss)->frozen, 0);
	assert_int_equal(complaints(), 0);

	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	((struct hvp_vss_head *)body)->op = HVP_VSS_THAW;
	answer(0);
	expect_end(4, -EBADMSG, 0);
	assert_int_equal(vss_state(vss)->frozen, VSS_PERHAPS_FROZEN);
	assert_int_equal(complaints(), 1);
}

static void a_close_thaws_a_new_negotiation_does_not(void **state)
{
	(void)state;
	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	answer(0);
	ic_renegotiate(ic_find(&set, "vss"));
	take_request();
	agree(5, 0);
	assert_int_equal(vss_state(vss)->frozen, VSS_FROZEN);
	guest_close(channel);
	assert_int_equal(vss_state(vss)->frozen, 0);

	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	ic_renegotiate(ic_find(&set, "vss"));
	take_request();		/* the new negotiation */
	expect_end(2, -ENOTCONN, 0);
	assert_int_equal(vss_state(vss)->frozen, VSS_PERHAPS_FROZEN);
}

static void a_closed_channel_ends_the_operation(void **state)
{
	(void)state;
	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	guest_close(channel);
	expect_end(1, -ENOTCONN, 0);
	assert_int_equal(vss_state(vss)->frozen, 0);
	/* Closed in the middle of a new negotiation: known when it is opened again. */
	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	answer(0);
	ic_renegotiate(ic_find(&set, "vss"));
	take_request();
	guest_close(channel);
	open_with(5, 0);
	assert_int_equal(vss_state(vss)->frozen, 0);
}

/* ---- hostile answers ---- */

static void short_answers_are_no_answers(void **state)
{
	static const u16 sizes[] = { 0, 1, 7, 11 };
	unsigned int i;

	(void)state;
	open_with(5, 0);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ask(HVP_VSS_CHECK_HOT_BACKUP);
		take(HVP_VSS_CHECK_HOT_BACKUP);
		header->size = sizes[i];
		message_len = HEADERS + sizes[i];
		pipe_header->size = message_len - 8;
		answer(0);
		assert_case(i, ended == i + 1 && outcome.error == -EBADMSG);
	}
	assert_int_equal(vss_state(vss)->bad, i);
	assert_int_equal(complaints(), i);
}

static void an_answer_to_a_spoiled_question_is_no_violation(void **state)
{
	(void)state;
	open_with(5, 0);
	arm_fault("ic.vss.request poke=0x00000006");
	ask(HVP_VSS_CHECK_HOT_BACKUP);
	take(HVP_VSS_THAW);
	answer(0);
	expect_end(1, -EBADMSG, 0);
	assert_int_equal(complaints(), 0);
}

/* ---- time and others ---- */

static void the_wait_can_be_chosen(void **state)
{
	(void)state;
	open_with(5, 0);
	vss_ask(vss, HVP_VSS_FREEZE, 500, done, &outcome);
	take(HVP_VSS_FREEZE);
	wait_ms(499);
	vss_set_paused(vss, true);
	wait_ms(5000);
	assert_int_equal(ended, 0);
	vss_set_paused(vss, false);
	wait_ms(500);
	expect_end(1, -ETIMEDOUT, 0);
}

static void what_is_forgotten_calls_nobody(void **state)
{
	(void)state;
	open_with(5, 0);
	ask(HVP_VSS_FREEZE);
	take(HVP_VSS_FREEZE);
	vss_forget(vss, &ended);	/* somebody else */
	vss_forget(vss, &outcome);
	answer(0);
	assert_int_equal(ended, 0);
	assert_int_equal(vss_state(vss)->frozen, VSS_FROZEN);
}

static void any_bytes_can_be_asked(void **state)
{
	(void)state;
	assert_int_equal(vss_ask_raw(vss, "\x63", 1, done, &outcome), -ENOTCONN);
	open_with(5, 0);
	assert_int_equal(vss_ask_raw(vss, "\x63", 1, done, &outcome), 0);
	take_request();
	assert_int_equal(header->size, 1);
	answer(HVP_HR_NOT_SUPPORTED);
	expect_end(1, 0, HVP_HR_NOT_SUPPORTED);
	assert_int_equal(outcome.len, 1);
	assert_int_equal(complaints(), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, vss_teardown)
	static const struct CMUnitTest tests[] = {
		CASE(every_operation_is_asked),
		CASE(the_guest_says_what_it_can),
		CASE(other_flags_are_no_answer),
		CASE(versions_have_their_operations),
		CASE(a_freeze_is_remembered_and_measured),
		CASE(a_refused_freeze_freezes_nothing),
		CASE(silence_and_nonsense_may_be_frozen),
		CASE(a_close_thaws_a_new_negotiation_does_not),
		CASE(a_closed_channel_ends_the_operation),
		CASE(short_answers_are_no_answers),
		CASE(an_answer_to_a_spoiled_question_is_no_violation),
		CASE(the_wait_can_be_chosen),
		CASE(what_is_forgotten_calls_nobody),
		CASE(any_bytes_can_be_asked),
	};

	return cmocka_run_group_tests_name("vss", tests, NULL, NULL);
}
