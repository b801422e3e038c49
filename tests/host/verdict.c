// SPDX-License-Identifier: GPL-2.0-only
#include "host/verdict.h"

#include "tests/unit/unit.h"

static void a_crash_is_remembered(void **state)
{
	(void)state;
	assert_int_equal(verdict_end(HOST_EXIT_RESET, true), HOST_EXIT_CRASH);
	assert_int_equal(verdict_end(HOST_EXIT_OFF, true), HOST_EXIT_CRASH);
	assert_int_equal(verdict_end(HOST_EXIT_CRASH, true), HOST_EXIT_CRASH);
	assert_int_equal(verdict_end(HOST_EXIT_FAULT, true), HOST_EXIT_FAULT);
	assert_int_equal(verdict_end(HOST_EXIT_TIME_LIMIT, true), HOST_EXIT_TIME_LIMIT);
	assert_int_equal(verdict_end(HOST_EXIT_STOPPED, true), HOST_EXIT_STOPPED);
	assert_int_equal(verdict_end(HOST_EXIT_RESET, false), HOST_EXIT_RESET);
	assert_int_equal(verdict_end(HOST_EXIT_OFF, false), HOST_EXIT_OFF);
}

static void broken_rules_fail_a_run(void **state)
{
	(void)state;
	assert_int_equal(verdict_judge(HOST_EXIT_OFF, 1), HOST_EXIT_CHECKER);
	assert_int_equal(verdict_judge(HOST_EXIT_RESET, 1), HOST_EXIT_CHECKER);
	assert_int_equal(verdict_judge(HOST_EXIT_STOPPED, 1), HOST_EXIT_CHECKER);
	assert_int_equal(verdict_judge(HOST_EXIT_CRASH, 1), HOST_EXIT_CHECKER);
	assert_int_equal(verdict_judge(HOST_EXIT_FAULT, 1), HOST_EXIT_FAULT);
	assert_int_equal(verdict_judge(HOST_EXIT_TIME_LIMIT, 1), HOST_EXIT_TIME_LIMIT);
	assert_int_equal(verdict_judge(HOST_EXIT_FAILURE, 1), HOST_EXIT_FAILURE);
	assert_int_equal(verdict_judge(HOST_EXIT_CRASH, 0), HOST_EXIT_CRASH);
	assert_int_equal(verdict_judge(HOST_EXIT_OFF, 0), HOST_EXIT_OFF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_is_remembered),
		cmocka_unit_test(broken_rules_fail_a_run),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
