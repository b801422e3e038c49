// SPDX-License-Identifier: GPL-2.0-only
/* Which versions a service and the host agree on, and what the answer looks like. */
#include "drivers/utils/negotiate.h"

#include "tests/unit/unit.h"

static const struct hvp_ic_version ours[] = { { 4, 0 }, { 3, 0 }, { 1, 0 } };
static const struct util_versions versions = { ours, HVP_COUNT_OF(ours) };

#define FRAMEWORKS	2u
#define BODY_MAX	(sizeof(struct hvp_ic_negotiate) + 16 * sizeof(struct hvp_ic_version))

/* Return: its bytes. */
static u32 request(struct hvp_ic_negotiate *body, const struct hvp_ic_version *list, u16 count)
{
	static const struct hvp_ic_version frameworks[FRAMEWORKS] = { { 1, 0 }, { 3, 0 } };

	memset(body, 0, BODY_MAX);
	body->framework_count = FRAMEWORKS;
	body->message_count = count;
	memcpy(body->versions, frameworks, sizeof(frameworks));
	memcpy(body->versions + FRAMEWORKS, list, count * sizeof(*list));
	return sizeof(*body) + (FRAMEWORKS + count) * sizeof(*list);
}

static bool is(struct hvp_ic_version version, u16 major, u16 minor)
{
	return version.major == major && version.minor == minor;
}

static void the_highest_in_common_is_chosen(void **state)
{
	static const struct {
		struct hvp_ic_version offered[4];
		u16 count;
		u16 major;		/* 0: none */
	} cases[] = {
		{ { { 1, 0 } }, 1, 1 },
		{ { { 1, 0 }, { 3, 0 } }, 2, 3 },
		{ { { 3, 0 }, { 1, 0 } }, 2, 3 },
		{ { { 1, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 } }, 4, 4 },
		{ { { 4, 1 }, { 3, 0 } }, 2, 3 },	/* a minor number counts, too */
		{ { { 2, 0 }, { 5, 0 } }, 2, 0 },
		{ { { 0, 0 } }, 0, 0 },
	};
	struct hvp_ic_negotiate *body = exact_block(BODY_MAX);
	struct util_agreed agreed;
	u32 i, len;
	int err;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(cases); i++) {
		memset(&agreed, 0xff, sizeof(agreed));
		len = request(body, cases[i].offered, cases[i].count);
		err = util_negotiate(body, len, versions, &agreed);
		if (!cases[i].major) {
			assert_case(i, err == -ENOENT);
			assert_case(i, !body->framework_count && !body->message_count);
			assert_case(i, is(agreed.message, 0xffff, 0xffff));
			continue;
		}
		assert_case(i, err == 0);
		assert_case(i, is(agreed.framework, 3, 0));
		assert_case(i, is(agreed.message, cases[i].major, 0));
		assert_case(i, body->framework_count == 1 && body->message_count == 1);
		assert_case(i, is(body->versions[0], 3, 0));
		assert_case(i, is(body->versions[1], cases[i].major, 0));
	}
	free(body);
}

static void no_framework_is_no_agreement(void **state)
{
	static const struct hvp_ic_version list[] = { { 4, 0 } };
	struct hvp_ic_negotiate *body = exact_block(BODY_MAX);
	struct util_agreed agreed;
	u32 len = request(body, list, 1);

	(void)state;
	body->versions[0] = (struct hvp_ic_version){ 2, 0 };
	body->versions[1] = (struct hvp_ic_version){ 3, 1 };
	assert_int_equal(util_negotiate(body, len, versions, &agreed), -ENOENT);
	free(body);
}

static void counts_beyond_the_message_change_nothing(void **state)
{
	static const struct hvp_ic_version list[] = { { 4, 0 } };
	struct hvp_ic_negotiate *body = exact_block(BODY_MAX), *before;
	struct util_agreed agreed;
	u32 len = request(body, list, 1);

	(void)state;
	body->message_count = 2;
	before = exact_copy(body, BODY_MAX);
	assert_int_equal(util_negotiate(body, len, versions, &agreed), -EBADMSG);
	body->message_count = 0xffff;
	assert_int_equal(util_negotiate(body, len, versions, &agreed), -EBADMSG);
	body->message_count = 2;
	assert_memory_equal(body, before, BODY_MAX);
	assert_int_equal(util_negotiate(body, 7, versions, &agreed), -EBADMSG);
	free(before);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_highest_in_common_is_chosen),
		cmocka_unit_test(no_framework_is_no_agreement),
		cmocka_unit_test(counts_beyond_the_message_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
