// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/child.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* Programs that end, fail, hang, say a lot, and leave a child behind. */

static char output[64];

static int run(unsigned int limit_ms, const char *path, const char *const *argv, struct err *err)
{
	struct child child = { .path = path, .argv = argv, .limit_ms = limit_ms,
			       .output = output, .output_size = sizeof(output) };

	return child_run(&child, err);
}

static int run_sh(unsigned int limit_ms, const char *script, struct err *err)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return run(limit_ms, "/bin/sh", argv, err);
}

static void output_is_taken(void **state)
{
	const char *const argv[] = { "echo", "two words; $HOME", NULL };

	(void)state;
	assert_int_equal(run(2000, "/bin/echo", argv, NULL), 0);
	assert_string_equal(output, "two words; $HOME\n");
}

static void environment_is_clean(void **state)
{
	(void)state;
	setenv("SECRET", "1", 1);
	assert_int_equal(run_sh(2000, "echo $SECRET$LANG; read line || echo end", NULL), 0);
	assert_string_equal(output, "C\nend\n");
}

static void long_output_is_cut(void **state)
{
	(void)state;
	assert_int_equal(run_sh(4000, "i=0; while [ $i -lt 30000 ]; do echo 12345; i=$((i+1)); done",
				NULL), 0);
	assert_int_equal(strlen(output), sizeof(output) - 1);
}

static void failures_have_words(void **state)
{
	struct err err = { "" };
	const char *const argv[] = { "nothing", NULL };

	(void)state;
	assert_int_equal(run_sh(2000, "exit 3", &err), -EPROTO);
	assert_string_equal(err.text, "/bin/sh exited with status 3");
	assert_int_equal(run_sh(2000, "kill -9 $$", &err), -EPROTO);
	assert_string_equal(err.text, "/bin/sh was ended by signal 9");
	assert_int_equal(run(2000, "/nonexistent", argv, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent"));
}

static void limit_kills_the_group(void **state)
{
	struct err err = { "" };
	struct timespec before, after;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(run_sh(200, "sleep 100 & sleep 100", &err), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec < 20);
	assert_string_equal(err.text, "/bin/sh did not end within 200 ms");
}

static void what_stays_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(run_sh(5000, "sleep 20 & echo done", NULL), 0);
	assert_string_equal(output, "done\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_taken),
		cmocka_unit_test(environment_is_clean),
		cmocka_unit_test(long_output_is_cut),
		cmocka_unit_test(failures_have_words),
		cmocka_unit_test(limit_kills_the_group),
		cmocka_unit_test(what_stays_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
