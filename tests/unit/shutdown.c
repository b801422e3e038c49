// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/shutdown.h"

#include "tests/unit/unit.h"

static const struct hvp_ic_version v1 = { 1, 0 }, v30 = { 3, 0 }, v31 = { 3, 1 }, v32 = { 3, 2 };

static void flags_of_requests(void **state)
{
	static const struct {
		u32 flags;
		int result;
		enum hvp_shutdown_action action;
		bool force;
	} cases[] = {
		{ 0, 0, HVP_SHUTDOWN_DO_POWER_OFF, false },
		{ 1, 0, HVP_SHUTDOWN_DO_POWER_OFF, true },
		{ 2, 0, HVP_SHUTDOWN_DO_RESTART, false },
		{ 3, 0, HVP_SHUTDOWN_DO_RESTART, true },
		{ 4, 0, HVP_SHUTDOWN_DO_HIBERNATE, false },
		{ 5, 0, HVP_SHUTDOWN_DO_HIBERNATE, true },
		{ 6, -EOPNOTSUPP, 0, false },
		{ 7, -EOPNOTSUPP, 0, false },
		{ 8, -EOPNOTSUPP, 0, false },
		{ 9, -EOPNOTSUPP, 0, false },
		{ 0x80000000, -EOPNOTSUPP, 0, false },
		{ 0x102, -EOPNOTSUPP, 0, false },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_ic_shutdown msg = {
			.reason = 0x80020001, .timeout_seconds = 77, .flags = cases[i].flags,
			.message = "why",
		};
		struct hvp_shutdown_request request = { .timeout_seconds = 5 };

		assert_case(i, hvp_shutdown_request_check(&msg, sizeof(msg), &request) ==
			       cases[i].result);
		if (cases[i].result) {
			assert_case(i, request.timeout_seconds == 5);
			continue;
		}
		assert_case(i, request.action == cases[i].action && request.force == cases[i].force);
		assert_case(i, request.reason == 0x80020001 && request.timeout_seconds == 77);
		assert_case(i, strcmp(request.text, "why") == 0);
	}
}

static void length_of_requests(void **state)
{
	static const u32 short_ones[] = { 0, 4, 11, 12, 2059 };
	struct hvp_shutdown_request request;
	struct hvp_ic_shutdown msg = { 0 };
	u8 *body;

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(short_ones); i++) {
		body = exact_copy(&msg, short_ones[i]);
		assert_case(i, hvp_shutdown_request_check(body, short_ones[i], &request) == -EBADMSG);
		free(body);
	}
	body = exact_block(3000);
	assert_int_equal(hvp_shutdown_request_check(body, 2060, &request), 0);
	assert_int_equal(hvp_shutdown_request_check(body, 3000, &request), 0);
	free(body);
}

static void check_text(const char *sent, size_t len, const char *expected)
{
	struct hvp_ic_shutdown *msg = exact_block(sizeof(*msg));
	struct hvp_shutdown_request request;

	memset(request.text, 0xcc, sizeof(request.text));
	memcpy(msg->message, sent, len);
	assert_int_equal(hvp_shutdown_request_check(msg, sizeof(*msg), &request), 0);
	assert_string_equal(request.text, expected);
	free(msg);
}

/* A text is for a log line and a wall message: nothing in it controls a terminal. */
static void text_is_made_printable(void **state)
{
	static const char umlaut[] = "gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80";

	(void)state;
	check_text("", 0, "");
	check_text(umlaut, sizeof(umlaut), umlaut);
	check_text("a\nb\x1b[2J\x7f", 9, "a?b?[2J?");
	check_text("\xc2\x80\xc2\x9f\xc2\xa0", 6, "????\xc2\xa0");
	check_text("\x80" "a\xc3", 3, "?a?");
	check_text("\xff\xc0\x80", 3, "???");
}

static void text_without_an_end(void **state)
{
	struct hvp_ic_shutdown *msg = exact_block(sizeof(*msg));
	struct hvp_shutdown_request request;

	(void)state;
	memset(msg->message, 'x', sizeof(msg->message));
	assert_int_equal(hvp_shutdown_request_check(msg, sizeof(*msg), &request), 0);
	assert_int_equal(strlen(request.text), 2047);
	/* A character that begins before the last byte and ends behind it. */
	msg->message[2046] = 0xc3;
	msg->message[2047] = 0xbc;
	assert_int_equal(hvp_shutdown_request_check(msg, sizeof(*msg), &request), 0);
	assert_int_equal(strlen(request.text), 2047);
	assert_int_equal(request.text[2046], '?');
	free(msg);
}

static void flags_by_version(void **state)
{
	static const struct {
		struct hvp_ic_version version;
		u32 flags;
	} cases[] = {
		{ { 1, 0 }, 1 }, { { 1, 9 }, 1 }, { { 3, 0 }, 1 }, { { 3, 1 }, 3 }, { { 3, 2 }, 7 },
		{ { 3, 3 }, 7 }, { { 4, 0 }, 7 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++)
		assert_case(i, hvp_shutdown_known_flags(cases[i].version) == cases[i].flags);
}

static void built_requests_read_back(void **state)
{
	(void)state;
	for (u32 i = 0; i < 2 * HVP_SHUTDOWN_ACTION_COUNT; i++) {
		struct hvp_shutdown_request sent = {
			.action = i / 2, .force = i % 2, .reason = HVP_SHUTDOWN_PLANNED,
			.timeout_seconds = 300, .text = "f\xc3\xbcr Wartung",
		};
		struct hvp_ic_shutdown *msg = exact_block(sizeof(*msg));
		struct hvp_shutdown_request found;

		memset(&found, 0, sizeof(found));
		memset(msg, 0xcc, sizeof(*msg));
		assert_case(i, hvp_shutdown_build(msg, v32, &sent) == 2060);
		assert_case(i, hvp_shutdown_request_check(msg, 2060, &found) == 0);
		assert_case(i, found.action == sent.action && found.force == sent.force);
		assert_case(i, found.reason == sent.reason && found.timeout_seconds == 300);
		assert_case(i, memcmp(found.text, sent.text, sizeof(sent.text)) == 0);
		assert_case(i, memcmp(msg->message, sent.text, sizeof(sent.text)) == 0);
		free(msg);
	}
}

static void build_by_version(void **state)
{
	struct hvp_shutdown_request request = { .force = true };
	struct hvp_ic_shutdown msg;

	(void)state;
	assert_int_equal(hvp_shutdown_build(&msg, v1, &request), 2060);
	assert_int_equal(msg.flags, HVP_SHUTDOWN_FORCE);
	request.action = HVP_SHUTDOWN_DO_RESTART;
	assert_int_equal(hvp_shutdown_build(&msg, v30, &request), -EOPNOTSUPP);
	assert_int_equal(hvp_shutdown_build(&msg, v31, &request), 2060);
	request.action = HVP_SHUTDOWN_DO_HIBERNATE;
	assert_int_equal(hvp_shutdown_build(&msg, v31, &request), -EOPNOTSUPP);
	assert_int_equal(hvp_shutdown_build(&msg, v32, &request), 2060);
}

static void build_refuses_bad_text(void **state)
{
	struct hvp_shutdown_request *request = exact_block(sizeof(*request));
	struct hvp_ic_shutdown msg;

	(void)state;
	memset(request->text, 'x', sizeof(request->text));
	assert_int_equal(hvp_shutdown_build(&msg, v32, request), -EINVAL);
	request->text[2047] = '\0';
	assert_int_equal(hvp_shutdown_build(&msg, v32, request), 2060);
	request->text[2046] = (char)0xc3;
	assert_int_equal(hvp_shutdown_build(&msg, v32, request), -EILSEQ);
	free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_of_requests),
		cmocka_unit_test(length_of_requests),
		cmocka_unit_test(text_is_made_printable),
		cmocka_unit_test(text_without_an_end),
		cmocka_unit_test(flags_by_version),
		cmocka_unit_test(built_requests_read_back),
		cmocka_unit_test(build_by_version),
		cmocka_unit_test(build_refuses_bad_text),
	};

	return cmocka_run_group_tests_name("shutdown", tests, NULL, NULL);
}
