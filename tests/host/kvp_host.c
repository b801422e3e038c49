// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "protocol/guid.h"
#include "tests/host/kvp_guest.h"

/* What the host does by itself: tell its facts, look at the automatic keys. */

#define POLL_MS	60000

struct told {
	char key[64];
	char value[128];
	u32 number;
	u32 type;
};

static struct told told[FACTS];

static void take_facts(u32 status)
{
	int i;

	for (i = 0; i < FACTS; i++) {
		take(HVP_KVP_SET, HVP_KVP_AUTO_EXTERNAL);
		told[i].type = asked->pair.type;
		memcpy(&told[i].number, asked->pair.value, sizeof(told[i].number));
		assert_true(hvp_utf16_sized(asked->pair.key, asked->pair.key_size,
					    HVP_KVP_KEY_SIZE, told[i].key,
					    sizeof(told[i].key)) > 0);
		if (asked->pair.type == HVP_KVP_STRING)
			assert_true(hvp_utf16_sized(asked->pair.value, asked->pair.value_size,
						    HVP_KVP_VALUE_SIZE, told[i].value,
						    sizeof(told[i].value)) > 0);
		answer(status);
	}
}

static const struct told *fact(const char *key)
{
	int i;

	for (i = 0; i < FACTS; i++) {
		if (!strcmp(told[i].key, key))
			return &told[i];
	}
	fail_msg("the host does not tell %s", key);
	return NULL;
}

static void take_keys(const char *const *keys)
{
	u32 i;

	for (i = 0; keys[i]; i++) {
		take(HVP_KVP_ENUMERATE, HVP_KVP_AUTO);
		assert_int_equal(asked->indexed.index, i);
		answer_pair(keys[i], "value");
	}
	take(HVP_KVP_ENUMERATE, HVP_KVP_AUTO);
	answer(HVP_HR_NO_MORE_ITEMS);
}

static const char *const two_keys[] = { "OSName", "OSVersion", NULL };
static const char *const no_keys[] = { NULL };

static void the_host_tells_who_it_is(void **state)
{
	struct hvp_guid guid;
	char name[64];

	(void)state;
	open_with(4, 0);
	take_facts(0);
	gethostname(name, sizeof(name));
	assert_string_equal(fact("HostName")->value, name);
	assert_string_equal(fact("PhysicalHostName")->value, name);
	assert_memory_equal(fact("PhysicalHostNameFullyQualified")->value, name, strlen(name));
	assert_true(fact("VirtualMachineName")->value[0]);
	assert_int_equal(hvp_guid_parse(fact("VirtualMachineId")->value, &guid), 0);
	assert_memory_equal(guid.b, kvp_state(kvp)->machine, 16);
	assert_int_equal(fact("HostingSystemOsMajor")->type, HVP_KVP_U32);
	assert_int_equal(fact("HostingSystemOsMajor")->number, 10);
	assert_int_equal(kvp_state(kvp)->items_told, FACTS);
	take_keys(no_keys);
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(complaints(), 0);
}

static void the_host_shows_its_generation(void **state)
{
	struct err err;

	kvp_teardown(state);
	bench_start(HVP_GENERATION_2012R2);
	assert_int_equal(kvp_create(&kvp, &set, &err), 0);
	open_with(4, 0);
	take_facts(0);
	assert_int_equal(fact("HostingSystemOsMajor")->number, 6);
	assert_int_equal(fact("HostingSystemOsMinor")->number, 3);
}

static void automatic_keys_are_looked_at_again_and_again(void **state)
{
	(void)state;
	open_with(4, 0);
	take_facts(0);
	take_keys(two_keys);
	assert_int_equal(kvp_state(kvp)->auto_keys, 2);
	assert_string_equal(kvp_auto_key(kvp, 1)->key, "OSVersion");
	assert_null(kvp_auto_key(kvp, 2));
	wait_ms(POLL_MS - 1);
	assert_int_equal(fake_sent_count, 0);
	wait_ms(1);
	take_keys(no_keys);	/* the facts are known */
	assert_int_equal(kvp_state(kvp)->auto_keys, 0);
	assert_int_equal(kvp_state(kvp)->polls, 2);
	assert_int_equal(kvp_poll(kvp), 0);
	assert_int_equal(kvp_poll(kvp), 0);
	take_keys(two_keys);
	assert_int_equal(fake_sent_count, 0);
	kvp_set_poll(kvp, 0);
	wait_ms(100 * POLL_MS);
	assert_int_equal(fake_sent_count, 0);
	kvp_set_poll(kvp, 5000);
	wait_ms(5000);
	take_keys(two_keys);
}

/* Its daemon was not there: negotiated all the same, after a while. */
static void facts_that_were_refused_are_told_again(void **state)
{
	(void)state;
	open_with(4, 0);
	take_facts(HVP_HR_FAIL);
	assert_int_equal(kvp_state(kvp)->items_told, 0);
	take(HVP_KVP_ENUMERATE, HVP_KVP_AUTO);
	answer(HVP_HR_FAIL);
	assert_int_equal(kvp_state(kvp)->polls, 0);
	wait_ms(POLL_MS);
	take_facts(0);
	assert_int_equal(kvp_state(kvp)->items_told, FACTS);
	take_keys(no_keys);
}

static void silence_is_no_end(void **state)
{
	(void)state;
	open_with(4, 0);
	take(HVP_KVP_SET, HVP_KVP_AUTO_EXTERNAL);
	wait_ms(KVP_TIMEOUT_MS);
	take(HVP_KVP_SET, HVP_KVP_AUTO_EXTERNAL);
	assert_int_equal(kvp_state(kvp)->lost, 1);
}

static void more_keys_than_there_can_be_are_left_out(void **state)
{
	const char *many[41];
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		many[i] = "key";
	many[40] = NULL;
	open_with(4, 0);
	take_facts(0);
	take_keys(many);
	assert_int_equal(kvp_state(kvp)->auto_keys, 32);
}

static void all_begins_anew_with_the_service(void **state)
{
	(void)state;
	open_with(4, 0);
	take_facts(0);
	take(HVP_KVP_ENUMERATE, HVP_KVP_AUTO);
	guest_close(channel);
	wait_ms(2 * POLL_MS);
	assert_int_equal(fake_sent_count, 0);
	open_with(4, 0);
	take_facts(0);
	take_keys(two_keys);
	/* As after a pause. */
	ic_renegotiate(ic_find(&set, "kvp"));
	take_request();
	agree(5, 0);
	take_facts(0);
	take_keys(two_keys);
	assert_int_equal(complaints(), 0);
}

/* Somebody asks while the host tells its facts: both get on. */
static void others_get_their_turn(void **state)
{
	(void)state;
	open_with(4, 0);
	assert_int_equal(kvp_ask(kvp, "\3\1", 2, NULL, &bus), 0);
	kvp_forget(kvp, &bus);
	take_facts(0);
	take_keys(no_keys);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, kvp_setup, kvp_teardown)
	static const struct CMUnitTest tests[] = {
		CASE(the_host_tells_who_it_is),
		CASE(the_host_shows_its_generation),
		CASE(automatic_keys_are_looked_at_again_and_again),
		CASE(facts_that_were_refused_are_told_again),
		CASE(silence_is_no_end),
		CASE(more_keys_than_there_can_be_are_left_out),
		CASE(all_begins_anew_with_the_service),
		CASE(others_get_their_turn),
	};

	return cmocka_run_group_tests_name("kvp_host", tests, NULL, NULL);
}
