// SPDX-License-Identifier: GPL-2.0-only
/*
 *   daemon                               freezer (a child; ignores signals)
 *     | freezer_start() ------- fork -------> record what will be frozen in /run
 *     |                                       write back each file system
 *     | <---------- STARTS ------------------ freeze each, upper ones first
 *     | <---------- HOLDS ------------------- wait: the daemon asks, or is gone,
 *     | freezer_thaw() ---------------------> or the limit has come
 *     |                                       thaw each, backwards; remove the record
 *     | <---------- ENDED ------------------- exit
 *
 * Who dies at any point, or hangs, is replaced:
 *
 *   daemon dies, is stopped      the freezer sees the socket close, or its limit: it thaws
 *   freezer dies                 the daemon sees the socket close: freezer_rescue()
 *   freezer hangs in a freeze    the daemon thaws the others; that one thaws when the call returns
 *   and the daemon dies, stops   the freezer's second thread thaws the others
 *   both die                     `hv_vss --thaw` of the unit, and the next start, by the record
 *
 * A part of the work is taken by a compare-and-swap of its state, so that two
 * never thaw the same:
 *
 *   RUNNING -> FREEZING -> FROZEN -> THAWING -> THAWED
 *                 |  \
 *                 v   UNSUPPORTED    ^         |
 *              RUNNING (failed)      +---------+ error
 *
 * Between STARTS and the last thaw nothing here allocates, logs or opens a file.
 */
#include "daemons/vss/freezer.h"

#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemons/vss/lock.h"
#include "daemons/vss/record.h"

#define ASK_THAW	'T'
#define WATCH_STEP_MS	20
#define WATCH_STACK	(256 * 1024)	/* all of it is locked in memory */

static int system_sync(int fd)
{
	return syncfs(fd) ? -errno : 0;
}

static int system_freeze(int fd)
{
	return ioctl(fd, FIFREEZE, 0) ? -errno : 0;
}

static int system_thaw(int fd)
{
	return ioctl(fd, FITHAW, 0) ? -errno : 0;
}

const struct freezer_calls freezer_system = { system_sync, system_freeze, system_thaw };

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- the thaw, by either side ----------------------------------------------- */

static void thaw_part(struct freezer_shared *shared, const struct freezer_calls *calls, size_t i)
{
	int ret = calls->thaw(shared->part[i].fd);

	if (ret == -EINVAL)
		atomic_store(&shared->was_thawed, 1);
	else if (ret)
		atomic_store(&shared->thaw_error, ret);
	/* The kernel leaves it frozen after any other error: worth another try. */
	atomic_store(&shared->part[i].state,
		     ret && ret != -EINVAL ? FREEZER_FROZEN : FREEZER_THAWED);
}

static void thaw_all(struct freezer_shared *shared, const struct freezer_calls *calls)
{
	size_t i;

	for (i = shared->count; i-- > 0;) {
		int frozen = FREEZER_FROZEN;

		if (atomic_compare_exchange_strong(&shared->part[i].state, &frozen,
						   FREEZER_THAWING))
			thaw_part(shared, calls, i);
	}
}

/* --- the freezer ------------------------------------------------------------ */

struct task {
	const struct freezer_setup *setup;
	struct freezer_shared *shared;
	int socket;
	uint64_t first_ns;	/* when the first freeze began */
	pthread_t watcher;
	int over;		/* eventfd: the watcher may end; -1: there is none */
	atomic_bool is_off;	/* the watcher saw the daemon go, or the limit */
};

static void report(const struct task *task, enum freezer_event event)
{
	char byte = (char)event;

	(void)!send(task->socket, &byte, 1, MSG_NOSIGNAL);
}

/* Whether the daemon asked for the thaw, or is gone. Waits for it at most @wait_ms. */
static bool is_cancelled(const struct task *task, int wait_ms)
{
	struct pollfd look = { .fd = task->socket, .events = POLLIN };

	if (atomic_load(&task->shared->cancelled))
		return true;
	return poll(&look, 1, wait_ms) > 0;
}

/* Until somebody asks, or the limit. Return: whether it was asked for. */
static bool hold(const struct task *task)
{
	uint64_t end = task->first_ns + (uint64_t)task->setup->limit_ms * 1000000;

	for (;;) {
		uint64_t now = now_ns();

		if (is_cancelled(task, now < end ? (int)((end - now) / 1000000 + 1) : 0))
			return true;
		if (now >= end)
			return false;
	}
}

static bool is_unsupported(int ret)
{
	return ret == -EOPNOTSUPP || ret == -ENOTTY;
}

static int freeze_part(struct task *task, size_t i)
{
	_Atomic int *state = &task->shared->part[i].state;
	int ret;

	atomic_store(state, FREEZER_FREEZING);
	ret = task->setup->calls->freeze(task->shared->part[i].fd);
	if (is_unsupported(ret) && !task->setup->strict) {
		atomic_store(state, FREEZER_UNSUPPORTED);
		return 0;
	}
	atomic_store(state, ret ? FREEZER_RUNNING : FREEZER_FROZEN);
	return ret;
}

static int ms_until(uint64_t end_ns)
{
	uint64_t now = now_ns();

	return now < end_ns ? (int)((end_ns - now) / 1000000 + 1) : 0;
}

static bool is_freezing(const struct freezer_shared *shared)
{
	size_t i;

	for (i = 0; i < shared->count; i++) {
		if (atomic_load(&shared->part[i].state) == FREEZER_FREEZING)
			return true;
	}
	return false;
}

/*
 * The second thread, for the time that the first is inside a freeze: without the
 * daemon nobody else would thaw what is frozen already. The first thread looks at
 * is_off after each freeze and this one sets it before it looks, so that none that
 * was thawed here is ever reported as held.
 */
static void *watch(void *context)
{
	struct task *task = context;
	uint64_t end = task->first_ns + (uint64_t)task->setup->limit_ms * 1000000;
	struct pollfd look[] = { { .fd = task->over, .events = POLLIN },
				 { .fd = task->socket, .events = 0 } };

	while (ms_until(end) && poll(look, 2, ms_until(end)) <= 0)
		;
	atomic_store(&task->is_off, true);
	while (poll(look, 1, WATCH_STEP_MS) <= 0) {
		if (is_freezing(task->shared))
			thaw_all(task->shared, task->setup->calls);
	}
	return NULL;
}

/* Before anything is frozen. Where it fails, the daemon and the record are still there. */
static void start_watcher(struct task *task)
{
	pthread_attr_t attributes;

	task->over = eventfd(0, EFD_CLOEXEC);
	if (task->over < 0)
		return;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, WATCH_STACK);
	if (pthread_create(&task->watcher, &attributes, watch, task)) {
		close(task->over);
		task->over = -1;
	}
	pthread_attr_destroy(&attributes);
}

static void end_watcher(struct task *task)
{
	if (task->over < 0)
		return;
	eventfd_write(task->over, 1);
	pthread_join(task->watcher, NULL);
}

static enum freezer_end freeze_all(struct task *task)
{
	struct freezer_shared *shared = task->shared;
	size_t i;

	for (i = 0; i < shared->count; i++) {
		int ret;

		if (is_cancelled(task, 0) || atomic_load(&task->is_off))
			return FREEZER_EARLY;
		ret = freeze_part(task, i);
		if (ret) {
			shared->failed = i;
			shared->error = ret;
			return FREEZER_FAILED;
		}
	}
	if (atomic_load(&task->is_off))
		return FREEZER_EARLY;
	report(task, FREEZER_HOLDS);
	return hold(task) ? FREEZER_ON_REQUEST : FREEZER_EARLY;
}

static bool write_back_all(const struct task *task)
{
	size_t i;

	/* An error here comes again, and is judged, at the freeze. */
	for (i = 0; i < task->shared->count && !is_cancelled(task, 0); i++)
		task->setup->calls->sync(task->shared->part[i].fd);
	return i == task->shared->count;
}

static bool write_record(const struct freezer_setup *setup)
{
	static struct record record;

	record = (struct record) { .freezer = getpid(), .count = setup->count };
	memcpy(record.dev, setup->devs, setup->count * sizeof(*setup->devs));
	return !record_write(&record, setup->record, NULL);
}

static enum freezer_end work(struct task *task)
{
	enum freezer_end end;

	if (!write_record(task->setup))
		return FREEZER_NO_RECORD;
	if (!write_back_all(task))
		return FREEZER_EARLY;
	task->first_ns = now_ns();
	start_watcher(task);
	report(task, FREEZER_STARTS);
	end = freeze_all(task);
	/* First: the watcher may be in a thaw that waits for one of these. */
	thaw_all(task->shared, task->setup->calls);
	end_watcher(task);
	task->shared->frozen_ns = now_ns() - task->first_ns;
	return end;
}

static void ignore_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
}

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* The device above all: while this process lives, a new daemon must be able to open it. */
static int close_others(const struct task *task)
{
	size_t count = task->setup->count, i;
	int *keep = malloc((count + 1) * sizeof(*keep));
	unsigned int from = STDERR_FILENO + 1;

	if (!keep)
		return -ENOMEM;
	memcpy(keep, task->setup->fds, count * sizeof(*keep));
	keep[count++] = task->socket;
	qsort(keep, count, sizeof(*keep), compare_fds);
	for (i = 0; i < count; i++) {
		if (keep[i] > (int)from)
			close_range(from, (unsigned int)keep[i] - 1, 0);
		from = (unsigned int)keep[i] + 1;
	}
	close_range(from, ~0u, 0);
	free(keep);
	return 0;
}

static void run(struct task *task)
{
	enum freezer_end end = FREEZER_EARLY;

	prctl(PR_SET_NAME, "hv_vss:freezer");
	ignore_signals();
	lock_memory();
	lock_reclaim(true);
	if (!close_others(task))
		end = work(task);
	if (end != FREEZER_NO_RECORD && !atomic_load(&task->shared->thaw_error))
		record_remove(task->setup->record, getpid());
	atomic_store(&task->shared->end, end);
	report(task, FREEZER_ENDED);
	_exit(0);
}

/* --- the daemon's side ------------------------------------------------------ */

static int share(struct freezer *freezer, const struct freezer_setup *setup)
{
	struct freezer_shared *shared;
	size_t i;

	freezer->bytes = sizeof(*shared) + setup->count * sizeof(shared->part[0]);
	shared = mmap(NULL, freezer->bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	shared->count = setup->count;
	for (i = 0; i < setup->count; i++)
		shared->part[i].fd = setup->fds[i];
	freezer->shared = shared;
	return 0;
}

int freezer_start(struct freezer *freezer, const struct freezer_setup *setup, struct err *err)
{
	struct task task = { .setup = setup };
	int ends[2];
	int ret;

	*freezer = (struct freezer) { .socket = -1, .calls = setup->calls };
	if (setup->count > RECORD_MAX)
		return err_set(err, -E2BIG, "more than %d file systems to freeze", RECORD_MAX);
	ret = share(freezer, setup);
	if (ret)
		return err_set(err, ret, "no memory to share with the freezer");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		ret = -errno;
		munmap(freezer->shared, freezer->bytes);
		return err_set(err, ret, "socket pair: %s", strerror(-ret));
	}
	freezer->pid = fork();
	if (!freezer->pid) {
		task.shared = freezer->shared;
		task.socket = ends[1];
		close(ends[0]);
		run(&task);
	}
	ret = -errno;
	close(ends[1]);
	freezer->socket = ends[0];
	if (freezer->pid > 0)
		return 0;
	freezer->pid = 0;
	close(ends[0]);
	munmap(freezer->shared, freezer->bytes);
	return err_set(err, ret, "cannot start the freezer: %s", strerror(-ret));
}

enum freezer_event freezer_event(struct freezer *freezer)
{
	char byte;
	ssize_t length = recv(freezer->socket, &byte, 1, MSG_DONTWAIT);

	if (length == 1)
		return (enum freezer_event)byte;
	/* The freezer may end with a request unread; what it said before comes next. */
	if (length < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
		return FREEZER_NOTHING;
	return FREEZER_DIED;
}

void freezer_thaw(struct freezer *freezer)
{
	char byte = ASK_THAW;

	atomic_store(&freezer->shared->cancelled, 1);
	(void)!send(freezer->socket, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool freezer_rescue(struct freezer *freezer, bool is_dead)
{
	struct freezer_shared *shared = freezer->shared;
	size_t i;

	/* A dead freezer may have been killed on the way into or out of a call. */
	for (i = shared->count; is_dead && i-- > 0;) {
		int state = atomic_load(&shared->part[i].state);

		if (state == FREEZER_FREEZING || state == FREEZER_THAWING)
			atomic_store(&shared->part[i].state, FREEZER_FROZEN);
	}
	/* While the freezer is inside a thaw, those below it wait for it anyway. */
	i = freezer_stuck_at(freezer);
	if (i < shared->count && atomic_load(&shared->part[i].state) == FREEZER_THAWING)
		return false;
	atomic_store(&shared->thaw_error, 0);
	thaw_all(shared, freezer->calls);
	return i == shared->count && !atomic_load(&shared->thaw_error);
}

size_t freezer_stuck_at(const struct freezer *freezer)
{
	const struct freezer_shared *shared = freezer->shared;
	size_t i;

	for (i = 0; i < shared->count; i++) {
		int state = atomic_load(&shared->part[i].state);

		if (state == FREEZER_FREEZING || state == FREEZER_THAWING)
			break;
	}
	return i;
}

void freezer_finish(struct freezer *freezer)
{
	size_t i;

	while (waitpid(freezer->pid, NULL, 0) < 0 && errno == EINTR)
		;
	for (i = 0; i < freezer->shared->count; i++)
		close(freezer->shared->part[i].fd);
	close(freezer->socket);
	munmap(freezer->shared, freezer->bytes);
	*freezer = (struct freezer) { .socket = -1 };
}
