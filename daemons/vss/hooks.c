// SPDX-License-Identifier: GPL-2.0-only
/*
 *   daemon                     runner (a child)              hook
 *     | hooks_start() -- fork ---> for each, by name:
 *     |                              check, spawn ------------> argument
 *     |                              wait, at most the limit <-- exit status
 *     | <------ one packet --------- for each that failed
 *     | <------ end of file -------- exit
 *
 * A stop of the service is a SIGTERM to each of these. Before the freeze it ends
 * them. After the thaw they undo what was done before the freeze, and nobody will
 * later: the runner goes on, and runs the hook again that was ended by it.
 */
#include "daemons/vss/hooks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/child.h"

#define STOP_NOTICE_S	1	/* the service manager's signal to all may reach the hook first */
#define STOP_PASS_MS	100

static pid_t starter;		/* of the runner */

/* --- the runner ------------------------------------------------------------- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int is_hook_name(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && entry->d_name[length - 1] != '~' &&
	       !strstr(entry->d_name, ".dpkg-");
}

/* Whether root alone can change it. */
static int check_owner(const char *path, const struct stat *status, struct err *err)
{
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return err_set(err, -EPERM, "%s does not belong to root", path);
	if (status->st_mode & 0022)
		return err_set(err, -EPERM, "%s can be changed by others than its owner", path);
	return 0;
}

static int run_hook(const struct hooks_phase *phase, const char *path, uint64_t end_ms,
		    struct err *err)
{
	const char *const argv[] = { path, phase->argument, NULL };
	uint64_t now = now_ms();
	uint64_t left = now < end_ms ? end_ms - now : 0;
	struct child child = { .path = path, .argv = argv };
	struct stat status;
	int ret;

	if (stat(path, &status))
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode) || !(status.st_mode & 0111))
		return 0;
	ret = check_owner(path, &status, err);
	if (ret)
		return ret;
	if (!left)
		return err_set(err, -ETIMEDOUT, "%s was not run: the hooks before it took %u ms",
			       path, phase->all_ms);
	child.limit_ms = phase->each_ms;
	if (left < child.limit_ms)
		child.limit_ms = (unsigned int)left;
	return child_run(&child, err);
}

static void report_failure(int to, const struct err *err)
{
	(void)!send(to, err->text, strlen(err->text), MSG_NOSIGNAL);
}

/* Whether a stop has come since it was last asked for; the runner has SIGTERM blocked then. */
static bool is_stopped(void)
{
	const struct timespec moment = { .tv_sec = STOP_NOTICE_S };
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	return sigtimedwait(&stop, NULL, &moment) == SIGTERM;
}

/* The daemon has died. Its next start runs all of them; until they are done there is none. */
static bool is_orphan(void)
{
	return getppid() != starter;
}

static int run_to_its_end(const struct hooks_phase *phase, const char *path, uint64_t end_ms,
			  int to, struct err *err)
{
	int ret = run_hook(phase, path, end_ms, err);

	while (ret && phase->outlives_stop && !is_orphan() && is_stopped()) {
		struct err why;

		err_set(&why, ret, "hit by a stop, and runs again: %s", err->text);
		report_failure(to, &why);
		/* New processes are signalled, too, until there are none. */
		poll(NULL, 0, STOP_PASS_MS);
		ret = run_hook(phase, path, end_ms, err);
	}
	return ret;
}

/* Return: how many failed. */
static unsigned int run_list(const struct hooks_phase *phase, struct dirent **list, int count,
			     int to)
{
	uint64_t end_ms = now_ms() + phase->all_ms;
	unsigned int failed = 0;
	char path[PATH_MAX];
	int i;

	for (i = 0; i < count; i++) {
		struct err err = { "" };

		snprintf(path, sizeof(path), "%s/%s", phase->folder, list[i]->d_name);
		if (!run_to_its_end(phase, path, end_ms, to, &err))
			continue;
		report_failure(to, &err);
		failed++;
		if (phase->stop_at_failure || is_orphan())
			break;
	}
	return failed;
}

static unsigned int run_folder(const struct hooks_phase *phase, int to)
{
	struct err err = { "" };
	struct dirent **list;
	struct stat status;
	int count;

	if (stat(phase->folder, &status) && errno == ENOENT)
		return 0;
	count = scandir(phase->folder, &list, is_hook_name, alphasort);
	if (count < 0)
		err_set(&err, -errno, "%s: %s", phase->folder, strerror(errno));
	if (count < 0 || check_owner(phase->folder, &status, &err)) {
		report_failure(to, &err);
		return 1;
	}
	return run_list(phase, list, count, to);
}

/* The daemon and its freezer are not to be killed for memory. Hooks, and what they leave running, are as others. */
static void be_killable_for_memory(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "0", 1);
	close(fd);
}

/* Where SIGTERM ends the runner, the hook it waits for gets one of its own from the service manager. */
static void be_runner(const struct hooks_phase *phase, int to)
{
	sigset_t blocked;

	signal(SIGTERM, SIG_DFL);
	sigemptyset(&blocked);
	if (phase->outlives_stop)
		sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	be_killable_for_memory();
	_exit(run_folder(phase, to) ? 1 : 0);
}

/* --- the daemon's side ------------------------------------------------------ */

int hooks_start(struct hooks *hooks, const struct hooks_phase *phase, struct err *err)
{
	int ends[2], ret;

	*hooks = (struct hooks) { .pipe = -1 };
	starter = getpid();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return err_set(err, -errno, "socket pair: %s", strerror(errno));
	hooks->pid = fork();
	if (!hooks->pid) {
		/* Of the daemon's descriptors it keeps only its own: the device must be free to open. */
		if (dup2(ends[1], STDERR_FILENO + 1) < 0)
			_exit(1);
		close_range(STDERR_FILENO + 2, ~0u, 0);
		fcntl(STDERR_FILENO + 1, F_SETFD, FD_CLOEXEC);
		be_runner(phase, STDERR_FILENO + 1);
	}
	ret = -errno;
	close(ends[1]);
	hooks->pipe = ends[0];
	if (hooks->pid > 0)
		return 0;
	close(ends[0]);
	*hooks = (struct hooks) { .pipe = -1 };
	return err_set(err, ret, "cannot start the hooks: %s", strerror(-ret));
}

enum hooks_report hooks_report(struct hooks *hooks, struct err *err)
{
	ssize_t length = recv(hooks->pipe, err->text, sizeof(err->text) - 1, MSG_DONTWAIT);

	if (length > 0) {
		err->text[length] = '\0';
		return HOOKS_FAILED;
	}
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return HOOKS_NOTHING;
	return HOOKS_ENDED;
}

bool hooks_finish(struct hooks *hooks)
{
	int status = 0;

	if (!hooks->pid)
		return true;
	close(hooks->pipe);
	kill(hooks->pid, SIGKILL);
	while (waitpid(hooks->pid, &status, 0) < 0 && errno == EINTR)
		;
	*hooks = (struct hooks) { .pipe = -1 };
	return WIFEXITED(status) && !WEXITSTATUS(status);
}
