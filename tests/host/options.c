// SPDX-License-Identifier: GPL-2.0-only
#include "host/options.h"

#include <getopt.h>
#include <stdio.h>

#include "tests/unit/unit.h"

#define MAX_ARGS	80

static enum options_result parse(struct host_options *options, struct err *err, const char *line)
{
	char *copy = strdup(line), *rest = copy, *argv[MAX_ARGS];
	enum options_result result;
	int argc = 0;

	argv[argc++] = (char *)"hvhost";
	while (argc < MAX_ARGS - 1 && (argv[argc] = strsep(&rest, " ")))
		argc++;
	argv[argc] = NULL;
	optind = 0;	/* start anew */
	err->text[0] = '\0';
	result = options_parse(options, argc, argv, err);
	free(copy);
	return result;
}

static void defaults(void **state)
{
	struct host_options options;
	struct err err;

	(void)state;
	assert_int_equal(parse(&options, &err, "--kernel k"), OPTIONS_RUN);
	assert_int_equal(options.cpus, 1);
	assert_int_equal(options.memory_mib, 512);
	assert_int_equal(options.time_limit_s, 0);
	assert_int_equal(options.disk_count, 0);
	assert_null(options.control);
	assert_null(options.generation);
	assert_int_equal(parse(&options, &err, "--kernel k --host-generation 2012r2"), OPTIONS_RUN);
	assert_non_null(options.generation);
}

static void slow_guests_are_given_time(void **state)
{
	struct host_options options;
	struct err err;

	(void)state;
	unsetenv("HV_TIME_SCALE");
	assert_int_equal(parse(&options, &err, "--kernel k"), OPTIONS_RUN);
	assert_int_equal(options.crash_grace_s, 30);
	assert_true(options.time_scale == 1);
	setenv("HV_TIME_SCALE", "2.5", 1);
	assert_int_equal(parse(&options, &err, "--kernel k --crash-grace 0"), OPTIONS_RUN);
	assert_int_equal(options.crash_grace_s, 0);
	assert_true(options.time_scale == 2.5);
	setenv("HV_TIME_SCALE", "nonsense", 1);
	assert_int_equal(parse(&options, &err, "--kernel k"), OPTIONS_RUN);
	assert_true(options.time_scale == 1);
	unsetenv("HV_TIME_SCALE");
}

static void lists_collect(void **state)
{
	struct host_options options;
	struct err err;

	(void)state;
	assert_int_equal(parse(&options, &err, "--disk a --kernel k --disk b --fault c"), OPTIONS_RUN);
	assert_int_equal(options.disk_count, 2);
	assert_int_equal(options.fault_count, 1);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *line;
		const char *word;	/* in the message */
	} cases[] = {
		{ "--cpus 2", "--kernel" },
		{ "--kernel", "--kernel" },
		{ "--kernel k --host-generation", "--host-generation" },
		{ "--kernel k --bogus", "--bogus" },
		{ "--kernel k -abc", "-abc" },
		{ "--kernel k --vmbus-exact", "--vmbus-version" },
		{ "--kernel k stray", "stray" },
		{ "--kernel k --cpus 0", "--cpus" },
		{ "--kernel k --cpus 9", "--cpus" },
		{ "--kernel k --cpus -1", "--cpus" },
		{ "--kernel k --cpus 2x", "--cpus" },
		{ "--kernel k --memory 63", "--memory" },
		{ "--kernel k --memory 99999999999999999999", "--memory" },
		{ "--kernel k --shell --console c", "--shell" },
	};
	struct host_options options;
	struct err err;

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		assert_case(i, parse(&options, &err, cases[i].line) == OPTIONS_BAD);
		assert_case(i, strstr(err.text, cases[i].word));
	}
}

static void a_list_has_an_end(void **state)
{
	char line[2000] = "--kernel k";
	struct host_options options;
	struct err err;

	(void)state;
	for (int i = 0; i < HOST_MAX_FAULTS + 1; i++)
		strcat(line, " --fault=x");
	assert_int_equal(parse(&options, &err, line), OPTIONS_BAD);
	assert_non_null(strstr(err.text, "--fault"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(slow_guests_are_given_time),
		cmocka_unit_test(lists_collect),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(a_list_has_an_end),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
