// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_vss on real file systems: ext4 on a loop device, and in it another:
 *
 *   <folder>/outer           ext4 on <folder>/outer.img
 *   <folder>/outer/inner     ext4 on <folder>/outer/inner.img: a loop on a loop
 *   <folder>/bind            the same file system as outer, once more
 *
 * Only these are ever in its table of mounts: what this machine runs on is not
 * frozen. Needs root and loop devices, and skips itself, saying so, without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/hyperv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/daemons/fake_device.h"

#define PROGRAM		"build/daemons/hv_vss-san"
#define REFUSED		((int)HV_E_FAIL)

static struct fake_device fake;
static char why_not[128];	/* empty: everything needed is there */
static char mountinfo[96], record[96], config[96];

static int run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int run(const char *fmt, ...)
{
	char command[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command);
}

/* By name: its own mounts only, and whatever is still frozen of them. */
static void take_down(void)
{
	run("for m in outer outer/inner; do fsfreeze -u %s/$m; done 2>/dev/null", fake.folder);
	run("for m in bind outer/inner outer; do umount %s/$m; done 2>/dev/null", fake.folder);
}

static bool build(void)
{
	const char *folder = fake.folder;

	return !run("exec 2>/dev/null; cd %s && mkdir outer bind && truncate -s 24M outer.img && "
		    "mkfs.ext4 -q -m 0 outer.img && mount -o loop outer.img outer && "
		    "mount --bind outer bind && mkdir outer/inner && "
		    "truncate -s 8M outer/inner.img && mkfs.ext4 -q outer/inner.img && "
		    "mount -o loop outer/inner.img outer/inner", folder) &&
	       !run("grep -F %s/ /proc/self/mountinfo >%s", folder, mountinfo);
}

static int set_up(void **state)
{
	(void)state;
	fake_setup(&fake);
	snprintf(mountinfo, sizeof(mountinfo), "%s/mountinfo", fake.folder);
	snprintf(record, sizeof(record), "%s/record", fake.folder);
	snprintf(config, sizeof(config), "%s/config", fake.folder);
	if (geteuid())
		strcpy(why_not, "not root");
	else if (!why_not[0] && !build())
		strcpy(why_not, "no loop devices with ext4 here");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	take_down();
	fake_teardown(&fake);
	return 0;
}

/* Skips are not counted as passed by tests/unit/run, which wants all planned: say it, and pass. */
static bool is_skipped(void)
{
	if (why_not[0])
		print_message("# SKIP real file systems: %s\n", why_not);
	return why_not[0];
}

static void start(void)
{
	const char * const args[] = { "--mountinfo", mountinfo, "--config", config,
				      "--record", record, "--hooks", "/nonexistent", NULL };
	char bytes[64];
	int version = 1;

	fake_start(&fake, PROGRAM, args);
	fake_accept(&fake);
	assert_int_equal(fake_receive(&fake, bytes, sizeof(bytes)), 12);
	fake_send(&fake, &version, sizeof(version));
	fake_wait_notified(&fake, "READY=1");
}

static int request(int operation)
{
	struct hv_vss_msg message = { .vss_hdr.operation = (unsigned char)operation };

	fake_send(&fake, &message, sizeof(message));
	assert_int_equal(fake_receive(&fake, &message, sizeof(message)), 12);
	return message.error;
}

static int open_mount(const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fake.folder, name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* A second freeze is refused; a write would wait, and not be killed on every kernel. */
static bool is_frozen(const char *name)
{
	int fd = open_mount(name);
	bool was_frozen = ioctl(fd, FIFREEZE, 0) && errno == EBUSY;

	if (!was_frozen)
		ioctl(fd, FITHAW, 0);
	close(fd);
	return was_frozen;
}

/* A write by another process gets through within a second, or does not. */
static bool can_write(const char *name)
{
	return !run("timeout -s KILL 1 sh -c 'echo x >%s/%s/file; sync -f %s/%s/file' 2>/dev/null",
		    fake.folder, name, fake.folder, name);
}

static void in_order_and_once(void **state)
{
	(void)state;
	if (is_skipped())
		return;
	start();
	assert_int_equal(request(VSS_OP_HOT_BACKUP), HV_S_OK);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	fake_wait_logged(&fake, "2 file systems were frozen for");
	assert_true(fake_has_logged(&fake, "/outer/inner (ext4)"));
	assert_false(fake_has_logged(&fake, "1. /outer (ext4)"));
}

static void the_image_needs_no_recovery(void **state)
{
	(void)state;
	if (is_skipped())
		return;
	start();
	assert_true(can_write("outer"));
	assert_true(can_write("outer/inner"));
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(run("cp %s/outer.img %s/copy.img", fake.folder, fake.folder), 0);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_true(can_write("outer"));
	assert_true(can_write("outer/inner"));
	/* Clean inside and out; under load the running one has a journal to replay. */
	assert_int_equal(run("cd %s && fsck.ext4 -fn copy.img >/dev/null 2>&1 && "
			     "! dumpe2fs -h copy.img 2>/dev/null | grep -q needs_recovery && "
			     "debugfs -R 'dump inner.img inner.img' copy.img 2>/dev/null && "
			     "fsck.ext4 -fn inner.img >/dev/null 2>&1 && "
			     "! dumpe2fs -h inner.img 2>/dev/null | grep -q needs_recovery",
			     fake.folder), 0);
	assert_int_equal(run("dumpe2fs -h %s/outer.img 2>/dev/null | grep -q needs_recovery",
			     fake.folder), 0);
}

static void nothing_is_written_while_frozen(void **state)
{
	(void)state;
	if (is_skipped())
		return;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_true(is_frozen("outer"));
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_true(can_write("outer"));
}

static void one_that_is_frozen_already_fails(void **state)
{
	int fd;

	(void)state;
	if (is_skipped())
		return;
	start();
	fd = open_mount("outer/inner");
	assert_int_equal(ioctl(fd, FIFREEZE, 0), 0);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "/outer/inner: it is frozen already");
	/* It still is, and the other is not. */
	assert_true(can_write("outer"));
	assert_int_equal(ioctl(fd, FITHAW, 0), 0);
	close(fd);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
}

/*
 * What is dirty in the inner one cannot be written while the outer one stands
 * still, and no signal ends the wait for it.
 */
static void a_write_back_that_hangs_is_given_up(void **state)
{
	int fd;

	(void)state;
	if (is_skipped())
		return;
	run("echo sync-seconds = 1 >%s", config);
	start();
	fd = open_mount("outer");
	assert_int_equal(run("echo dirty >%s/outer/inner/dirty", fake.folder), 0);
	assert_int_equal(ioctl(fd, FIFREEZE, 0), 0);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	assert_int_equal(ioctl(fd, FITHAW, 0), 0);
	close(fd);
	fake_wait_logged(&fake, "writing back took longer than 1 s");
	assert_true(can_write("outer"));
	assert_true(can_write("outer/inner"));
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
}

/* The freezer is the daemon's only child. */
static pid_t find_freezer(void)
{
	char path[64];
	FILE *file;
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)fake.daemon,
		 (int)fake.daemon);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

static void wait_writable(void)
{
	int tries;

	for (tries = 0; !can_write("outer") || !can_write("outer/inner"); tries++)
		assert_true(tries < 3);
}

static void killed_while_frozen(void **state)
{
	(void)state;
	if (is_skipped())
		return;
	/* The daemon: its freezer thaws. */
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	fake_kill(&fake);
	fake_hang_up(&fake);
	wait_writable();
	/* The freezer: the daemon thaws. */
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(kill(find_freezer(), SIGKILL), 0);
	wait_writable();
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	/* Both: the unit's last command thaws. */
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	kill(fake.daemon, SIGSTOP);
	assert_int_equal(kill(find_freezer(), SIGKILL), 0);
	fake_kill(&fake);
	assert_true(is_frozen("outer"));
	assert_int_equal(run(PROGRAM " --thaw --mountinfo %s --record %s 2>/dev/null", mountinfo,
			     record), 0);
	wait_writable();
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(in_order_and_once),
		TEST(the_image_needs_no_recovery),
		TEST(nothing_is_written_while_frozen),
		TEST(one_that_is_frozen_already_fails),
		TEST(a_write_back_that_hangs_is_given_up),
		TEST(killed_while_frozen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
