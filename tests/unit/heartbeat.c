// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/heartbeat.h"

#include "tests/unit/unit.h"

/* A message of any length gets as much of an answer as fits it. */
static void reply_by_length(void **state)
{
	(void)state;
	for (u32 len = 0; len <= 48; len++) {
		u8 *body = exact_block(len);
		u64 sequence;
		u32 app = 0;
		int ret;

		memset(body, 0xff, len < 8 ? len : 7);
		ret = hvp_heartbeat_reply(body, len, HVP_HEARTBEAT_CRITICAL);
		assert_case(len, ret == (len < 8 ? -EBADMSG : 0));
		if (len < 8) {
			for (u32 i = 0; i < len; i++)
				assert_case(len, body[i] == 0xff);
			free(body);
			continue;
		}
		memcpy(&sequence, body, 8);
		assert_case(len, sequence == 1ull << 56);
		if (len >= 12)
			memcpy(&app, body + 8, 4);
		assert_case(len, app == (len < 12 ? 0 : 2));
		for (u32 i = 12; i < len; i++)
			assert_case(len, body[i] == 0);
		free(body);
	}
}

static void sequence_wraps(void **state)
{
	struct hvp_ic_heartbeat beat = { .sequence = ~0ull };
	enum hvp_heartbeat_state app;

	(void)state;
	assert_int_equal(hvp_heartbeat_reply(&beat, sizeof(beat), HVP_HEARTBEAT_HEALTHY), 0);
	assert_true(beat.sequence == 0);
	assert_int_equal(hvp_heartbeat_reply_check(&beat, sizeof(beat), ~0ull, &app), 0);
	assert_int_equal(app, HVP_HEARTBEAT_HEALTHY);
}

static void answers(void **state)
{
	static const struct {
		u32 len;
		u64 sequence;
		u32 app;
		int result;
		u32 found;
	} cases[] = {
		{ 40, 8, 0, 0, HVP_HEARTBEAT_UNKNOWN },
		{ 40, 8, 1, 0, HVP_HEARTBEAT_HEALTHY },
		{ 40, 8, 2, 0, HVP_HEARTBEAT_CRITICAL },
		{ 40, 8, 3, 0, HVP_HEARTBEAT_STOPPED },
		{ 40, 8, 4, 0, HVP_HEARTBEAT_UNKNOWN },
		{ 40, 8, 0xffffffff, 0, HVP_HEARTBEAT_UNKNOWN },
		{ 12, 8, 2, 0, HVP_HEARTBEAT_CRITICAL },
		{ 11, 8, 2, 0, HVP_HEARTBEAT_UNKNOWN },
		{ 8, 8, 0, 0, HVP_HEARTBEAT_UNKNOWN },
		{ 7, 8, 0, -EBADMSG, 0 },
		{ 0, 8, 0, -EBADMSG, 0 },
		{ 40, 7, 1, -EBADMSG, 0 },		/* not counted */
		{ 40, 9, 1, -EBADMSG, 0 },
		{ 40, 0x100000008, 1, -EBADMSG, 0 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_ic_heartbeat beat = { cases[i].sequence, cases[i].app, { 0 } };
		void *body = exact_copy(&beat, cases[i].len);
		enum hvp_heartbeat_state app = HVP_HEARTBEAT_STATE_COUNT;

		assert_case(i, hvp_heartbeat_reply_check(body, cases[i].len, 7, &app) ==
			       cases[i].result);
		assert_case(i, app == (cases[i].result ? HVP_HEARTBEAT_STATE_COUNT : cases[i].found));
		free(body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_by_length),
		cmocka_unit_test(sequence_wraps),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests_name("heartbeat", tests, NULL, NULL);
}
