/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_LOOP_H
#define HOST_MACHINE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The event loop. One thread runs it, and everything above host/hyperv/ lives
 * in that thread: devices, VMBus and VSP state need no locks.
 *
 * Unless said otherwise a function here may only be called from the loop
 * thread (or before loop_run() starts). Callbacks may add and delete anything,
 * including themselves.
 */
struct loop;
struct loop_timer;

/* @events: the EPOLL* bits that are ready; level triggered. */
typedef void (*loop_fd_cb)(void *opaque, int fd, uint32_t events);
typedef void (*loop_cb)(void *opaque);

struct loop *loop_create(void);

/* Frees the loop, its timers and every call still waiting. NULL is fine. */
void loop_destroy(struct loop *loop);

/**
 * loop_add() - call back when a file descriptor is ready
 * @events:	EPOLLIN, EPOLLOUT or both
 *
 * The descriptor stays the caller's: loop_del() it before closing it.
 * Return: 0, or -EEXIST, -EPERM (regular files cannot be polled), -ENOMEM.
 */
int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_cb cb, void *opaque);

/* Change the events an added descriptor waits for. Return: 0 or -ENOENT. */
int loop_mod(struct loop *loop, int fd, uint32_t events);

/* After return the callback of @fd is not called again. Unknown descriptors are ignored. */
void loop_del(struct loop *loop, int fd);

/**
 * loop_timer_create() - a timer that is not armed yet
 * Return: NULL when out of memory or descriptors.
 */
struct loop_timer *loop_timer_create(struct loop *loop, loop_cb cb, void *opaque);

/* Fire once, @delay_ns from now (0: as soon as possible). Re-arming moves the time. */
void loop_timer_arm(struct loop_timer *timer, uint64_t delay_ns);
void loop_timer_cancel(struct loop_timer *timer);
bool loop_timer_armed(const struct loop_timer *timer);

/* Cancel and free. NULL is fine. */
void loop_timer_destroy(struct loop_timer *timer);

/**
 * loop_defer() - call back once, after the current callback, in order
 *
 * Breaks recursion between layers. Return: 0 or -ENOMEM.
 */
int loop_defer(struct loop *loop, loop_cb cb, void *opaque);

/* Forget every deferred or posted call with this @opaque: before freeing it. */
void loop_forget(struct loop *loop, void *opaque);

/**
 * loop_post() - loop_defer() for other threads: the call runs in the loop thread
 *
 * Any thread. Calls of one thread run in their order. Return: 0 or -ENOMEM.
 */
int loop_post(struct loop *loop, loop_cb cb, void *opaque);

/* Run until loop_stop(); may be called again afterwards. Return: 0 or a negative errno of epoll. */
int loop_run(struct loop *loop);

/* Make loop_run() return after the current callback. Any thread. */
void loop_stop(struct loop *loop);

/* CLOCK_MONOTONIC in nanoseconds. Any thread. */
uint64_t loop_now_ns(void);

#endif
