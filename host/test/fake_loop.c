// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "host/machine/loop.h"
#include "host/test/fake_machine.h"

struct call {
	STAILQ_ENTRY(call) link;
	loop_cb cb;
	void *opaque;
};

struct loop_timer {
	LIST_ENTRY(loop_timer) link;
	u64 due_ns;		/* 0: not armed */
	loop_cb cb;
	void *opaque;
};

struct loop {
	STAILQ_HEAD(, call) calls;
	LIST_HEAD(, loop_timer) timers;
};

static u64 now_ns = 1000000000;

uint64_t loop_now_ns(void)
{
	return now_ns;
}

struct loop *loop_create(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	STAILQ_INIT(&loop->calls);
	return loop;
}

void loop_forget(struct loop *loop, void *opaque)
{
	struct call *call, *next;

	for (call = STAILQ_FIRST(&loop->calls); call; call = next) {
		next = STAILQ_NEXT(call, link);
		if (opaque && call->opaque != opaque)
			continue;
		STAILQ_REMOVE(&loop->calls, call, call, link);
		free(call);
	}
}

void loop_destroy(struct loop *loop)
{
	loop_forget(loop, NULL);
	free(loop);
}

int loop_defer(struct loop *loop, loop_cb cb, void *opaque)
{
	struct call *call = calloc(1, sizeof(*call));

	call->cb = cb;
	call->opaque = opaque;
	STAILQ_INSERT_TAIL(&loop->calls, call, link);
	return 0;
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_cb cb, void *opaque)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	timer->cb = cb;
	timer->opaque = opaque;
	LIST_INSERT_HEAD(&loop->timers, timer, link);
	return timer;
}

void loop_timer_arm(struct loop_timer *timer, uint64_t delay_ns)
{
	timer->due_ns = now_ns + delay_ns;
}

void loop_timer_cancel(struct loop_timer *timer)
{
	timer->due_ns = 0;
}

bool loop_timer_armed(const struct loop_timer *timer)
{
	return timer->due_ns != 0;
}

void loop_timer_destroy(struct loop_timer *timer)
{
	if (!timer)
		return;
	LIST_REMOVE(timer, link);
	free(timer);
}

void fake_settle(struct loop *loop)
{
	struct call *call;

	while ((call = STAILQ_FIRST(&loop->calls))) {
		STAILQ_REMOVE_HEAD(&loop->calls, link);
		call->cb(call->opaque);
		free(call);
	}
}

static struct loop_timer *next_due(struct loop *loop, u64 until)
{
	struct loop_timer *timer, *first = NULL;

	LIST_FOREACH(timer, &loop->timers, link)
		if (timer->due_ns && timer->due_ns <= until &&
		    (!first || timer->due_ns < first->due_ns))
			first = timer;
	return first;
}

void fake_advance(struct loop *loop, u64 ms)
{
	u64 until = now_ns + ms * 1000000;
	struct loop_timer *timer;

	fake_settle(loop);
	while ((timer = next_due(loop, until))) {
		now_ns = timer->due_ns;
		timer->due_ns = 0;
		timer->cb(timer->opaque);
		fake_settle(loop);
	}
	now_ns = until;
}

/* Nothing here waits for a descriptor. */

int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_cb cb, void *opaque)
{
	(void)loop;
	(void)fd;
	(void)events;
	(void)cb;
	(void)opaque;
	return -EPERM;
}

void loop_del(struct loop *loop, int fd)
{
	(void)loop;
	(void)fd;
}
