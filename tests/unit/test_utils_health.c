// SPDX-License-Identifier: GPL-2.0-only
/* What is said about the applications, and for how long it holds. */
#include "drivers/utils/health.h"

#include "tests/unit/unit.h"

#define SECOND	1000000000ull
#define NOW	(1000 * SECOND)

static void words_are_read(void **state)
{
	static const struct {
		const char *text;
		enum hvp_heartbeat_state state;
		u64 seconds;
	} cases[] = {
		{ "unknown", HVP_HEARTBEAT_UNKNOWN, 0 },
		{ "healthy\n", HVP_HEARTBEAT_HEALTHY, 0 },
		{ "critical", HVP_HEARTBEAT_CRITICAL, 0 },
		{ "stopped\t", HVP_HEARTBEAT_STOPPED, 0 },
		{ "healthy 30\n", HVP_HEARTBEAT_HEALTHY, 30 },
		{ "healthy \t1\n", HVP_HEARTBEAT_HEALTHY, 1 },
		{ "unknown 86400", HVP_HEARTBEAT_UNKNOWN, 86400 },
	};
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(cases); i++) {
		char *text = exact_copy(cases[i].text, strlen(cases[i].text) + 1);
		struct util_health health = { 0 };

		assert_case(i, util_health_parse(text, NOW, &health) == 0);
		assert_case(i, health.state == cases[i].state);
		assert_case(i, health.until_ns ==
			    (cases[i].seconds ? NOW + cases[i].seconds * SECOND : 0));
		free(text);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", " ", "health", "healthyy", "Healthy", "healthy30", "healthy 0",
		"healthy 86401", "healthy 99999999999999999999", "healthy -1", "healthy 1x",
		"healthy 1 2", "healthy x", "30", "good",
	};
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(texts); i++) {
		char *text = exact_copy(texts[i], strlen(texts[i]) + 1);
		struct util_health health = { .state = HVP_HEARTBEAT_STOPPED, .until_ns = 7 };

		assert_case(i, util_health_parse(text, NOW, &health) == -EINVAL);
		assert_case(i, health.state == HVP_HEARTBEAT_STOPPED && health.until_ns == 7);
		free(text);
	}
}

static void silence_is_critical(void **state)
{
	struct util_health health = { 0 };

	(void)state;
	assert_int_equal(util_health_now(&health, NOW), HVP_HEARTBEAT_UNKNOWN);
	util_health_parse("healthy 30", NOW, &health);
	assert_int_equal(util_health_now(&health, NOW + 30 * SECOND - 1), HVP_HEARTBEAT_HEALTHY);
	assert_int_equal(util_health_now(&health, NOW + 30 * SECOND), HVP_HEARTBEAT_CRITICAL);
	util_health_parse("healthy", NOW, &health);
	assert_int_equal(util_health_now(&health, UINT64_MAX), HVP_HEARTBEAT_HEALTHY);
}

static void states_have_names(void **state)
{
	struct util_health health;
	u32 i;

	(void)state;
	for (i = 0; i < HVP_HEARTBEAT_STATE_COUNT; i++) {
		assert_case(i, util_health_parse(util_health_name(i), NOW, &health) == 0);
		assert_case(i, health.state == i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(silence_is_critical),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
