// SPDX-License-Identifier: GPL-2.0-only
#include "tests/daemons/vss_daemon.h"

#include <fcntl.h>
#include <linux/hyperv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct fake_device fake;
struct faked *faked;
char mountinfo[96], config[96], record[96], hooks[96], said[96];

const char * const names[COUNT] = { "a", "b", "c" };

void put(const char *path, const char *text, mode_t mode)
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

int vss_set_up(void **state)
{
	(void)state;
	fake_setup(&fake);
	snprintf(mountinfo, sizeof(mountinfo), "%s/mountinfo", fake.folder);
	snprintf(config, sizeof(config), "%s/config", fake.folder);
	snprintf(record, sizeof(record), "%s/run/record", fake.folder);
	snprintf(hooks, sizeof(hooks), "%s/hooks", fake.folder);
	snprintf(said, sizeof(said), "%s/said", fake.folder);
	write_mountinfo();
	share_faked();
	return 0;
}

int vss_tear_down(void **state)
{
	(void)state;
	fake_teardown(&fake);
	munmap(faked, sizeof(*faked));
	return 0;
}

void launch(void)
{
	const char * const args[] = { "--mountinfo", mountinfo, "--config", config, "--record", record,
			       "--hooks", hooks, NULL };

	fake_start(&fake, VSS_FAKED, args);
}

void register_daemon(void)
{
	struct hv_vss_msg hello;
	int version = 1;

	fake_accept(&fake);
	assert_int_equal(fake_receive(&fake, &hello, sizeof(hello)), 12);
	assert_int_equal(hello.vss_hdr.operation, VSS_OP_REGISTER1);
	fake_send(&fake, &version, sizeof(version));
}

void start(void)
{
	launch();
	register_daemon();
	fake_wait_notified(&fake, "READY=1");
}

void ask(int operation)
{
	struct hv_vss_msg message = { .vss_hdr.operation = (unsigned char)operation };

	fake_send(&fake, &message, sizeof(message));
}

int answer(void)
{
	struct hv_vss_msg message;

	assert_int_equal(fake_receive(&fake, &message, sizeof(message)), 12);
	return message.error;
}

int request(int operation)
{
	ask(operation);
	return answer();
}

int count_frozen(void)
{
	int count = 0, i;

	for (i = 0; i < COUNT; i++)
		count += faked->fs[i].frozen;
	return count;
}

void wait_thawed(int ms)
{
	for (; count_frozen(); ms -= 5) {
		if (ms <= 0)
			fail_msg("%d file systems are still frozen", count_frozen());
		usleep(5000);
	}
}

void wait_frozen(int count)
{
	int ms;

	for (ms = FAKE_LIMIT_MS; count_frozen() != count; ms -= 5) {
		if (ms <= 0)
			fail_msg("%d instead of %d file systems are frozen", count_frozen(), count);
		usleep(5000);
	}
}

void wait_no_record(void)
{
	int ms;

	for (ms = FAKE_LIMIT_MS; !access(record, F_OK); ms -= 5) {
		if (ms <= 0)
			fail_msg("the record stays");
		usleep(5000);
	}
}

void back_up(void)
{
	assert_int_equal(request(VSS_OP_HOT_BACKUP), HV_S_OK);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(count_frozen(), COUNT);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
	assert_int_equal(request(VSS_OP_BU_COMPLETE), HV_S_OK);
	wait_no_record();
}
