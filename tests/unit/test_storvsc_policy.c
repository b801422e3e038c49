// SPDX-License-Identifier: GPL-2.0-only
/* The pure decisions: which channel serves which queue, and the ladder. */
#include "drivers/storvsc/channel_map.h"
#include "drivers/storvsc/ladder.h"

#include "tests/unit/unit.h"

#define QUEUES_MAX	8
#define CHANNELS_MAX	8

static const struct map_case {
	u32 queues, channels;
	struct stor_map_queue queue[QUEUES_MAX];
	struct stor_map_channel channel[CHANNELS_MAX];
	u16 want[QUEUES_MAX];
} map_cases[] = {
	/* one channel for all */
	{ 4, 1, { { 0 } }, { { 0, 0, true } }, { 0, 0, 0, 0 } },
	/* a channel for each, in whatever order */
	{ 4, 4, { { 0 } },
	  { { 2, 0, true }, { 0, 0, true }, { 3, 0, true }, { 1, 0, true } },
	  { 1, 3, 0, 2 } },
	/* two on one CPU: the first serves it, the other takes what is left */
	{ 2, 2, { { 0 } }, { { 0, 0, true }, { 0, 0, true } }, { 0, 1 } },
	/* a channel that is being taken away */
	{ 2, 2, { { 0 } }, { { 0, 0, true }, { 1, 0, false } }, { 0, 0 } },
	/* the channel of the own node, though it has more to do */
	{ 4, 2, { { 0 }, { 1 }, { 1 }, { 1 } }, { { 0, 0, true }, { 1, 1, true } },
	  { 0, 1, 1, 1 } },
	/* spread over channels of the same distance */
	{ 4, 2, { { 0 } }, { { 0, 0, true }, { 1, 0, true } }, { 0, 1, 0, 1 } },
	/* a CPU without a queue, and one out of range */
	{ 2, 2, { { 0 } }, { { -1, 0, true }, { 7, 0, true } }, { 0, 1 } },
};

static void maps(void **state)
{
	u32 i, q;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(map_cases); i++) {
		const struct map_case *c = &map_cases[i];
		u16 *of = exact_block(c->queues * sizeof(*of));
		u16 *load = exact_block(c->channels * sizeof(*load));

		assert_case(i, !stor_map_build(of, c->queue, c->queues, c->channel, c->channels,
					       load));
		for (q = 0; q < c->queues; q++)
			assert_case(i, of[q] == c->want[q]);
		free(of);
		free(load);
	}
}

static void no_usable_channel(void **state)
{
	struct stor_map_queue queue[2] = { { 0 } };
	struct stor_map_channel channel[2] = { { 0 } };
	u16 of[2], load[2];

	(void)state;
	assert_int_equal(stor_map_build(of, queue, 2, channel, 2, load), -ENODEV);
}

static const struct stor_ladder_bounds bounds = {
	.silence = 180000, .stuck = 600000, .grace = 10000, .retry = 60000, .pause = 5000, .soon = 10000,
	.reopens = 5,
};

static const struct {
	const char *what;
	struct stor_ladder_view view;
	enum stor_step step;
} rungs[] = {
	{ "nothing to do", { 0 }, STOR_STEP_NONE },
	{ "young", { .outstanding = 1, .oldest = 10, .silence = 10 }, STOR_STEP_NONE },
	{ "half of the silence", { .outstanding = 1, .oldest = 90000, .silence = 90000 },
	  STOR_STEP_WARN },
	{ "just before the bound", { .outstanding = 64, .oldest = 179999, .silence = 179999 },
	  STOR_STEP_WARN },
	{ "silent", { .outstanding = 64, .oldest = 180000, .silence = 180000 }, STOR_STEP_RESET },
	{ "slow, but others are answered", { .outstanding = 9, .oldest = 290000, .silence = 5 },
	  STOR_STEP_NONE },
	{ "stuck", { .outstanding = 9, .oldest = 600000, .silence = 5 }, STOR_STEP_RESET },
	{ "reset, still out", { .outstanding = 1, .oldest = 600500, .reset_done = true,
				.reset_age = 500 }, STOR_STEP_NONE },
	{ "reset in vain", { .outstanding = 1, .oldest = 610000, .reset_done = true,
			     .reset_age = 10000 }, STOR_STEP_REOPEN },
	{ "reset worked, new commands", { .outstanding = 1, .oldest = 400, .reset_done = true,
					  .reset_age = 10000 }, STOR_STEP_NONE },
	{ "broken, nothing out", { .broken = true }, STOR_STEP_REOPEN },
	{ "broken at once after a reopen", { .broken = true, .reopens = 1, .reopened_age = 4999 },
	  STOR_STEP_NONE },
	{ "broken after a pause", { .broken = true, .reopens = 4, .reopened_age = 5000 },
	  STOR_STEP_REOPEN },
	{ "broken each time", { .broken = true, .reopens = 5, .reopened_age = 10 },
	  STOR_STEP_FAIL },
	{ "broken again, long after", { .broken = true, .reopens = 5, .reopened_age = 10000 },
	  STOR_STEP_REOPEN },
	{ "asked for, however often", { .asked = true, .broken = true, .reopens = 5,
				       .reopened_age = 10 }, STOR_STEP_REOPEN },
	{ "reopened often, but well now", { .reopens = 5, .reopened_age = 10 }, STOR_STEP_NONE },
	{ "failed a moment ago", { .failed = true, .broken = true, .failed_age = 10 },
	  STOR_STEP_NONE },
	{ "failed, again", { .failed = true, .failed_age = 60000 }, STOR_STEP_REOPEN },
	{ "rescinded before all", { .rescinded = true, .failed = true, .broken = true,
				    .outstanding = 3, .oldest = 700000 }, STOR_STEP_GONE },
};

static void ladder(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(rungs); i++)
		if (stor_ladder_step(&rungs[i].view, &bounds) != rungs[i].step)
			fail_msg("%s", rungs[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps),
		cmocka_unit_test(no_usable_channel),
		cmocka_unit_test(ladder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
