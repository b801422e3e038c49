// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *const environment[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", NULL,
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setpgroup(attributes, 0);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
					POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int start(const struct child *child, int out, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	set_attributes(&attributes);
	error = posix_spawn(pid, child->path, &files, &attributes, (char *const *)child->argv,
			    environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -error;
}

/* One piece of output; false at its end. */
static int take_output(const struct child *child, int from, size_t *length)
{
	char scrap[512];
	size_t room = child->output ? child->output_size - 1 - *length : 0;
	ssize_t done = read(from, room ? child->output + *length : scrap,
			    room ? room : sizeof(scrap));

	if (done > 0 && room)
		*length += (size_t)done;
	return done > 0;
}

/* Until the program has ended; what it left running may keep the pipe open. */
static int watch(const struct child *child, int from, int pidfd)
{
	struct pollfd look[] = { { .fd = pidfd, .events = POLLIN }, { .fd = from, .events = POLLIN } };
	int64_t end = now_ms() + child->limit_ms;
	size_t length = 0;

	for (;;) {
		int64_t left = end - now_ms();
		int ready = left > 0 ? poll(look, 2, (int)left) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return -ETIMEDOUT;
		if (look[1].revents && !take_output(child, from, &length))
			look[1].fd = -1;
		else if (!look[1].revents && look[0].revents)
			break;
		if (child->output)
			child->output[length] = '\0';
	}
	return 0;
}

static int collect(const struct child *child, pid_t pid, int ret, struct err *err)
{
	int status;

	if (ret)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ret)
		return err_set(err, ret, "%s did not end within %u ms", child->path,
			       child->limit_ms);
	if (WIFSIGNALED(status))
		return err_set(err, -EPROTO, "%s was ended by signal %d", child->path,
			       WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(err, -EPROTO, "%s exited with status %d", child->path,
			       WEXITSTATUS(status));
	return 0;
}

int child_run(const struct child *child, struct err *err)
{
	int ends[2], pidfd, ret;
	pid_t pid;

	if (child->output)
		child->output[0] = '\0';
	if (pipe2(ends, O_CLOEXEC))
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	ret = start(child, ends[1], &pid);
	close(ends[1]);
	if (ret) {
		close(ends[0]);
		return err_set(err, ret, "%s: %s", child->path, strerror(-ret));
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	ret = pidfd < 0 ? -errno : watch(child, ends[0], pidfd);
	ret = collect(child, pid, ret, err);
	if (pidfd >= 0)
		close(pidfd);
	close(ends[0]);
	return ret;
}
