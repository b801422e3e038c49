// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/handshake.h"

#include <stdio.h>

#include "tests/unit/unit.h"

/*
 * No wake-up is lost in any order of steps; and each part of the handshake is
 * needed: without it the same search finds one.
 */
static const struct handshake shapes[] = {
	{ .name = "one packet fills it", .size = 3, .packets = 4, .packet = { 2, 2, 2, 2 } },
	{ .name = "ones", .size = 3, .packets = 6, .packet = { 1, 1, 1, 1, 1, 1 } },
	{ .name = "mixed", .size = 4, .packets = 6, .packet = { 1, 2, 3, 1, 2, 1 } },
	{ .name = "small, then large", .size = 5, .packets = 6, .packet = { 1, 1, 1, 1, 4, 1 } },
	{ .name = "large, then small", .size = 5, .packets = 6, .packet = { 4, 1, 1, 3, 2, 1 } },
	{ .name = "three in flight", .size = 7, .packets = 6, .packet = { 2, 1, 3, 2, 3, 2 } },
};

static struct handshake with_batch(const struct handshake *shape, bool batch)
{
	struct handshake h = *shape;

	h.batch = batch;
	return h;
}

static void no_wakeup_is_lost(void **state)
{
	u32 states = 0;

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(shapes); i++) {
		for (u32 batch = 0; batch < 2; batch++) {
			struct handshake h = with_batch(&shapes[i], batch);
			struct handshake_result r = handshake_explore(&h);

			if (r.stuck)
				fail_msg("%s: %u lost wake-ups, first: %s", h.name, r.stuck,
					 r.first_stuck);
			assert_true(r.ends > 0);
			states += r.states;
		}
	}
	fprintf(stderr, "# handshake: %u states\n", states);
}

/* Lost wake-ups over all shapes once @break_it has had its way. */
static u32 lost(void (*break_it)(struct handshake *h))
{
	u32 stuck = 0;

	for (u32 i = 0; i < HVP_COUNT_OF(shapes); i++) {
		for (u32 batch = 0; batch < 2; batch++) {
			struct handshake h = with_batch(&shapes[i], batch);

			break_it(&h);
			stuck += handshake_explore(&h).stuck;
		}
	}
	return stuck;
}

#define BROKEN_BY(field)					\
	static void set_##field(struct handshake *h)		\
	{							\
		h->field = true;				\
	}							\
	static void found_##field(void **state)			\
	{							\
		(void)state;					\
		assert_int_not_equal(lost(set_##field), 0);	\
	}

BROKEN_BY(no_consumer_recheck)
BROKEN_BY(no_producer_recheck)
BROKEN_BY(no_write_barrier)
BROKEN_BY(no_read_barrier)
BROKEN_BY(no_mask_barrier)
BROKEN_BY(no_pending_barrier)
BROKEN_BY(stale_free_before)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_wakeup_is_lost),
		cmocka_unit_test(found_no_consumer_recheck),
		cmocka_unit_test(found_no_producer_recheck),
		cmocka_unit_test(found_no_write_barrier),
		cmocka_unit_test(found_no_read_barrier),
		cmocka_unit_test(found_no_mask_barrier),
		cmocka_unit_test(found_no_pending_barrier),
		cmocka_unit_test(found_stale_free_before),
	};

	return cmocka_run_group_tests_name("ring_handshake", tests, NULL, NULL);
}
