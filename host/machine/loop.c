// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/*
 * A watch is found by descriptor number. A descriptor may be closed and its
 * number reused while events of the old one are still in the batch that
 * epoll_wait() returned; the generation in the epoll data tells them apart.
 *
 * Deferred calls live in one queue, in order. Posted calls (other threads)
 * live in a second one, the only thing here under a lock, and move to the end
 * of the first when the wake-up descriptor fires.
 */
struct watch {
	loop_fd_cb cb;		/* NULL: slot unused */
	void *opaque;
	uint32_t generation;
};

struct call {
	struct call *next;
	loop_cb cb;
	void *opaque;
};

struct call_queue {
	struct call *head;
	struct call **tail;
};

struct loop {
	int epoll_fd;
	int wake_fd;
	bool stop;		/* atomic: any thread */
	struct watch *watches;	/* indexed by descriptor */
	int watch_count;
	struct call_queue deferred;

	pthread_mutex_t post_lock;	/* protects posted */
	struct call_queue posted;
};

struct loop_timer {
	struct loop *loop;
	int fd;
	bool armed;
	loop_cb cb;
	void *opaque;
};

#define LOOP_BATCH	16

uint64_t loop_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Calls */

static void queue_init(struct call_queue *queue)
{
	queue->head = NULL;
	queue->tail = &queue->head;
}

static int queue_put(struct call_queue *queue, loop_cb cb, void *opaque)
{
	struct call *call = malloc(sizeof(*call));

	if (!call)
		return -ENOMEM;
	*call = (struct call){ .cb = cb, .opaque = opaque };
	*queue->tail = call;
	queue->tail = &call->next;
	return 0;
}

static struct call *queue_get(struct call_queue *queue)
{
	struct call *call = queue->head;

	if (!call)
		return NULL;
	queue->head = call->next;
	if (!queue->head)
		queue->tail = &queue->head;
	call->next = NULL;
	return call;
}

static void queue_append(struct call_queue *queue, struct call_queue *from)
{
	if (!from->head)
		return;
	*queue->tail = from->head;
	queue->tail = from->tail;
	queue_init(from);
}

static void queue_forget(struct call_queue *queue, const void *opaque)
{
	struct call **link = &queue->head;
	struct call *call;

	while ((call = *link)) {
		if (call->opaque == opaque) {
			*link = call->next;
			free(call);
		} else {
			link = &call->next;
		}
	}
	queue->tail = link;
}

static void queue_drop(struct call_queue *queue)
{
	struct call *call;

	while ((call = queue_get(queue)))
		free(call);
}

int loop_defer(struct loop *loop, loop_cb cb, void *opaque)
{
	return queue_put(&loop->deferred, cb, opaque);
}

static void wake(struct loop *loop)
{
	uint64_t one = 1;

	/* Fails only when the counter is at its limit, and then the loop is awake. */
	if (write(loop->wake_fd, &one, sizeof(one)) < 0)
		return;
}

int loop_post(struct loop *loop, loop_cb cb, void *opaque)
{
	int ret;

	pthread_mutex_lock(&loop->post_lock);
	ret = queue_put(&loop->posted, cb, opaque);
	pthread_mutex_unlock(&loop->post_lock);
	if (!ret)
		wake(loop);
	return ret;
}

void loop_forget(struct loop *loop, void *opaque)
{
	queue_forget(&loop->deferred, opaque);
	pthread_mutex_lock(&loop->post_lock);
	queue_forget(&loop->posted, opaque);
	pthread_mutex_unlock(&loop->post_lock);
}

static void take_posted(void *opaque, int fd, uint32_t events)
{
	struct loop *loop = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&loop->post_lock);
	queue_append(&loop->deferred, &loop->posted);
	pthread_mutex_unlock(&loop->post_lock);
}

static bool stopping(const struct loop *loop)
{
	return __atomic_load_n(&loop->stop, __ATOMIC_ACQUIRE);
}

/* Calls that a call defers wait for the next round, so descriptors get their turn. */
static void run_deferred(struct loop *loop)
{
	struct call *call;

	if (!loop->deferred.head)
		return;
	/* A call without function marks the end of this round. */
	if (loop_defer(loop, NULL, &loop->deferred))
		return;
	while (!stopping(loop) && (call = queue_get(&loop->deferred))) {
		loop_cb cb = call->cb;
		void *arg = call->opaque;

		free(call);
		if (!cb)
			return;
		cb(arg);
	}
}

/* Descriptors */

static int reserve_watch(struct loop *loop, int fd)
{
	int count = loop->watch_count;
	struct watch *watches;

	if (fd < count)
		return 0;
	count = fd + 64;
	watches = realloc(loop->watches, (size_t)count * sizeof(*watches));
	if (!watches)
		return -ENOMEM;
	for (int i = loop->watch_count; i < count; i++)
		watches[i] = (struct watch){ .cb = NULL };
	loop->watches = watches;
	loop->watch_count = count;
	return 0;
}

static struct watch *find_watch(struct loop *loop, int fd)
{
	if (fd < 0 || fd >= loop->watch_count || !loop->watches[fd].cb)
		return NULL;
	return &loop->watches[fd];
}

static struct epoll_event watch_event(const struct watch *watch, int fd, uint32_t events)
{
	return (struct epoll_event){
		.events = events,
		.data.u64 = (uint64_t)watch->generation << 32 | (uint32_t)fd,
	};
}

int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_cb cb, void *opaque)
{
	struct epoll_event event;
	struct watch *watch;
	int ret;

	if (find_watch(loop, fd))
		return -EEXIST;
	ret = reserve_watch(loop, fd);
	if (ret)
		return ret;
	watch = &loop->watches[fd];
	watch->generation++;
	event = watch_event(watch, fd, events);
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	watch->cb = cb;
	watch->opaque = opaque;
	return 0;
}

int loop_mod(struct loop *loop, int fd, uint32_t events)
{
	struct watch *watch = find_watch(loop, fd);
	struct epoll_event event;

	if (!watch)
		return -ENOENT;
	event = watch_event(watch, fd, events);
	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) ? -errno : 0;
}

void loop_del(struct loop *loop, int fd)
{
	struct watch *watch = find_watch(loop, fd);

	if (!watch)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	watch->cb = NULL;
}

static void dispatch(struct loop *loop, const struct epoll_event *event)
{
	int fd = (int)(uint32_t)event->data.u64;
	struct watch *watch = find_watch(loop, fd);

	if (watch && watch->generation == event->data.u64 >> 32)
		watch->cb(watch->opaque, fd, event->events);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[LOOP_BATCH];

	while (!stopping(loop)) {
		int timeout = loop->deferred.head ? 0 : -1;
		int count = epoll_wait(loop->epoll_fd, events, LOOP_BATCH, timeout);

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count && !stopping(loop); i++) {
			dispatch(loop, &events[i]);
			run_deferred(loop);
		}
		run_deferred(loop);
	}
	/* This stop has had its effect; the loop may run again. */
	__atomic_store_n(&loop->stop, false, __ATOMIC_RELEASE);
	return 0;
}

void loop_stop(struct loop *loop)
{
	__atomic_store_n(&loop->stop, true, __ATOMIC_RELEASE);
	wake(loop);
}

/* Timers */

static void timer_fired(void *opaque, int fd, uint32_t events)
{
	struct loop_timer *timer = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0 || !timer->armed)
		return;
	timer->armed = false;
	timer->cb(timer->opaque);
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_cb cb, void *opaque)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	if (!timer)
		return NULL;
	*timer = (struct loop_timer){ .loop = loop, .cb = cb, .opaque = opaque };
	timer->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (timer->fd < 0)
		goto err_free;
	if (loop_add(loop, timer->fd, EPOLLIN, timer_fired, timer))
		goto err_close;
	return timer;

err_close:
	close(timer->fd);
err_free:
	free(timer);
	return NULL;
}

static void timer_set(struct loop_timer *timer, uint64_t delay_ns)
{
	struct itimerspec spec = {
		.it_value.tv_sec = (time_t)(delay_ns / 1000000000u),
		.it_value.tv_nsec = (long)(delay_ns % 1000000000u),
	};

	timerfd_settime(timer->fd, 0, &spec, NULL);
}

void loop_timer_arm(struct loop_timer *timer, uint64_t delay_ns)
{
	timer->armed = true;
	timer_set(timer, delay_ns ? delay_ns : 1);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	timer->armed = false;
	timer_set(timer, 0);
}

bool loop_timer_armed(const struct loop_timer *timer)
{
	return timer->armed;
}

void loop_timer_destroy(struct loop_timer *timer)
{
	if (!timer)
		return;
	loop_del(timer->loop, timer->fd);
	close(timer->fd);
	free(timer);
}

/* Life */

struct loop *loop_create(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	queue_init(&loop->deferred);
	queue_init(&loop->posted);
	pthread_mutex_init(&loop->post_lock, NULL);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->wake_fd < 0 || loop->epoll_fd < 0 ||
	    loop_add(loop, loop->wake_fd, EPOLLIN, take_posted, loop)) {
		loop_destroy(loop);
		return NULL;
	}
	return loop;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	queue_drop(&loop->deferred);
	queue_drop(&loop->posted);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	pthread_mutex_destroy(&loop->post_lock);
	free(loop->watches);
	free(loop);
}
