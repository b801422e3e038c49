// SPDX-License-Identifier: GPL-2.0-only
#include "tests/daemons/vss_faked.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemons/vss/daemon.h"

static struct faked *faked;
static pid_t daemon_pid;

/* Which one the descriptor is of. */
static int find(int fd)
{
	char link[32], path[256];
	ssize_t length;
	int i;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		abort();
	path[length] = '\0';
	for (i = 0; i < FAKED_MAX; i++) {
		if (faked->fs[i].name[0] && !strcmp(strrchr(path, '/') + 1, faked->fs[i].name))
			return i;
	}
	abort();
}

static void kill_at(int i, enum faked_step step)
{
	int victims = faked->fs[i].victims;

	if (faked->fs[i].kill_at != (int)step)
		return;
	faked->fs[i].kill_at = FAKED_NEVER;
	if (victims & FAKED_DAEMON)
		kill(daemon_pid, SIGKILL);
	if (victims & FAKED_FREEZER)
		kill(getpid(), SIGKILL);
}

static int faked_sync(int fd)
{
	int i = find(fd);

	kill_at(i, FAKED_SYNC);
	if (faked->fs[i].sync_ms)
		usleep((useconds_t)faked->fs[i].sync_ms * 1000);
	return 0;
}

static int faked_freeze(int fd)
{
	int i = find(fd);

	faked->freezer = getpid();
	kill_at(i, FAKED_BEFORE_FREEZE);
	if (faked->fs[i].freeze_ms)
		usleep((useconds_t)faked->fs[i].freeze_ms * 1000);
	if (faked->fs[i].freeze_error)
		return -faked->fs[i].freeze_error;
	if (faked->fs[i].frozen)
		return -EBUSY;
	faked->fs[i].frozen = 1;
	faked->fs[i].frozen_at = ++faked->clock;
	kill_at(i, FAKED_AFTER_FREEZE);
	return 0;
}

static int faked_thaw(int fd)
{
	int i = find(fd);

	kill_at(i, FAKED_BEFORE_THAW);
	if (faked->fs[i].thaw_ms)
		usleep((useconds_t)faked->fs[i].thaw_ms * 1000);
	if (!faked->fs[i].frozen)
		return -EINVAL;
	if (faked->fs[i].thaw_errors) {
		faked->fs[i].thaw_errors--;
		return -EIO;
	}
	faked->fs[i].frozen = 0;
	faked->fs[i].thawed_at = ++faked->clock;
	kill_at(i, FAKED_AFTER_THAW);
	return 0;
}

static const struct freezer_calls calls = { faked_sync, faked_freeze, faked_thaw };

int main(int argc, char **argv)
{
	int fd = open(getenv("VSS_FAKED"), O_RDWR | O_CLOEXEC);

	faked = mmap(NULL, sizeof(*faked), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (faked == MAP_FAILED)
		return 1;
	close(fd);
	daemon_pid = getpid();
	return daemon_main(argc, argv, &calls, FAKED_SECOND_MS);
}
