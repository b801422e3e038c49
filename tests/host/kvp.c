// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "tests/host/kvp_guest.h"

/* The key-value service: the queue, the operations, the answers that make no sense. */

static struct kvp_outcome outcome;	/* of the operation that ended last */
static struct hvp_kvp_item item;
static unsigned int ended;

static void done(void *opaque, const struct kvp_outcome *result)
{
	assert_ptr_equal(opaque, &outcome);
	outcome = *result;
	if (result->item)
		item = *result->item;
	ended++;
}

static int setup(void **state)
{
	kvp_setup(state);
	ended = 0;
	open_with(4, 0);
	let_the_host_settle();
	return 0;
}

static void expect_end(unsigned int count, int error, u32 status)
{
	assert_int_equal(ended, count);
	assert_int_equal(outcome.error, error);
	assert_int_equal(outcome.status, status);
}

static void a_pair_is_read(void **state)
{
	(void)state;
	assert_int_equal(kvp_get(kvp, HVP_KVP_GUEST, "colour", done, &outcome), 0);
	assert_int_equal(ended, 0);
	take(HVP_KVP_GET, HVP_KVP_GUEST);
	assert_int_equal(asked->pair.key_size, 14);
	assert_memory_equal(asked->pair.key, u"colour", 14);
	answer_pair("colour", "gr\xc3\xbcn");
	expect_end(1, 0, 0);
	assert_non_null(outcome.item);
	assert_string_equal(item.key, "colour");
	assert_string_equal(item.value, "gr\xc3\xbcn");
	assert_int_equal(complaints(), 0);
}

static void a_pair_is_written(void **state)
{
	struct hvp_kvp_item pair = { .type = HVP_KVP_STRING, .key = "k", .value = "v" };

	(void)state;
	assert_int_equal(kvp_set(kvp, HVP_KVP_EXTERNAL, &pair, done, &outcome), 0);
	take(HVP_KVP_SET, HVP_KVP_EXTERNAL);
	assert_int_equal(asked->pair.type, HVP_KVP_STRING);
	assert_memory_equal(asked->pair.value, u"v", 4);
	answer(0);
	expect_end(1, 0, 0);
	assert_null(outcome.item);

	pair = (struct hvp_kvp_item) { .type = HVP_KVP_U64, .key = "n", .number = ~0ull };
	assert_int_equal(kvp_set(kvp, HVP_KVP_EXTERNAL, &pair, done, &outcome), 0);
	take(HVP_KVP_SET, HVP_KVP_EXTERNAL);
	assert_int_equal(asked->pair.type, HVP_KVP_U64);
	assert_int_equal(asked->pair.value_size, 8);
	answer(0x80070057);
	expect_end(2, 0, 0x80070057);

	pair.type = HVP_KVP_U64_LINUX;
	assert_int_equal(kvp_set(kvp, HVP_KVP_EXTERNAL, &pair, done, &outcome), 0);
	take(HVP_KVP_SET, HVP_KVP_EXTERNAL);
	assert_int_equal(asked->pair.type, HVP_KVP_U64_LINUX);
	assert_int_equal(asked->pair.value_size, 8);
	answer(0);
	expect_end(3, 0, 0);
}

static void a_pair_is_deleted(void **state)
{
	(void)state;
	assert_int_equal(kvp_delete(kvp, HVP_KVP_AUTO_INTERNAL, "old", done, &outcome), 0);
	take(HVP_KVP_DELETE, HVP_KVP_AUTO_INTERNAL);
	assert_int_equal(asked->key.size, 8);
	answer(HVP_HR_NO_MORE_ITEMS);
	expect_end(1, 0, HVP_HR_NO_MORE_ITEMS);
	assert_int_equal(kvp_state(kvp)->refused, 2);	/* the end of the automatic keys, too */
}

static void what_cannot_be_sent_is_refused_at_once(void **state)
{
	struct hvp_kvp_item pair = { .type = HVP_KVP_U32, .key = "n", .number = 1ull << 32 };
	u8 big[IC_BODY_MAX + 1] = { 0 };

	(void)state;
	assert_int_equal(kvp_get(kvp, HVP_KVP_GUEST, "", done, &outcome), -EINVAL);
	assert_int_equal(kvp_get(kvp, HVP_KVP_GUEST, "\xff", done, &outcome), -EILSEQ);
	assert_int_equal(kvp_set(kvp, HVP_KVP_EXTERNAL, &pair, done, &outcome), -EINVAL);
	assert_int_equal(kvp_ask(kvp, big, sizeof(big), NULL, &outcome), -EMSGSIZE);
	assert_int_equal(fake_sent_count, 0);
	guest_close(channel);
	assert_int_equal(kvp_get(kvp, HVP_KVP_GUEST, "k", done, &outcome), -ENOTCONN);
	assert_int_equal(ended, 0);
}

/* ---- lists ---- */

static unsigned int listed;

static void saw(void *opaque, const struct hvp_kvp_item *pair)
{
	assert_ptr_equal(opaque, &outcome);
	item = *pair;
	listed++;
}

static const struct kvp_list_ops list_ops = { .item = saw, .done = done };

static void a_pool_is_listed_to_its_end(void **state)
{
	char key[16];
	u32 i;

	(void)state;
	listed = 0;
	assert_int_equal(kvp_list(kvp, HVP_KVP_GUEST, &list_ops, &outcome), 0);
	for (i = 0; i < 250; i++) {
		take(HVP_KVP_ENUMERATE, HVP_KVP_GUEST);
		assert_int_equal(asked->indexed.index, i);
		snprintf(key, sizeof(key), "key%u", i);
		answer_pair(key, "value");
		assert_int_equal(listed, i + 1);
		assert_string_equal(item.key, key);
	}
	take(HVP_KVP_ENUMERATE, HVP_KVP_GUEST);
	answer(HVP_HR_NO_MORE_ITEMS);
	expect_end(1, 0, 0);
	assert_int_equal(complaints(), 0);
}

static void a_list_ends_with_a_refusal_a_close_or_a_limit(void **state)
{
	u32 i;

	(void)state;
	kvp_list(kvp, HVP_KVP_GUEST, &list_ops, &outcome);
	take(HVP_KVP_ENUMERATE, HVP_KVP_GUEST);
	answer(HVP_HR_FAIL);
	expect_end(1, 0, HVP_HR_FAIL);

	kvp_list(kvp, HVP_KVP_GUEST, &list_ops, &outcome);
	for (i = 0; i <= KVP_LIST_MAX; i++) {
		take(HVP_KVP_ENUMERATE, HVP_KVP_GUEST);
		answer_pair("k", "v");
	}
	expect_end(2, -E2BIG, 0);

	kvp_list(kvp, HVP_KVP_GUEST, &list_ops, &outcome);
	take(HVP_KVP_ENUMERATE, HVP_KVP_GUEST);
	guest_close(channel);
	expect_end(3, -ENOTCONN, 0);
}

/* ---- hostile answers ---- */

struct spoil {
	size_t offset;		/* in the body */
	u32 value;
	u32 bytes;
};

/* Each makes a good answer to GET bad. */
static const struct spoil spoils[] = {
	{ 0, HVP_KVP_SET, 1 },
	{ offsetof(struct hvp_kvp_message, pair.type), 3, 4 },
	{ offsetof(struct hvp_kvp_message, pair.type), 0xffffffff, 4 },
	{ offsetof(struct hvp_kvp_message, pair.key_size), 0, 4 },
	{ offsetof(struct hvp_kvp_message, pair.key_size), 3, 4 },
	{ offsetof(struct hvp_kvp_message, pair.key_size), 514, 4 },
	{ offsetof(struct hvp_kvp_message, pair.key_size), 0xfffffffe, 4 },
	{ offsetof(struct hvp_kvp_message, pair.value_size), 1, 4 },
	{ offsetof(struct hvp_kvp_message, pair.value_size), 2050, 4 },
	{ offsetof(struct hvp_kvp_message, pair.value_size), 0x80000002, 4 },
	{ offsetof(struct hvp_kvp_message, pair.value), 0xd800, 2 },	/* half a pair */
	{ offsetof(struct hvp_kvp_message, pair.value), 0xdc00, 2 },
	{ offsetof(struct hvp_kvp_message, pair.value), 0, 2 },		/* a NUL inside */
};

static void answers_without_sense_are_no_answers(void **state)
{
	static const char key[HVP_KVP_KEY_ROOM] = "key", value[HVP_KVP_VALUE_ROOM] = "value";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		assert_int_equal(kvp_get(kvp, HVP_KVP_GUEST, "key", done, &outcome), 0);
		take(HVP_KVP_GET, HVP_KVP_GUEST);
		hvp_kvp_reply(asked, key, value);
		memcpy((u8 *)asked + spoils[i].offset, &spoils[i].value, spoils[i].bytes);
		answer(0);
		assert_case(i, ended == i + 1 && outcome.error == -EBADMSG && !outcome.item);
		assert_case(i, complaints() == i + 1);
	}
	assert_int_equal(kvp_state(kvp)->bad, i);
}

static const struct hvp_kvp_item a_pair = { .type = HVP_KVP_STRING, .key = "key", .value = "v" };

static void ask_for(enum hvp_kvp_op op)
{
	if (op == HVP_KVP_GET)
		kvp_get(kvp, HVP_KVP_GUEST, "key", done, &outcome);
	else if (op == HVP_KVP_SET)
		kvp_set(kvp, HVP_KVP_GUEST, &a_pair, done, &outcome);
	else
		kvp_delete(kvp, HVP_KVP_GUEST, "key", done, &outcome);
	take(op, HVP_KVP_GUEST);
	if (op == HVP_KVP_GET)
		hvp_kvp_reply(asked, (char[HVP_KVP_KEY_ROOM]) { "key" },
			      (char[HVP_KVP_VALUE_ROOM]) { "value" });
}

static void answers_are_about_what_was_asked(void **state)
{
	unsigned int op, n = 0;

	(void)state;
	for (op = HVP_KVP_GET; op <= HVP_KVP_DELETE; op++) {
		u8 *key = op == HVP_KVP_DELETE ? asked->key.key : asked->pair.key;
		u32 *size = op == HVP_KVP_DELETE ? &asked->key.size : &asked->pair.key_size;

		ask_for(op);
		asked->head.pool = HVP_KVP_EXTERNAL;
		answer(0);
		expect_end(++n, -EBADMSG, 0);
		ask_for(op);
		key[0] = 'K';
		answer(0);
		expect_end(++n, -EBADMSG, 0);
		ask_for(op);
		*size -= 2;
		answer(0);
		expect_end(++n, -EBADMSG, 0);
		assert_int_equal(complaints(), n);
	}
	kvp_list(kvp, HVP_KVP_GUEST, &list_ops, &outcome);
	take(HVP_KVP_ENUMERATE, HVP_KVP_GUEST);
	asked->head.pool = HVP_KVP_EXTERNAL;
	answer_pair("k", "v");
	expect_end(++n, -EBADMSG, 0);
	assert_int_equal(complaints(), n);
}

static void a_short_answer_is_no_answer(void **state)
{
	static const u16 sizes[] = { 0, 1, 2, 4, 16, 1000, sizeof(struct hvp_kvp_pair) + 3 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		kvp_get(kvp, HVP_KVP_GUEST, "key", done, &outcome);
		take(HVP_KVP_GET, HVP_KVP_GUEST);
		header->size = sizes[i];
		message_len = HEADERS + sizes[i];
		pipe_header->size = message_len - 8;
		answer(0);
		assert_case(i, ended == i + 1 && outcome.error == -EBADMSG);
	}
	kvp_delete(kvp, HVP_KVP_GUEST, "key", done, &outcome);
	take(HVP_KVP_DELETE, HVP_KVP_GUEST);
	asked->head.op = HVP_KVP_SET;
	answer(0);
	expect_end((unsigned int)i + 1, -EBADMSG, 0);
}

/* A guest that refuses need not have written anything sensible. */
static void a_refusal_is_not_looked_into(void **state)
{
	(void)state;
	kvp_get(kvp, HVP_KVP_GUEST, "key", done, &outcome);
	take(HVP_KVP_GET, HVP_KVP_GUEST);
	memset(asked, 0xff, sizeof(*asked));
	answer(HVP_HR_FAIL);
	expect_end(1, 0, HVP_HR_FAIL);
	assert_int_equal(complaints(), 0);
}

/* A fault changed the question: what the guest makes of it is not its mistake. */
static void an_answer_to_a_spoiled_question_is_no_violation(void **state)
{
	(void)state;
	arm_fault("ic.kvp.request poke=0x00000105");
	kvp_get(kvp, HVP_KVP_GUEST, "key", done, &outcome);
	take_request();
	answer(0);
	expect_end(1, -EBADMSG, 0);
	assert_int_equal(complaints(), 0);
}

/* ---- time ---- */

static void silence_ends_with_the_deadline(void **state)
{
	(void)state;
	kvp_get(kvp, HVP_KVP_GUEST, "a", done, &outcome);
	take(HVP_KVP_GET, HVP_KVP_GUEST);
	kvp_delete(kvp, HVP_KVP_GUEST, "b", done, &outcome);
	wait_ms(KVP_TIMEOUT_MS - 1);
	assert_int_equal(ended, 0);
	wait_ms(1);
	expect_end(1, -ETIMEDOUT, 0);
	/* The late answer is nobody's, and the next question goes out. */
	answer_pair("a", "late");
	assert_int_equal(ended, 1);
	take(HVP_KVP_DELETE, HVP_KVP_GUEST);
	answer(0);
	expect_end(2, 0, 0);
	assert_int_equal(complaints(), 0);
	assert_int_equal(kvp_state(kvp)->lost, 1);
}

static void an_impatient_host_gives_up_sooner(void **state)
{
	(void)state;
	ic_set_patience(ic_find(&set, "kvp"), 5000);
	kvp_get(kvp, HVP_KVP_GUEST, "a", done, &outcome);
	take(HVP_KVP_GET, HVP_KVP_GUEST);
	wait_ms(4999);
	assert_int_equal(ended, 0);
	wait_ms(1);
	expect_end(1, -ETIMEDOUT, 0);
	ic_set_patience(ic_find(&set, "kvp"), 2 * KVP_TIMEOUT_MS);
	kvp_get(kvp, HVP_KVP_GUEST, "a", done, &outcome);
	take(HVP_KVP_GET, HVP_KVP_GUEST);
	wait_ms(KVP_TIMEOUT_MS);
	expect_end(2, -ETIMEDOUT, 0);
}

static void a_paused_guest_has_all_the_time(void **state)
{
	(void)state;
	kvp_get(kvp, HVP_KVP_GUEST, "a", done, &outcome);
	take(HVP_KVP_GET, HVP_KVP_GUEST);
	kvp_set_poll(kvp, 0);
	kvp_set_paused(kvp, true);
	wait_ms(10 * KVP_TIMEOUT_MS);
	assert_int_equal(ended, 0);
	kvp_set_paused(kvp, false);
	wait_ms(KVP_TIMEOUT_MS - 1);
	assert_int_equal(ended, 0);
	answer_pair("a", "1");
	expect_end(1, 0, 0);
}

/* ---- the queue ---- */

static void questions_wait_in_turn(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < KVP_QUEUE_MAX; i++)
		assert_int_equal(kvp_delete(kvp, i % 5, "k", done, &outcome), 0);
	assert_int_equal(kvp_delete(kvp, 0, "k", done, &outcome), -EBUSY);
	for (i = 0; i < KVP_QUEUE_MAX; i++) {
		assert_int_equal(fake_sent_count, 1);
		take(HVP_KVP_DELETE, i % 5);
		answer(0);
		assert_int_equal(ended, i + 1);
	}
	assert_int_equal(fake_sent_count, 0);
}

static void a_close_ends_all_questions(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		kvp_delete(kvp, HVP_KVP_GUEST, "k", done, &outcome);
	guest_close(channel);
	expect_end(5, -ENOTCONN, 0);
	assert_int_equal(kvp_state(kvp)->lost, 5);
}

static void what_is_forgotten_calls_nobody(void **state)
{
	int other = 0;

	(void)state;
	kvp_delete(kvp, HVP_KVP_GUEST, "asked", done, &other);
	kvp_delete(kvp, HVP_KVP_GUEST, "waits", done, &other);
	kvp_list(kvp, HVP_KVP_GUEST, &list_ops, &other);
	kvp_delete(kvp, HVP_KVP_GUEST, "mine", done, &outcome);
	kvp_forget(kvp, &other);
	take(HVP_KVP_DELETE, HVP_KVP_GUEST);
	assert_memory_equal(asked->key.key, u"asked", 10);
	answer(0);
	assert_int_equal(ended, 0);
	take(HVP_KVP_DELETE, HVP_KVP_GUEST);
	assert_memory_equal(asked->key.key, u"mine", 8);
	answer(0);
	expect_end(1, 0, 0);
	/* In the middle of a list. */
	kvp_list(kvp, HVP_KVP_GUEST, &list_ops, &other);
	take(HVP_KVP_ENUMERATE, HVP_KVP_GUEST);
	kvp_forget(kvp, &other);
	answer_pair("k", "v");
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(ended, 1);
}

static bool raw_answered;
static u32 raw_status, raw_len;

static void raw_done(void *opaque, const struct ic_answer *result)
{
	assert_ptr_equal(opaque, &outcome);
	raw_answered = true;
	raw_status = result->status;
	raw_len = result->len;
}

static void any_bytes_can_be_asked(void **state)
{
	(void)state;
	raw_answered = false;
	assert_int_equal(kvp_ask(kvp, "\x09\xff", 2, raw_done, &outcome), 0);
	take_request();
	assert_int_equal(header->size, 2);
	assert_memory_equal(body, "\x09\xff", 2);
	answer(0x80070032);
	assert_true(raw_answered);
	assert_int_equal(raw_status, 0x80070032);
	assert_int_equal(raw_len, 2);
	assert_int_equal(complaints(), 0);
	assert_int_equal(kvp_ask(kvp, "", 0, raw_done, &outcome), 0);
	take_request();
	answer(0);
	assert_int_equal(raw_len, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, kvp_teardown)
	static const struct CMUnitTest tests[] = {
		CASE(a_pair_is_read),
		CASE(a_pair_is_written),
		CASE(a_pair_is_deleted),
		CASE(what_cannot_be_sent_is_refused_at_once),
		CASE(a_pool_is_listed_to_its_end),
		CASE(a_list_ends_with_a_refusal_a_close_or_a_limit),
		CASE(answers_without_sense_are_no_answers),
		CASE(answers_are_about_what_was_asked),
		CASE(a_short_answer_is_no_answer),
		CASE(a_refusal_is_not_looked_into),
		CASE(an_answer_to_a_spoiled_question_is_no_violation),
		CASE(silence_ends_with_the_deadline),
		CASE(an_impatient_host_gives_up_sooner),
		CASE(a_paused_guest_has_all_the_time),
		CASE(questions_wait_in_turn),
		CASE(a_close_ends_all_questions),
		CASE(what_is_forgotten_calls_nobody),
		CASE(any_bytes_can_be_asked),
	};

	return cmocka_run_group_tests_name("kvp", tests, NULL, NULL);
}
