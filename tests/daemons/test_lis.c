// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemons/common/pool.h"
#include "tests/daemons/fake_device.h"
#include "tests/unit/unit.h"

/* lis as people and scripts see it: output, messages, exit status. */

#define PROGRAM	"build/tools/lis-san"

static char folder[64];
static char said[8192];		/* stdout and stderr */

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s/openlis-lis-XXXXXX", fake_base());
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* Starts "lis kvp WORDS --pools FOLDER"; what it says can be read from the descriptor. */
static int start(const char *const *words, pid_t *pid)
{
	const char *argv[16] = { PROGRAM, "kvp" };
	unsigned int count = 2;
	int ends[2];

	while (*words)
		argv[count++] = *words++;
	argv[count++] = "--pools";
	argv[count] = folder;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	*pid = fork();
	if (!*pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execv(PROGRAM, (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	return ends[0];
}

static int finish(int fd, pid_t pid)
{
	size_t length = 0;
	ssize_t done;
	int status;

	while ((done = read(fd, said + length, sizeof(said) - 1 - length)) > 0)
		length += (size_t)done;
	said[length] = '\0';
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int lis(const char *const *words)
{
	pid_t pid;
	int fd = start(words, &pid);

	return finish(fd, pid);
}

#define LIS(...) lis((const char *const[]) { __VA_ARGS__, NULL })

static void pairs_are_kept(void **state)
{
	(void)state;
	assert_int_equal(LIS("set", "Role", "database, second of two"), 0);
	assert_string_equal(said, "");
	assert_int_equal(LIS("get", "Role"), 0);
	assert_string_equal(said, "database, second of two\n");
	assert_int_equal(LIS("set", "--pool", "0", "Other", "x"), 0);
	assert_int_equal(LIS("list"), 0);
	assert_string_equal(said, "external: Other = x\nguest: Role = database, second of two\n");
	assert_int_equal(LIS("list", "--pool", "guest"), 0);
	assert_string_equal(said, "Role = database, second of two\n");
	assert_int_equal(LIS("delete", "Role"), 0);
	assert_int_equal(LIS("get", "Role"), 1);
	assert_string_equal(said, "lis kvp: no key 'Role' in pool guest\n");
	assert_int_equal(LIS("delete", "Role"), 1);
}

/* Nobody finds out later that the host has half of it. */
static void what_cannot_be_sent_is_refused(void **state)
{
	char value[2048] = "", key[512] = "";
	int i;

	(void)state;
	memset(value, 'v', 1024);
	assert_int_equal(LIS("set", "k", value), 1);
	assert_string_equal(said, "lis kvp: the value has 1024 characters of UTF-16; "
			    "a host gets 1023 at most\n");
	assert_int_equal(LIS("set", "k", value + 1), 0);
	memset(key, 'k', 256);
	assert_int_equal(LIS("set", key, "v"), 1);
	assert_string_equal(said, "lis kvp: the key has 256 characters of UTF-16; "
			    "a host gets 255 at most\n");
	assert_int_equal(LIS("set", key + 1, "v"), 0);
	/* Two units, four bytes; then one unit, three bytes. */
	memset(value, 0, sizeof(value));
	for (i = 0; i < 511; i++)
		strcat(value, "\xf0\x9f\x94\x91");
	assert_int_equal(LIS("set", "k", value), 0);
	strcpy(value + 510 * 4, "\xe2\x82\xac");
	strcat(value, "xxx");
	assert_int_equal(LIS("set", "k", value), 1);
	assert_non_null(strstr(said, "1024 characters"));
}

static void json_is_exact(void **state)
{
	(void)state;
	assert_int_equal(LIS("set", "a", "\"quoted\"\n"), 0);
	assert_int_equal(LIS("get", "a", "--json"), 0);
	assert_string_equal(said, "{\"pool\":\"guest\",\"key\":\"a\",\"value\":\"\\\"quoted\\\"\\n\"}\n");
	assert_int_equal(LIS("list", "--json", "--pool", "3"), 0);
	assert_string_equal(said, "[\n]\n");
}

static void terminals_are_spared(void **state)
{
	(void)state;
	assert_int_equal(LIS("set", "a", "\033[31m\n"), 0);
	assert_int_equal(LIS("list"), 0);
	assert_string_equal(said, "guest: a = \\x1b[31m\\x0a\n");
}

static void bad_usage_is_said(void **state)
{
	static const struct {
		const char *words[4];
		const char *says;
	} cases[] = {
		{ { "frobnicate" }, "no verb 'frobnicate'" },
		{ { "set", "a" }, "wrong number of words for set" },
		{ { "get" }, "wrong number of words for get" },
		{ { "list", "--pool", "9" }, "no pool '9'" },
		{ { "list", "--colour" }, "no option --colour" },
		{ { "list", "--pool=9" }, "no pool '9'" },
		{ { "list", "--json=yes" }, "no option --json=yes" },
		{ { "--json" }, "get, set, delete, list or watch?" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lis(cases[i].words), 2);
		if (!strstr(said, cases[i].says))
			fail_msg("case %u: %s", i, said);
	}
}

static void help_is_found_anywhere(void **state)
{
	(void)state;
	assert_int_equal(LIS("set", "--help"), 0);
	assert_non_null(strstr(said, "usage: lis kvp get KEY"));
	assert_int_equal(LIS("set", "key", "value", "--pool=external"), 0);
	assert_int_equal(LIS("list", "--pool", "external"), 0);
	assert_string_equal(said, "key = value\n");
}

static void what_cannot_be_written_is_said(void **state)
{
	char command[256];
	int status;

	(void)state;
	assert_int_equal(LIS("set", "key", "value"), 0);
	snprintf(command, sizeof(command), "%s kvp get key --pools %s >/dev/full 2>/dev/null",
		 PROGRAM, folder);
	status = system(command);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void failures_change_nothing(void **state)
{
	char key[600];

	(void)state;
	memset(key, 'k', sizeof(key));
	key[599] = '\0';
	assert_int_equal(LIS("set", key, "v"), 1);
	assert_non_null(strstr(said, "the key has 599 characters of UTF-16; a host gets 255 at most"));
	assert_int_equal(LIS("set", "", "v"), 1);
	assert_int_equal(LIS("set", "k", "\xff"), 1);
	assert_int_equal(LIS("set", "k", "v", "--pool", "auto"), 1);
	assert_non_null(strstr(said, "not for writing"));
	assert_int_equal(LIS("list", "--json"), 0);
	assert_string_equal(said, "[\n]\n");
	strcat(folder, "-not");
	assert_int_equal(LIS("set", "k", "v"), 1);
	assert_non_null(strstr(said, "-not: No such file or directory"));
	folder[strlen(folder) - 4] = '\0';
}

static void expect_line(int fd, const char *line)
{
	struct pollfd look = { .fd = fd, .events = POLLIN };
	size_t length = 0;

	do {
		if (poll(&look, 1, FAKE_LIMIT_MS) != 1 || read(fd, said + length, 1) != 1)
			fail_msg("watch does not say %s", line);
	} while (said[length++] != '\n');
	said[length - 1] = '\0';
	assert_string_equal(said, line);
}

static void changes_are_watched(void **state)
{
	const struct pool external = { folder, POOL_EXTERNAL };
	const char *const words[] = { "watch", "--json", NULL };
	int status, fd, i;
	pid_t pid;

	(void)state;
	assert_int_equal(pool_set(&external, "old", "1", NULL), 0);
	fd = start(words, &pid);
	/* It watches once it has seen what there is: until then a change may be part of that. */
	for (i = 0; i < 400; i++) {
		struct pollfd look = { .fd = fd, .events = POLLIN };
		char value[16];

		snprintf(value, sizeof(value), "%d", i);
		assert_int_equal(pool_set(&external, "old", value, NULL), 0);
		if (poll(&look, 1, 20) == 1)
			break;
	}
	snprintf(said, sizeof(said), "%s", "");
	while (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 200) == 1)
		assert_true(read(fd, said, sizeof(said)) > 0);
	assert_int_equal(pool_set(&external, "new", "2", NULL), 0);
	expect_line(fd, "{\"event\":\"added\",\"pool\":\"external\",\"key\":\"new\",\"value\":\"2\"}");
	assert_int_equal(pool_set(&external, "new", "3", NULL), 0);
	expect_line(fd, "{\"event\":\"changed\",\"pool\":\"external\",\"key\":\"new\",\"value\":\"3\"}");
	assert_int_equal(pool_delete(&external, "new", NULL), 0);
	expect_line(fd, "{\"event\":\"removed\",\"pool\":\"external\",\"key\":\"new\",\"value\":\"3\"}");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(pairs_are_kept),
		CASE(what_cannot_be_sent_is_refused),
		CASE(json_is_exact),
		CASE(terminals_are_spared),
		CASE(bad_usage_is_said),
		CASE(help_is_found_anywhere),
		CASE(what_cannot_be_written_is_said),
		CASE(failures_change_nothing),
		CASE(changes_are_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
