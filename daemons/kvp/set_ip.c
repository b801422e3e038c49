// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/set_ip.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemons/common/device.h"
#include "daemons/kvp/options.h"

struct set_ip {
	int fd;
	set_ip_done done;
	void *context;
	sd_event_source *io, *timer;
};

static void release(struct set_ip *set)
{
	sd_event_source_disable_unref(set->io);
	sd_event_source_disable_unref(set->timer);
	close(set->fd);
	free(set);
}

void set_ip_forget(struct set_ip *set)
{
	if (set)
		release(set);
}

static void finish(struct set_ip *set, int status, const char *text)
{
	set_ip_done done = set->done;
	void *context = set->context;

	release(set);
	done(context, status, text);
}

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct set_ip_answer answer;
	int length = device_read(fd, &answer, sizeof(answer));

	(void)source;
	if (!length && !(events & EPOLLHUP))
		return 0;
	if (length != sizeof(answer)) {
		finish(context, -EIO, "the helper ended without an answer");
		return 0;
	}
	answer.text[sizeof(answer.text) - 1] = '\0';
	finish(context, answer.status, answer.text);
	return 0;
}

static int on_limit(sd_event_source *source, uint64_t now, void *context)
{
	(void)source;
	(void)now;
	finish(context, -ETIMEDOUT, "the helper did not answer in time");
	return 0;
}

static int spawn_helper(int end)
{
	const char *argv[HELPER_ARGS];
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int error;

	helper_arguments(argv);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, end, STDIN_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawn(&pid, "/proc/self/exe", &files, &attributes, (char *const *)argv,
			    environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -error;
}

/* The helper's status comes over the socket; its zombie is of no interest. */
static int start_helper(void)
{
	int ends[2], ret;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	ret = spawn_helper(ends[1]);
	close(ends[1]);
	if (ret) {
		close(ends[0]);
		return ret;
	}
	return ends[0];
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int set_ip_start(struct set_ip **out, sd_event *event, const char *socket,
		 const struct hv_kvp_ipaddr_value *value, set_ip_done done, void *context,
		 struct err *err)
{
	struct set_ip *set = calloc(1, sizeof(*set));
	int ret;

	if (!set)
		return err_set(err, -ENOMEM, "out of memory");
	reap();
	set->done = done;
	set->context = context;
	set->fd = device_open(socket, NULL);
	if (set->fd == -ENODEV)
		set->fd = start_helper();
	ret = set->fd < 0 ? set->fd : device_write(set->fd, value, sizeof(*value));
	if (!ret)
		ret = sd_event_add_io(event, &set->io, set->fd, EPOLLIN, on_answer, set);
	if (ret >= 0)
		ret = sd_event_add_time_relative(event, &set->timer, CLOCK_MONOTONIC,
						 SET_IP_LIMIT_MS * 1000ull, 0, on_limit, set);
	if (ret >= 0) {
		*out = set;
		return 0;
	}
	if (set->fd >= 0)
		release(set);
	else
		free(set);
	return err_set(err, -EIO, "the helper for addresses: %s", strerror(-ret));
}
