// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/version.h"

#include "tests/unit/unit.h"

static const u32 spoken[] = {
	0x00050003, 0x00050002, 0x00050001, 0x00050000,
	0x00040001, 0x00040000, 0x00030000, 0x00020004
};

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(HVP_V2_4, 0x00020004);
	assert_int_equal(HVP_V5_3, 0x00050003);
	assert_int_equal(hvp_version_major(HVP_V5_3), 5);
	assert_int_equal(hvp_version_minor(HVP_V5_3), 3);
	assert_int_equal(hvp_version_major(0xffff0000), 0xffff);
	assert_int_equal(hvp_version_minor(0xffff0000), 0);
}

static bool is_spoken(u32 v)
{
	for (u32 i = 0; i < HVP_COUNT_OF(spoken); i++)
		if (spoken[i] == v)
			return true;
	return false;
}

static void supported_is_exact(void **state)
{
	(void)state;
	for (u32 major = 0; major < 8; major++)
		for (u32 minor = 0; minor < 8; minor++)
			assert_int_equal(hvp_version_supported(HVP_VERSION(major, minor)),
					 is_spoken(HVP_VERSION(major, minor)));
	assert_false(hvp_version_supported(~0u));
	assert_false(hvp_version_supported(0x01050003));
}

static void next_walks_down(void **state)
{
	u32 v = ~0u;

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(spoken); i++) {
		v = hvp_version_next(v);
		assert_int_equal(v, spoken[i]);
	}
	assert_int_equal(hvp_version_next(v), 0);
	assert_int_equal(hvp_version_next(0), 0);
}

/* The bound need not be a version: 6.0 and 4.7 have a next below them. */
static void next_takes_any_bound(void **state)
{
	(void)state;
	assert_int_equal(hvp_version_next(HVP_VERSION(6, 0)), HVP_V5_3);
	assert_int_equal(hvp_version_next(HVP_VERSION(4, 7)), HVP_V4_1);
	assert_int_equal(hvp_version_next(HVP_V5_3 + 1), HVP_V5_3);
	assert_int_equal(hvp_version_next(HVP_VERSION(2, 3)), 0);
}

static void features_begin_with_their_version(void **state)
{
	static const struct {
		enum hvp_feature feature;
		u32 since;
	} cases[] = {
		{ HVP_FEATURE_MESSAGE_VP, HVP_V3_0 },
		{ HVP_FEATURE_TL_CONNECT, HVP_V4_0 },
		{ HVP_FEATURE_MODIFY_CHANNEL, HVP_V4_1 },
		{ HVP_FEATURE_TL_RESULT, HVP_V4_1 },
		{ HVP_FEATURE_MESSAGE_SINT, HVP_V5_0 },
		{ HVP_FEATURE_MESSAGE_VTL, HVP_V5_1 },
		{ HVP_FEATURE_TL_SILO, HVP_V5_2 },
		{ HVP_FEATURE_MODIFY_RESPONSE, HVP_V5_3 },
	};

	(void)state;
	assert_int_equal(HVP_COUNT_OF(cases), HVP_FEATURE_COUNT);
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
		for (u32 j = 0; j < HVP_COUNT_OF(spoken); j++)
			assert_case(i, hvp_version_has(spoken[j], cases[i].feature) ==
				       (spoken[j] >= cases[i].since));
}

static void no_version_has_unknown_features(void **state)
{
	(void)state;
	assert_false(hvp_version_has(HVP_V5_3, HVP_FEATURE_COUNT));
	assert_false(hvp_version_has(~0u, HVP_FEATURE_COUNT + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(supported_is_exact),
		cmocka_unit_test(next_walks_down),
		cmocka_unit_test(next_takes_any_bound),
		cmocka_unit_test(features_begin_with_their_version),
		cmocka_unit_test(no_version_has_unknown_features),
	};

	return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
