// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_vss against a fake driver, on freeze calls that do as they are told: every
 * state, every bad message, and a kill at every step.
 *
 *   test ---- requests ----> vss_faked ---- fork ----> its freezer
 *     |                          |                        |
 *     +------- struct faked -----+------------------------+   (shared memory)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/hyperv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/daemons/fake_device.h"
#include "tests/daemons/vss_faked.h"

#define PROGRAM		"build/daemons/test/vss_faked"
#define REFUSED		((int)HV_E_FAIL)

static struct fake_device fake;
static struct faked *faked;
static char mountinfo[96], config[96], record[96], hooks[96], said[96];

/* In this order in mountinfo; c is the shallowest, so that a, b, c is the order of the freeze. */
static const char * const names[] = { "a", "b", "c" };

#define COUNT	3

static void put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* The folders are no mounts, but the check of the mount's id needs one that is right. */
static void write_mountinfo(void)
{
	char text[1024], path[96];
	struct statx status;
	size_t used = 0, i;

	for (i = 0; i < COUNT; i++) {
		snprintf(path, sizeof(path), "%s/%s", fake.folder, names[i]);
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(statx(AT_FDCWD, path, 0, STATX_MNT_ID, &status), 0);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"%llu 0 8:%zu / %s rw - ext4 /dev/sda rw\n",
			(unsigned long long)status.stx_mnt_id, i + 1, path);
	}
	put(mountinfo, text, 0600);
}

static void share_faked(void)
{
	char path[96];
	size_t i;
	int fd;

	snprintf(path, sizeof(path), "%s/faked", fake.folder);
	setenv("VSS_FAKED", path, 1);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, sizeof(*faked)), 0);
	faked = mmap(NULL, sizeof(*faked), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(faked != MAP_FAILED);
	close(fd);
	for (i = 0; i < COUNT; i++)
		strcpy(faked->fs[i].name, names[i]);
}

static int set_up(void **state)
{
	(void)state;
	fake_setup(&fake);
	snprintf(mountinfo, sizeof(mountinfo), "%s/mountinfo", fake.folder);
	snprintf(config, sizeof(config), "%s/config", fake.folder);
	snprintf(record, sizeof(record), "%s/record", fake.folder);
	snprintf(hooks, sizeof(hooks), "%s/hooks", fake.folder);
	snprintf(said, sizeof(said), "%s/said", fake.folder);
	write_mountinfo();
	share_faked();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_teardown(&fake);
	munmap(faked, sizeof(*faked));
	return 0;
}

static void launch(void)
{
	const char * const args[] = { "--mountinfo", mountinfo, "--config", config, "--record", record,
			       "--hooks", hooks, NULL };

	fake_start(&fake, PROGRAM, args);
}

static void register_daemon(void)
{
	struct hv_vss_msg hello;
	int version = 1;

	fake_accept(&fake);
	assert_int_equal(fake_receive(&fake, &hello, sizeof(hello)), 12);
	assert_int_equal(hello.vss_hdr.operation, VSS_OP_REGISTER1);
	fake_send(&fake, &version, sizeof(version));
}

static void start(void)
{
	launch();
	register_daemon();
	fake_wait_notified(&fake, "READY=1");
}

static void ask(int operation)
{
	struct hv_vss_msg message = { .vss_hdr.operation = (unsigned char)operation };

	fake_send(&fake, &message, sizeof(message));
}

static int answer(void)
{
	struct hv_vss_msg message;

	assert_int_equal(fake_receive(&fake, &message, sizeof(message)), 12);
	return message.error;
}

static int request(int operation)
{
	ask(operation);
	return answer();
}

static int count_frozen(void)
{
	int count = 0, i;

	for (i = 0; i < COUNT; i++)
		count += faked->fs[i].frozen;
	return count;
}

/* Until nothing is frozen, at most @ms. */
static void wait_thawed(int ms)
{
	for (; count_frozen(); ms -= 5) {
		if (ms <= 0)
			fail_msg("%d file systems are still frozen", count_frozen());
		usleep(5000);
	}
}

static void wait_frozen(int count)
{
	int ms;

	for (ms = FAKE_LIMIT_MS; count_frozen() != count; ms -= 5) {
		if (ms <= 0)
			fail_msg("%d instead of %d file systems are frozen", count_frozen(), count);
		usleep(5000);
	}
}

static void wait_no_record(void)
{
	int ms;

	for (ms = FAKE_LIMIT_MS; !access(record, F_OK); ms -= 5) {
		if (ms <= 0)
			fail_msg("the record stays");
		usleep(5000);
	}
}

/* All is well again: a whole backup. */
static void back_up(void)
{
	assert_int_equal(request(VSS_OP_HOT_BACKUP), HV_S_OK);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(count_frozen(), COUNT);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
	assert_int_equal(request(VSS_OP_BU_COMPLETE), HV_S_OK);
	wait_no_record();
}

/* --- the usual way ------------------------------------------------------------------- */

static void a_backup(void **state)
{
	int i;

	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(count_frozen(), COUNT);
	assert_int_equal(access(record, F_OK), 0);
	assert_true(fake_is_silent(&fake, 50));
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
	wait_no_record();
	/* Backwards. */
	for (i = 0; i < COUNT; i++)
		assert_int_equal(faked->fs[i].frozen_at + faked->fs[i].thawed_at, 2 * COUNT + 1);
	fake_wait_logged(&fake, "3 file systems were frozen for");
	back_up();
	assert_int_equal(fake_stop(&fake), 0);
}

static void a_check_says_no_auto_recovery(void **state)
{
	struct hv_vss_msg message = { .vss_hdr.operation = VSS_OP_HOT_BACKUP };

	(void)state;
	start();
	fake_send(&fake, &message, sizeof(message));
	assert_int_equal(fake_receive(&fake, &message, sizeof(message)), 12);
	assert_int_equal(message.error, HV_S_OK);
	assert_int_equal(message.vss_cf.flags, 5);
	message = (struct hv_vss_msg) { .vss_hdr.operation = VSS_OP_GET_DM_INFO };
	message.dm_info.flags = 7;
	fake_send(&fake, &message, sizeof(message));
	fake_receive(&fake, &message, sizeof(message));
	assert_int_equal(message.error, HV_S_OK);
	assert_int_equal(message.dm_info.flags, 0);
}

static void a_check_sees_bad_settings(void **state)
{
	(void)state;
	start();
	put(config, "frozen-seconds = soon\n", 0600);
	assert_int_equal(request(VSS_OP_HOT_BACKUP), REFUSED);
	fake_wait_logged(&fake, "config:1: \"soon\" is not a number");
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	unlink(config);
	back_up();
}

static void bad_messages_are_answered(void **state)
{
	static const int operations[] = { VSS_OP_CREATE, VSS_OP_DELETE, VSS_OP_AUTO_RECOVER, 8, 129,
					  255 };
	static const size_t lengths[] = { 1, 4, 8, 11, 13, 64, 4096 };
	char bytes[4096] = { VSS_OP_FREEZE };
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		assert_int_equal(request(operations[i]), REFUSED);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		fake_send(&fake, bytes, lengths[i]);
		assert_int_equal(answer(), REFUSED);
	}
	assert_int_equal(faked->clock, 0);
	back_up();
}

static void a_thaw_of_nothing_is_no_failure(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(request(VSS_OP_BU_COMPLETE), HV_S_OK);
	assert_int_equal(faked->clock, 0);
}

static void a_complete_thaws(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_BU_COMPLETE), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
}

static void idle_is_idle(void **state)
{
	unsigned long before;

	(void)state;
	start();
	back_up();
	usleep(200000);
	before = fake_wakeups(&fake);
	usleep(500000);
	assert_int_equal(fake_wakeups(&fake), before);
}

/* --- what cannot be frozen -------------------------------------------------------------- */

static void a_failure_thaws_all_and_names_the_mount(void **state)
{
	static const int errors[] = { EBUSY, EIO, EPERM, EROFS, EINVAL };
	char text[160];
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		faked->fs[i % COUNT].freeze_error = errors[i];
		assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
		assert_int_equal(count_frozen(), 0);
		snprintf(text, sizeof(text), "cannot freeze %s/%s: ", fake.folder, names[i % COUNT]);
		fake_wait_logged(&fake, text);
		faked->fs[i % COUNT].freeze_error = 0;
		assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	}
	back_up();
}

static void what_another_program_froze_stays_frozen(void **state)
{
	(void)state;
	start();
	faked->fs[1].frozen = 1;
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "frozen already, by another program");
	assert_int_equal(faked->fs[1].frozen, 1);
	assert_int_equal(count_frozen(), 1);
	faked->fs[1].frozen = 0;
	back_up();
}

static void a_type_without_freeze_is_skipped_or_refused(void **state)
{
	(void)state;
	faked->fs[1].freeze_error = EOPNOTSUPP;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(count_frozen(), COUNT - 1);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
	put(config, "unfreezable = fail\n", 0600);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	assert_int_equal(count_frozen(), 0);
}

static void a_mount_that_cannot_be_opened_is_named(void **state)
{
	char path[96];

	(void)state;
	start();
	snprintf(path, sizeof(path), "%s/b", fake.folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(request(VSS_OP_HOT_BACKUP), REFUSED);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "cannot open");
	assert_int_equal(faked->clock, 0);
	assert_int_equal(mkdir(path, 0700), 0);
	back_up();
}

/* --- too slow, too late, out of order ---------------------------------------------------- */

static void a_host_that_vanishes_is_not_waited_for(void **state)
{
	(void)state;
	put(config, "frozen-seconds = 1\n", 0600);
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	wait_thawed(1000);
	fake_wait_logged(&fake, "the host did not ask for the thaw within 1 s");
	/* The truth, once; then a new life. */
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	back_up();
}

static void a_freeze_that_hangs_does_not_hold_the_others(void **state)
{
	(void)state;
	put(config, "frozen-seconds = 1\n", 0600);
	faked->fs[2].freeze_ms = 900;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(2);
	wait_thawed(600);
	assert_int_equal(answer(), REFUSED);
	/* While it hangs there is no other; when it comes back it is thawed. */
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "it hangs at");
	faked->fs[2].freeze_ms = 0;
	wait_no_record();
	assert_int_equal(count_frozen(), 0);
	assert_int_not_equal(faked->fs[2].thawed_at, 0);
	back_up();
}

static void a_thaw_during_the_freeze_wins(void **state)
{
	(void)state;
	faked->fs[1].freeze_ms = 300;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(1);
	/* The driver gave up on the FREEZE, and this is the only answer. */
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(count_frozen(), 0);
	assert_true(fake_is_silent(&fake, 100));
	faked->fs[1].freeze_ms = 0;
	back_up();
}

static void a_second_freeze_thaws(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	wait_thawed(1000);
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	back_up();
}

static void a_thaw_by_others_is_told(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].frozen = 0;
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(count_frozen(), 0);
	fake_wait_logged(&fake, "another program thawed");
	back_up();
}

static void a_thaw_that_fails_is_tried_again(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].thaw_errors = 1;
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(count_frozen(), 0);
	wait_no_record();
	/* For good: the record stays for who comes next. */
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].thaw_errors = 2;
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	fake_wait_logged(&fake, "stays frozen");
	assert_int_equal(access(record, F_OK), 0);
	assert_int_equal(fake_stop(&fake), 0);
	start();
	assert_int_equal(count_frozen(), 0);
	back_up();
}

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
	snprintf(command, sizeof(command), PROGRAM " --thaw --mountinfo %s --record %s 2>%s",
		 mountinfo, record, said);
	assert_int_equal(system(command), 0);
	assert_int_equal(count_frozen(), 0);
	assert_int_not_equal(access(record, F_OK), 0);
	assert_int_equal(system(command), 0);
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
	assert_int_equal(mkdir(record, 0700), 0);
	start();
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	assert_int_equal(faked->clock, 0);
	assert_int_equal(rmdir(record), 0);
	back_up();
}

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

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_backup),
		TEST(a_check_says_no_auto_recovery),
		TEST(a_check_sees_bad_settings),
		TEST(bad_messages_are_answered),
		TEST(a_thaw_of_nothing_is_no_failure),
		TEST(a_complete_thaws),
		TEST(idle_is_idle),
		TEST(a_failure_thaws_all_and_names_the_mount),
		TEST(what_another_program_froze_stays_frozen),
		TEST(a_type_without_freeze_is_skipped_or_refused),
		TEST(a_mount_that_cannot_be_opened_is_named),
		TEST(a_host_that_vanishes_is_not_waited_for),
		TEST(a_freeze_that_hangs_does_not_hold_the_others),
		TEST(a_thaw_during_the_freeze_wins),
		TEST(a_second_freeze_thaws),
		TEST(a_thaw_by_others_is_told),
		TEST(a_thaw_that_fails_is_tried_again),
		TEST(the_device_goes_while_frozen),
		TEST(the_device_goes_during_the_freeze),
		TEST(a_stop_thaws),
		TEST(the_freezer_is_killed_at_any_step),
		TEST(the_daemon_is_killed_at_any_step),
		TEST(both_are_killed_at_any_step),
		TEST(both_are_killed_while_frozen),
		TEST(a_stopped_daemon_does_not_hold_it),
		TEST(a_stopped_freezer_does_not_hold_it),
		TEST(without_a_record_nothing_is_frozen),
		TEST(hooks_run_around_the_freeze),
		TEST(a_hook_that_fails_aborts),
		TEST(a_slow_hook_is_ended),
		TEST(a_hook_that_others_may_change_is_refused),
		TEST(a_stop_during_hooks_ends_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
