// SPDX-License-Identifier: GPL-2.0-only
/* hv_vss and its freezer killed, stopped and cut off, at every step. */
#include "tests/daemons/vss_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hyperv.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- killed, stopped, cut off --------------------------------------------------------------- */

static void the_device_goes_while_frozen(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	fake_hang_up(&fake);
	wait_thawed(1000);
	register_daemon();
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	back_up();
}

static bool is_called(void)
{
	struct pollfd look = { .fd = fake.listener, .events = POLLIN };

	return poll(&look, 1, 5) > 0;
}

/* To open it takes memory, and memory may take a write to what is frozen. */
static void the_device_is_not_opened_while_frozen(void **state)
{
	bool was_called = false;

	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].thaw_ms = 150;
	faked->fs[1].thaw_ms = 500;	/* longer than the daemon waits before it helps */
	fake_hang_up(&fake);
	while (!was_called) {
		was_called = is_called();
		assert_false(was_called && count_frozen());
	}
	register_daemon();
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	/* Neither when it ends meanwhile. */
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	fake_hang_up(&fake);
	assert_int_equal(fake_stop(&fake), 0);
	assert_int_equal(count_frozen(), 0);
	assert_false(is_called());
	faked->fs[0].thaw_ms = 0;
	faked->fs[1].thaw_ms = 0;
	start();
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	back_up();
}

static void the_device_goes_during_the_freeze(void **state)
{
	(void)state;
	faked->fs[1].freeze_ms = 200;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(1);
	fake_hang_up(&fake);
	wait_thawed(1000);
	register_daemon();
	faked->fs[1].freeze_ms = 0;
	wait_no_record();
	back_up();
}

static void a_stop_thaws(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(fake_stop(&fake), 0);
	assert_int_equal(count_frozen(), 0);
	assert_int_not_equal(access(record, F_OK), 0);
}

/* The host's copy is not consistent, and what was frozen is running: the next one, once, must not be told otherwise. */
static void the_next_daemon_tells_the_truth(void)
{
	start();
	assert_int_equal(request(VSS_OP_HOT_BACKUP), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	back_up();
	assert_int_equal(fake_stop(&fake), 0);
	fake_hang_up(&fake);
	/* And a backup that went well leaves nothing behind. */
	start();
	assert_int_equal(request(VSS_OP_BU_COMPLETE), HV_S_OK);
	assert_int_equal(fake_stop(&fake), 0);
	fake_hang_up(&fake);
}

static void a_restart_does_not_hide_a_broken_freeze(void **state)
{
	(void)state;
	/* SIGTERM, as in an upgrade. */
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(fake_stop(&fake), 0);
	fake_hang_up(&fake);
	the_next_daemon_tells_the_truth();
	/* SIGKILL. */
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	fake_kill(&fake);
	fake_hang_up(&fake);
	wait_thawed(1000);
	wait_no_record();
	the_next_daemon_tells_the_truth();
}

static void a_restart_after_the_limit_tells_the_truth(void **state)
{
	(void)state;
	put(config, "frozen-seconds = 1\n", 0600);
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	wait_thawed(1000);
	fake_wait_logged(&fake, "did not ask for the thaw");
	assert_int_equal(fake_stop(&fake), 0);
	fake_hang_up(&fake);
	unlink(config);
	the_next_daemon_tells_the_truth();
}

static void a_new_freeze_after_a_restart_is_a_new_promise(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(fake_stop(&fake), 0);
	fake_hang_up(&fake);
	start();
	back_up();
	/* A freeze that failed promised nothing. */
	faked->fs[1].freeze_error = EIO;
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	faked->fs[1].freeze_error = 0;
	assert_int_equal(fake_stop(&fake), 0);
	fake_hang_up(&fake);
	start();
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
}

/* Who dies, and then what must be true within a second. */
static void kill_at_step(int fs, enum faked_step step, int victims)
{
	faked->fs[fs].kill_at = step;
	faked->fs[fs].victims = victims;
	ask(VSS_OP_FREEZE);
	if (step >= FAKED_BEFORE_THAW) {
		assert_int_equal(answer(), HV_S_OK);
		ask(VSS_OP_THAW);
	}
}

static void reap_daemon(void)
{
	assert_int_equal(waitpid(fake.daemon, NULL, 0), fake.daemon);
	fake.daemon = 0;
	fake_hang_up(&fake);
}

static void the_freezer_is_killed_at_any_step(void **state)
{
	int fs, step;

	(void)state;
	start();
	for (fs = 0; fs < COUNT; fs++) {
		for (step = FAKED_SYNC; step <= FAKED_AFTER_THAW; step++) {
			kill_at_step(fs, step, FAKED_FREEZER);
			assert_int_equal(answer(), REFUSED);
			wait_thawed(1000);
			wait_no_record();
			back_up();
		}
	}
}

static void the_daemon_is_killed_at_any_step(void **state)
{
	int step;

	(void)state;
	for (step = FAKED_SYNC; step <= FAKED_BEFORE_THAW; step++) {
		start();
		kill_at_step(1, step, FAKED_DAEMON);
		reap_daemon();
		wait_thawed(1000);
		wait_no_record();
	}
	start();
	back_up();
}

static void both_are_killed_at_any_step(void **state)
{
	int step;

	(void)state;
	for (step = FAKED_SYNC; step <= FAKED_AFTER_THAW; step++) {
		start();
		kill_at_step(1, step, FAKED_DAEMON | FAKED_FREEZER);
		reap_daemon();
		assert_int_equal(access(record, F_OK), 0);
		/* The next start thaws before it says a word to the driver. */
		start();
		assert_int_equal(count_frozen(), 0);
		assert_int_not_equal(access(record, F_OK), 0);
		back_up();
		assert_int_equal(fake_stop(&fake), 0);
	}
}

static void both_are_killed_while_frozen(void **state)
{
	char command[512];

	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	kill(fake.daemon, SIGSTOP);
	kill(faked->freezer, SIGKILL);
	kill(fake.daemon, SIGKILL);
	reap_daemon();
	assert_int_equal(count_frozen(), COUNT);
	/* What the unit runs after the service has ended. */
	snprintf(command, sizeof(command), VSS_FAKED " --thaw --mountinfo %s --record %s 2>%s",
		 mountinfo, record, said);
	assert_int_equal(system(command), 0);
	assert_int_equal(count_frozen(), 0);
	assert_int_not_equal(access(record, F_OK), 0);
	assert_int_equal(system(command), 0);
	the_next_daemon_tells_the_truth();
}

static void a_freeze_that_hangs_holds_nothing_without_the_daemon(void **state)
{
	(void)state;
	faked->fs[2].freeze_ms = 2500;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(2);
	fake_kill(&fake);
	fake_hang_up(&fake);
	wait_thawed(500);
	assert_int_equal(faked->fs[2].frozen_at, 0);
	assert_int_equal(access(record, F_OK), 0);
	/* And that one is thawed when it comes back. */
	wait_no_record();
	assert_int_equal(count_frozen(), 0);
	assert_int_not_equal(faked->fs[2].thawed_at, 0);
	faked->fs[2].freeze_ms = 0;
	start();
	back_up();
}

static void a_freeze_that_hangs_holds_nothing_beside_a_stopped_daemon(void **state)
{
	(void)state;
	put(config, "frozen-seconds = 1\n", 0600);
	faked->fs[2].freeze_ms = 1500;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(2);
	kill(fake.daemon, SIGSTOP);
	/* The freezer's own limit is two seconds later than the daemon's, which are short. */
	wait_thawed(1000);
	assert_int_equal(faked->fs[2].frozen_at, 0);
	faked->fs[2].freeze_ms = 0;
	wait_no_record();
	kill(fake.daemon, SIGCONT);
	/* Nothing was held at any time: the host does not hear otherwise. */
	assert_int_equal(answer(), REFUSED);
	back_up();
}

static void a_stopped_daemon_does_not_hold_it(void **state)
{
	(void)state;
	put(config, "frozen-seconds = 1\n", 0600);
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	kill(fake.daemon, SIGSTOP);
	/* The freezer's own limit is two seconds later. */
	wait_thawed(1500);
	kill(fake.daemon, SIGCONT);
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	back_up();
}

static void a_stopped_freezer_does_not_hold_it(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	kill(faked->freezer, SIGSTOP);
	ask(VSS_OP_THAW);
	wait_thawed(1500);
	assert_int_equal(answer(), REFUSED);
	wait_no_record();
	back_up();
}

static void without_a_record_nothing_is_frozen(void **state)
{
	(void)state;
	start();
	assert_int_equal(mkdir(record, 0700), 0);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	assert_int_equal(faked->clock, 0);
	assert_int_equal(rmdir(record), 0);
	back_up();
}

static void wait_record(void)
{
	int ms;

	for (ms = FAKE_LIMIT_MS; access(record, F_OK); ms -= 5) {
		if (ms <= 0)
			fail_msg("there is no record");
		usleep(5000);
	}
}

static void a_freezer_of_the_past_is_waited_for(void **state)
{
	(void)state;
	faked->fs[2].sync_ms = 3500;
	start();
	ask(VSS_OP_FREEZE);
	wait_record();
	fake_kill(&fake);
	fake_hang_up(&fake);
	/* The start waits for it, and then works without. Its record is the only one there is. */
	start();
	fake_wait_logged(&fake, "is still inside a freeze");
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	assert_int_equal(access(record, F_OK), 0);
	assert_int_equal(faked->clock, 0);
	faked->fs[2].sync_ms = 0;
	wait_no_record();
	back_up();
}

static void a_freezer_removes_no_record_of_another(void **state)
{
	(void)state;
	faked->fs[2].freeze_ms = 300;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(2);
	put(record, "openlis-vss-frozen 1 1\nend\n", 0600);
	assert_int_equal(answer(), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(access(record, F_OK), 0);
	/* Nor does the daemon, in the place of a freezer that was killed. */
	faked->fs[2].freeze_ms = 0;
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	put(record, "openlis-vss-frozen 1 1\nend\n", 0600);
	kill(faked->freezer, SIGKILL);
	wait_thawed(1000);
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(access(record, F_OK), 0);
	back_up();
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, vss_set_up, vss_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_device_goes_while_frozen),
		TEST(the_device_is_not_opened_while_frozen),
		TEST(the_device_goes_during_the_freeze),
		TEST(a_stop_thaws),
		TEST(a_restart_does_not_hide_a_broken_freeze),
		TEST(a_restart_after_the_limit_tells_the_truth),
		TEST(a_new_freeze_after_a_restart_is_a_new_promise),
		TEST(the_freezer_is_killed_at_any_step),
		TEST(the_daemon_is_killed_at_any_step),
		TEST(both_are_killed_at_any_step),
		TEST(both_are_killed_while_frozen),
		TEST(a_freeze_that_hangs_holds_nothing_without_the_daemon),
		TEST(a_freeze_that_hangs_holds_nothing_beside_a_stopped_daemon),
		TEST(a_stopped_daemon_does_not_hold_it),
		TEST(a_stopped_freezer_does_not_hold_it),
		TEST(without_a_record_nothing_is_frozen),
		TEST(a_freezer_of_the_past_is_waited_for),
		TEST(a_freezer_removes_no_record_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
