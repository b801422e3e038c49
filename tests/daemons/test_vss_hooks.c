// SPDX-License-Identifier: GPL-2.0-only
/* The programs that hv_vss runs before the freeze and after the thaw. */
#include "tests/daemons/vss_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hyperv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- hooks ----------------------------------------------------------------------------------- */

static void put_hook(const char *name, const char *script, mode_t mode)
{
	char path[160], text[512];
	char *slash;

	snprintf(path, sizeof(path), "%s/%s", hooks, name);
	mkdir(hooks, 0755);
	slash = strrchr(path, '/');
	*slash = '\0';
	mkdir(path, 0755);
	*slash = '/';
	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	put(path, text, mode);
}

static void put_talking_hook(const char *name, const char *more)
{
	char script[320];

	snprintf(script, sizeof(script), "echo %s $1 >>%s\n%s", name, said, more);
	put_hook(name, script, 0755);
}

static void wait_said(const char *text)
{
	char now[512] = "";
	int ms;

	for (ms = FAKE_LIMIT_MS; strcmp(now, text); ms -= 10) {
		int fd = open(said, O_RDONLY | O_CLOEXEC);
		ssize_t length = fd >= 0 ? read(fd, now, sizeof(now) - 1) : 0;

		now[length > 0 ? length : 0] = '\0';
		if (fd >= 0)
			close(fd);
		if (ms <= 0)
			fail_msg("the hooks said \"%s\" instead of \"%s\"", now, text);
		usleep(10000);
	}
}

static void hooks_run_around_the_freeze(void **state)
{
	(void)state;
	put_talking_hook("pre-freeze.d/20", "");
	put_talking_hook("pre-freeze.d/10", "");
	put_talking_hook("post-thaw.d/10", "");
	put_talking_hook("pre-freeze.d/15.dpkg-old", "exit 1");
	put_talking_hook("pre-freeze.d/.hidden", "exit 1");
	put_hook("pre-freeze.d/17", "exit 1", 0644);
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	wait_said("pre-freeze.d/10 freeze\npre-freeze.d/20 freeze\n");
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	wait_said("pre-freeze.d/10 freeze\npre-freeze.d/20 freeze\npost-thaw.d/10 thaw\n");
}

static void set_rank(const char *rank)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	assert_non_null(file);
	fputs(rank, file);
	assert_int_equal(fclose(file), 0);
}

/* The service has -1000; a rank that anybody may set does as well. */
static void hooks_do_not_inherit_the_rank_for_memory(void **state)
{
	(void)state;
	put_hook("pre-freeze.d/10", "cat /proc/self/oom_score_adj >\"${0%/hooks/*}/said\"", 0755);
	set_rank("100");
	start();
	set_rank("0");
	back_up();
	wait_said("0\n");
}

static void a_hook_that_fails_aborts(void **state)
{
	(void)state;
	put_talking_hook("pre-freeze.d/10", "exit 3");
	put_talking_hook("pre-freeze.d/20", "");
	put_talking_hook("post-thaw.d/10", "");
	start();
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	wait_said("pre-freeze.d/10 freeze\npost-thaw.d/10 abort\n");
	fake_wait_logged(&fake, "pre-freeze.d/10 exited with status 3");
	assert_int_equal(faked->clock, 0);
	/* Or not. */
	unlink(said);
	put(config, "hook-failure = ignore\n", 0600);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	wait_said("pre-freeze.d/10 freeze\npre-freeze.d/20 freeze\npost-thaw.d/10 thaw\n");
}

static void a_slow_hook_is_ended(void **state)
{
	(void)state;
	put(config, "hook-seconds = 1\n", 0600);
	put_talking_hook("pre-freeze.d/10", "sleep 60 & sleep 60");
	start();
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "did not end within 150 ms");
	assert_int_equal(faked->clock, 0);
	unlink(config);
	put_talking_hook("pre-freeze.d/10", "");
	back_up();
}

/* As when a hook cannot be killed: who runs it waits for its end, and has no limit any more. */
static void hooks_that_never_end_are_given_up(void **state)
{
	(void)state;
	put(config, "hooks-seconds = 1\n", 0600);
	put_talking_hook("pre-freeze.d/10", "kill -STOP $PPID");
	put_talking_hook("post-thaw.d/10", "");
	start();
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "no backup: a pre-freeze hook failed");
	wait_said("pre-freeze.d/10 freeze\npost-thaw.d/10 abort\n");
	assert_int_equal(faked->clock, 0);
	put_talking_hook("pre-freeze.d/10", "");
	put_talking_hook("post-thaw.d/10", "kill -STOP $PPID");
	back_up();
	back_up();
	/* Neither does a stop wait for ever. */
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(fake_stop(&fake), 0);
	assert_int_equal(count_frozen(), 0);
}

static void a_hook_that_others_may_change_is_refused(void **state)
{
	(void)state;
	put_talking_hook("pre-freeze.d/10", "");
	put_hook("pre-freeze.d/20", "exit 0", 0775);
	start();
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "can be changed by others");
}

static void a_stop_during_hooks_ends_them(void **state)
{
	(void)state;
	put_talking_hook("pre-freeze.d/10", "sleep 5");
	put_talking_hook("post-thaw.d/10", "");
	start();
	ask(VSS_OP_FREEZE);
	wait_said("pre-freeze.d/10 freeze\n");
	assert_int_equal(fake_stop(&fake), 0);
	wait_said("pre-freeze.d/10 freeze\npost-thaw.d/10 abort\n");
	assert_int_equal(faked->clock, 0);
}

/* As the service manager: every process of the service. Its children first, as they end when it does. */
static void terminate_all(pid_t pid)
{
	char path[64];
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &child) == 1)
		terminate_all(child);
	if (file)
		fclose(file);
	kill(pid, SIGTERM);
}

static void expect_all_ran_after_a_stop(void)
{
	terminate_all(fake.daemon);
	assert_int_equal(fake_wait_exit(&fake), 0);
	fake_hang_up(&fake);
	wait_said("post-thaw.d/10 thaw\npost-thaw.d/20 thaw\npost-thaw.d/20 thaw\npost-thaw.d/30 thaw\n");
	unlink(said);
}

static void a_stop_does_not_end_post_thaw_hooks(void **state)
{
	(void)state;
	put_talking_hook("post-thaw.d/10", "");
	put_talking_hook("post-thaw.d/20", "sleep 2");
	put_talking_hook("post-thaw.d/30", "");
	start();
	back_up();
	wait_said("post-thaw.d/10 thaw\npost-thaw.d/20 thaw\n");
	expect_all_ran_after_a_stop();
	/* Also one that tells of the signal in its own way; and none is left to the next start. */
	put_talking_hook("post-thaw.d/20", "trap 'exit 7' TERM; sleep 2");
	start();
	back_up();
	wait_said("post-thaw.d/10 thaw\npost-thaw.d/20 thaw\n");
	expect_all_ran_after_a_stop();
	fake_wait_logged(&fake, "hit by a stop, and runs again: ");
	/* One that only fails does not run again. */
	put_talking_hook("post-thaw.d/20", "kill $$");
	start();
	back_up();
	wait_said("post-thaw.d/10 thaw\npost-thaw.d/20 thaw\npost-thaw.d/30 thaw\n");
}

static void a_kill_between_the_hooks_is_made_good(void **state)
{
	(void)state;
	put_talking_hook("pre-freeze.d/10", "");
	put_talking_hook("post-thaw.d/10", "");
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	fake_kill(&fake);
	fake_hang_up(&fake);
	wait_thawed(1000);
	wait_no_record();
	wait_said("pre-freeze.d/10 freeze\n");
	start();
	wait_said("pre-freeze.d/10 freeze\npost-thaw.d/10 abort\n");
	unlink(said);
	assert_int_equal(fake_stop(&fake), 0);
	fake_hang_up(&fake);
	/* Once. */
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	wait_said("pre-freeze.d/10 freeze\n");
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, vss_set_up, vss_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(hooks_run_around_the_freeze),
		TEST(hooks_do_not_inherit_the_rank_for_memory),
		TEST(a_hook_that_fails_aborts),
		TEST(a_slow_hook_is_ended),
		TEST(hooks_that_never_end_are_given_up),
		TEST(a_hook_that_others_may_change_is_refused),
		TEST(a_stop_during_hooks_ends_them),
		TEST(a_stop_does_not_end_post_thaw_hooks),
		TEST(a_kill_between_the_hooks_is_made_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
