// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/generation.h"

#include <stdio.h>

#include "tests/unit/unit.h"

/* What each generation offers, as a person reads it. */
static const struct {
	const char *name, *framework, *heartbeat, *shutdown, *timesync, *kvp, *vss, *fcopy;
} expected[] = {
	{ "2008r2", "1.0 3.0", "1.0 3.0", "1.0 3.0", "1.0 3.0", "1.0 3.0", "", "" },
	{ "2012", "1.0 3.0", "1.0 3.0", "1.0 3.0", "1.0 3.0", "1.0 3.0 4.0", "4.0", "" },
	{ "2012r2", "1.0 3.0", "1.0 3.0", "1.0 3.0", "1.0 3.0", "1.0 3.0 4.0 5.0", "4.0 5.0", "1.1" },
	{ "2016", "1.0 3.0", "1.0 3.0", "1.0 3.0", "1.0 3.0 4.0", "1.0 3.0 4.0 5.0",
	  "4.0 5.0 6.0 7.0", "1.1" },
	{ "2019", "1.0 3.0", "1.0 3.0", "1.0 3.0 3.1 3.2", "1.0 3.0 4.0", "1.0 3.0 4.0 5.0",
	  "4.0 5.0 6.0 7.0", "1.1" },
	{ "2025", "1.0 3.0", "1.0 3.0", "1.0 3.0 3.1 3.2", "1.0 3.0 4.0", "1.0 3.0 4.0 5.0",
	  "4.0 5.0 6.0 7.0", "1.1" },
};

static void assert_list(struct hvp_ic_version_list list, const char *text)
{
	char found[64] = "";

	for (u32 i = 0; i < list.count; i++)
		sprintf(found + strlen(found), "%s%u.%u", i ? " " : "", list.versions[i].major,
			list.versions[i].minor);
	assert_string_equal(found, text);
}

static void lists(void **state)
{
	(void)state;
	assert_int_equal(HVP_COUNT_OF(expected), HVP_GENERATION_COUNT);
	for (u32 i = 0; i < HVP_COUNT_OF(expected); i++) {
		assert_string_equal(hvp_generation_name(i), expected[i].name);
		assert_int_equal(hvp_generation_find(expected[i].name), i);
		assert_list(hvp_generation_framework(i), expected[i].framework);
		assert_list(hvp_generation_messages(i, HVP_IC_HEARTBEAT), expected[i].heartbeat);
		assert_list(hvp_generation_messages(i, HVP_IC_SHUTDOWN), expected[i].shutdown);
		assert_list(hvp_generation_messages(i, HVP_IC_TIMESYNC), expected[i].timesync);
		assert_list(hvp_generation_messages(i, HVP_IC_KVP), expected[i].kvp);
		assert_list(hvp_generation_messages(i, HVP_IC_VSS), expected[i].vss);
		assert_list(hvp_generation_messages(i, HVP_IC_FCOPY), expected[i].fcopy);
	}
}

static void other_types_have_none(void **state)
{
	(void)state;
	assert_list(hvp_generation_messages(HVP_GENERATION_2025, HVP_IC_NEGOTIATE), "");
	assert_list(hvp_generation_messages(HVP_GENERATION_2025, HVP_IC_RDV), "");
	assert_list(hvp_generation_messages(HVP_GENERATION_2025, HVP_IC_VM_SESSION), "");
	assert_list(hvp_generation_messages(HVP_GENERATION_2025, HVP_IC_TYPE_COUNT), "");
	assert_list(hvp_generation_messages(HVP_GENERATION_2025, (enum hvp_ic_type)~0u), "");
}

static void names_are_exact(void **state)
{
	static const char *const wrong[] = { "", "2", "201", "20122", "2012R2", "2012r", "2022", " 2019" };

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(wrong); i++)
		assert_case(i, hvp_generation_find(wrong[i]) == -ENOENT);
	assert_null(hvp_generation_name(HVP_GENERATION_COUNT));
	assert_null(hvp_generation_name((enum hvp_generation)~0u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(other_types_have_none),
		cmocka_unit_test(names_are_exact),
	};

	return cmocka_run_group_tests_name("generation", tests, NULL, NULL);
}
