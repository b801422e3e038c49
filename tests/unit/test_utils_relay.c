// SPDX-License-Identifier: GPL-2.0-only
/* Who owes whom an answer, between the driver and a daemon. */
#include "drivers/utils/relay.h"

#include "tests/unit/random.h"
#include "tests/unit/unit.h"

static struct util_relay up(void)
{
	struct util_relay relay = { 0 };

	assert_true(util_relay_open(&relay));
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_REGISTRATION);
	util_relay_registered(&relay, false);
	return relay;
}

/* The daemon reads what is next; which was it? */
static enum util_parcel read_next(struct util_relay *relay)
{
	enum util_parcel next = util_relay_next(relay);

	util_relay_read(relay);
	return next;
}

static void one_opener(void **state)
{
	struct util_relay relay = { 0 };

	(void)state;
	assert_true(util_relay_open(&relay));
	assert_false(util_relay_open(&relay));
	assert_false(util_relay_close(&relay));
	assert_true(util_relay_open(&relay));
}

static void nothing_is_put_before_the_registration(void **state)
{
	struct util_relay relay = { 0 };

	(void)state;
	assert_false(util_relay_put(&relay, UTIL_REQUEST));
	util_relay_open(&relay);
	assert_false(util_relay_put(&relay, UTIL_REQUEST));
	assert_false(util_relay_put(&relay, UTIL_NOTICE));
	/* Until it is accepted, whatever is written is an attempt to register. */
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_REGISTRATION);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_REGISTRATION);
}

static void the_greeting_comes_first_and_wants_no_answer(void **state)
{
	struct util_relay relay = { 0 };

	(void)state;
	util_relay_open(&relay);
	util_relay_write(&relay);
	util_relay_registered(&relay, true);
	assert_true(util_relay_put(&relay, UTIL_REQUEST));
	assert_int_equal(read_next(&relay), UTIL_GREETING);
	assert_int_equal(read_next(&relay), UTIL_REQUEST);
}

static void one_request_at_a_time(void **state)
{
	struct util_relay relay = up();

	(void)state;
	assert_true(util_relay_put(&relay, UTIL_REQUEST));
	assert_false(util_relay_put(&relay, UTIL_REQUEST));
	assert_int_equal(read_next(&relay), UTIL_REQUEST);
	assert_true(util_relay_live(&relay));
	assert_false(util_relay_put(&relay, UTIL_REQUEST));

	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_ANSWER);
	/* A bad answer leaves it owed. */
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_ANSWER);
	util_relay_answered(&relay);
	assert_false(util_relay_live(&relay));
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_STRAY);
	assert_true(util_relay_put(&relay, UTIL_REQUEST));
}

static void what_was_not_read_is_forgotten(void **state)
{
	struct util_relay relay = up();

	(void)state;
	util_relay_put(&relay, UTIL_REQUEST);
	assert_false(util_relay_abandon(&relay));
	assert_false(util_relay_live(&relay));
	assert_int_equal(util_relay_next(&relay), UTIL_PARCELS);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_STRAY);
}

static void a_late_answer_is_not_the_next_ones(void **state)
{
	struct util_relay relay = up();

	(void)state;
	util_relay_put(&relay, UTIL_REQUEST);
	read_next(&relay);
	assert_true(util_relay_abandon(&relay));
	assert_false(util_relay_live(&relay));
	/* Twice is as good as once. */
	assert_false(util_relay_abandon(&relay));

	/* The next one waits for it. */
	assert_true(util_relay_put(&relay, UTIL_REQUEST));
	assert_int_equal(util_relay_next(&relay), UTIL_PARCELS);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_LATE);
	assert_true(util_relay_live(&relay));
	assert_int_equal(read_next(&relay), UTIL_REQUEST);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_ANSWER);
}

static void the_next_one_may_be_abandoned_behind_a_late_one(void **state)
{
	struct util_relay relay = up();

	(void)state;
	util_relay_put(&relay, UTIL_REQUEST);
	read_next(&relay);
	util_relay_abandon(&relay);
	util_relay_put(&relay, UTIL_REQUEST);
	assert_false(util_relay_abandon(&relay));
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_LATE);
	assert_int_equal(util_relay_next(&relay), UTIL_PARCELS);
}

static void notices_go_before_requests(void **state)
{
	struct util_relay relay = up();

	(void)state;
	util_relay_put(&relay, UTIL_REQUEST);
	assert_true(util_relay_put(&relay, UTIL_NOTICE));
	assert_true(util_relay_put(&relay, UTIL_NOTICE));
	assert_int_equal(read_next(&relay), UTIL_NOTICE);
	assert_int_equal(util_relay_next(&relay), UTIL_PARCELS);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_NOTED);
	assert_int_equal(read_next(&relay), UTIL_REQUEST);
}

/* It may be what stops that work: a thaw, while the daemon still prepares to freeze. */
static void a_notice_overtakes_the_late_answer(void **state)
{
	struct util_relay relay = up();

	(void)state;
	util_relay_put(&relay, UTIL_REQUEST);
	read_next(&relay);
	util_relay_abandon(&relay);
	util_relay_put(&relay, UTIL_NOTICE);
	util_relay_put(&relay, UTIL_REQUEST);
	assert_int_equal(read_next(&relay), UTIL_NOTICE);
	assert_int_equal(util_relay_next(&relay), UTIL_PARCELS);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_NOTED);
	assert_int_equal(read_next(&relay), UTIL_REQUEST);
}

static void a_notice_behind_the_late_answer_is_read_too(void **state)
{
	struct util_relay relay = up();

	(void)state;
	util_relay_put(&relay, UTIL_REQUEST);
	read_next(&relay);
	util_relay_abandon(&relay);
	util_relay_put(&relay, UTIL_NOTICE);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_LATE);
	assert_int_equal(read_next(&relay), UTIL_NOTICE);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_NOTED);
}

static void the_end_of_the_daemon_ends_its_request(void **state)
{
	struct util_relay relay = up();

	(void)state;
	util_relay_put(&relay, UTIL_REQUEST);
	assert_true(util_relay_close(&relay));

	relay = up();
	util_relay_put(&relay, UTIL_REQUEST);
	read_next(&relay);
	assert_true(util_relay_close(&relay));

	relay = up();
	util_relay_put(&relay, UTIL_REQUEST);
	read_next(&relay);
	util_relay_abandon(&relay);
	util_relay_put(&relay, UTIL_NOTICE);
	assert_false(util_relay_close(&relay));

	/* The next one begins with nothing. */
	relay = up();
	assert_int_equal(util_relay_next(&relay), UTIL_PARCELS);
	assert_int_equal(util_relay_write(&relay), UTIL_WROTE_STRAY);
}

/* Each request that is put ends once, and no answer goes to another one. */
static void any_order(void **state)
{
	struct util_relay relay = up();
	struct random random = random_start("relay");
	unsigned int put = 0, ended = 0, reading = 0, current = 0;
	u32 i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		bool live = util_relay_live(&relay);
		enum util_parcel next;

		switch (random_below(&random, 5)) {
		case 0:
			if (util_relay_put(&relay, UTIL_REQUEST))
				current = ++put;
			break;
		case 1:
			util_relay_put(&relay, UTIL_NOTICE);
			break;
		case 2:
			next = read_next(&relay);
			if (next == UTIL_REQUEST)
				reading = current;
			break;
		case 3:
			util_relay_abandon(&relay);
			ended += live;
			break;
		default:
			if (util_relay_write(&relay) != UTIL_WROTE_ANSWER)
				break;
			assert_int_equal(reading, current);
			util_relay_answered(&relay);
			ended++;
		}
		assert_int_equal(put - ended, util_relay_live(&relay));
	}
	assert_true(put > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_opener),
		cmocka_unit_test(nothing_is_put_before_the_registration),
		cmocka_unit_test(the_greeting_comes_first_and_wants_no_answer),
		cmocka_unit_test(one_request_at_a_time),
		cmocka_unit_test(what_was_not_read_is_forgotten),
		cmocka_unit_test(a_late_answer_is_not_the_next_ones),
		cmocka_unit_test(the_next_one_may_be_abandoned_behind_a_late_one),
		cmocka_unit_test(notices_go_before_requests),
		cmocka_unit_test(a_notice_overtakes_the_late_answer),
		cmocka_unit_test(a_notice_behind_the_late_answer_is_read_too),
		cmocka_unit_test(the_end_of_the_daemon_ends_its_request),
		cmocka_unit_test(any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
