// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemons/common/device.h"
#include "daemons/common/log.h"
#include "daemons/common/options.h"
#include "daemons/common/text.h"
#include "tests/daemons/fake_device.h"
#include "tests/unit/unit.h"

/* The small parts that all daemons share: options, log, texts, messages. */

/* --- options ------------------------------------------------------------------- */

static const char *folder;
static bool strict;

static const struct option_row rows[] = {
	{ "folder", "DIR", "a folder", &folder, NULL },
	{ "strict", NULL, "a flag", NULL, &strict },
	{ 0 },
};

static const struct options_about about = { "hv_test", "Tests.", rows };

static enum options_result parse(struct options *options, struct err *err,
				 const char *const *words)
{
	char *argv[10] = { "hv_test" };
	int argc = 1;

	folder = NULL;
	strict = false;
	*options = (struct options) { .device = "/dev/x" };
	memset(err, 0, sizeof(*err));
	while (words[argc - 1]) {
		argv[argc] = (char *)words[argc - 1];
		argc++;
	}
	return options_parse(options, &about, argc, argv, err);
}

#define PARSE(...) parse(&options, &err, (const char *const[]) { __VA_ARGS__, NULL })

static void options_are_taken(void **state)
{
	struct options options;
	struct err err;

	(void)state;
	assert_int_equal(PARSE("-n", "-d", "--folder", "a", "--strict"), OPTIONS_RUN);
	assert_true(options.debug && strict);
	assert_string_equal(folder, "a");
	assert_string_equal(options.device, "/dev/x");
	assert_int_equal(PARSE("--no-daemon", "--device=/dev/y", "--folder=b=c"), OPTIONS_RUN);
	assert_string_equal(options.device, "/dev/y");
	assert_string_equal(folder, "b=c");
	assert_false(options.debug);
	assert_int_equal(PARSE("--help"), OPTIONS_DONE);
	assert_int_equal(PARSE("--version"), OPTIONS_DONE);
}

static void wrong_options_are_named(void **state)
{
	static const struct {
		const char *words[3];
		const char *says;
	} cases[] = {
		{ { "--fold", "a" }, "--fold is no option of hv_test" },
		{ { "-x" }, "-x is no option of hv_test" },
		{ { "word" }, "word is no option of hv_test" },
		{ { "" }, "is no option of hv_test" },
		{ { "--folder" }, "--folder needs a value" },
		{ { "--folder=" }, "--folder needs a value" },
		{ { "--strict=1" }, "--strict takes no value" },
	};
	struct options options;
	struct err err;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_case(i, parse(&options, &err, cases[i].words) == OPTIONS_BAD);
		assert_case(i, strstr(err.text, cases[i].says));
	}
}

/* --- log ----------------------------------------------------------------------- */

static char written[32768];

/* What is written to stderr from here to log_taken(). */
static int log_take(int ends[2])
{
	int saved = dup(STDERR_FILENO);

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	return saved;
}

static void log_look(const int ends[2])
{
	ssize_t length = read(ends[0], written, sizeof(written) - 1);

	written[length > 0 ? length : 0] = '\0';
}

static void log_taken(const int ends[2], int saved)
{
	log_look(ends);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
}

static void lines_have_a_level(void **state)
{
	int ends[2], saved;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	saved = log_take(ends);
	log_open("name", false);
	log_warning("one\ntwo \033[1m");
	log_debug("nothing");
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_open("name", true);
	log_err("three");
	log_debug("four");
	log_taken(ends, saved);
	assert_string_equal(written, "name: one?two ?[1m\n<3>three\n<7>four\n");
	unsetenv("JOURNAL_STREAM");
}

static void held_lines_come_later(void **state)
{
	int ends[2], saved, i;

	(void)state;
	log_open("name", false);
	saved = log_take(ends);
	log_hold();
	log_hold();
	log_info("one");
	log_release();
	log_info("two");
	log_look(ends);
	assert_string_equal(written, "");
	log_release();
	log_look(ends);
	assert_string_equal(written, "name: one\nname: two\n");
	log_hold();
	for (i = 0; i < 1000; i++)
		log_info("line %d of a thousand", i);
	log_release();
	log_taken(ends, saved);
	assert_non_null(strstr(written, "lines did not fit into memory"));
	assert_non_null(strstr(written, "line 0 of a thousand"));
}

static void floods_are_cut(void **state)
{
	struct log_limit limit = { .burst = 3, .interval_s = 60 };
	int ends[2], saved, i;

	(void)state;
	log_open("name", false);
	saved = log_take(ends);
	for (i = 0; i < 100; i++)
		log_limited(&limit, LOG_LEVEL_NOTICE, "x");
	log_taken(ends, saved);
	assert_string_equal(written, "name: x\nname: x\nname: x\n");
}

/* --- texts --------------------------------------------------------------------- */

static void only_utf8_is_utf8(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "", true }, { "plain", true }, { "\xc3\xbc", true }, { "\xe2\x82\xac", true },
		{ "\xf0\x9f\x94\x91", true }, { "\xf4\x8f\xbf\xbf", true },
		{ "\xff", false }, { "\x80", false }, { "\xc3", false }, { "\xe2\x82", false },
		{ "\xc0\x80", false }, { "\xe0\x80\x80", false }, { "\xf0\x80\x80\x80", false },
		{ "\xed\xa0\x80", false }, { "\xf4\x90\x80\x80", false }, { "\xc3q", false },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = strlen(cases[i].text);
		char *copy = exact_copy(cases[i].text, length);

		assert_case(i, text_is_utf8(copy, length) == cases[i].good);
		free(copy);
	}
}

static void lists_hold_whole_items(void **state)
{
	char list[8] = "";

	(void)state;
	assert_true(text_list_add(list, sizeof(list), "abc"));
	assert_false(text_list_add(list, sizeof(list), "defg"));
	assert_string_equal(list, "abc");
	assert_true(text_list_add(list, sizeof(list), "def"));
	assert_string_equal(list, "abc;def");
	assert_false(text_list_add(list, sizeof(list), "x"));
}

/* --- messages ------------------------------------------------------------------ */

static void messages_are_whole(void **state)
{
	char message[8];
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(device_read(ends[0], message, sizeof(message)), 0);
	assert_int_equal(device_write(ends[1], "12345678", 8), 0);
	assert_int_equal(device_read(ends[0], message, sizeof(message)), 8);
	assert_int_equal(device_write(ends[1], "123456789", 9), 0);
	assert_int_equal(device_read(ends[0], message, sizeof(message)), -EMSGSIZE);
	close(ends[1]);
	assert_int_equal(device_read(ends[0], message, sizeof(message)), -ENODEV);
	assert_int_equal(device_write(ends[0], "1", 1), -ENODEV);
	close(ends[0]);
}

static void missing_devices_are_told_apart(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(device_open("/nonexistent/device", &err), -ENODEV);
	assert_non_null(strstr(err.text, "is hv_utils loaded"));
	assert_int_equal(device_open("/", &err), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_taken),
		cmocka_unit_test(wrong_options_are_named),
		cmocka_unit_test(lines_have_a_level),
		cmocka_unit_test(held_lines_come_later),
		cmocka_unit_test(floods_are_cut),
		cmocka_unit_test(only_utf8_is_utf8),
		cmocka_unit_test(lists_hold_whole_items),
		cmocka_unit_test(messages_are_whole),
		cmocka_unit_test(missing_devices_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
