// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/loop.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* What happened, as letters in order; the loop stops when @want letters are there. */
struct story {
	struct loop *loop;
	char text[64];
	size_t len;
	size_t want;
	int fd;
	struct loop_timer *timer;
};

static void tell(struct story *story, char letter)
{
	story->text[story->len++] = letter;
	if (story->len == story->want)
		loop_stop(story->loop);
}

static void start(struct story *story, size_t want)
{
	*story = (struct story){ .loop = loop_create(), .want = want, .fd = -1 };
	assert_non_null(story->loop);
}

static void tell_a(void *story)
{
	tell(story, 'a');
}

static void tell_b(void *story)
{
	tell(story, 'b');
}

static void tell_a_defer_b(void *story)
{
	struct story *s = story;

	tell(s, 'a');
	loop_defer(s->loop, tell_b, s);
}

static void deferred_calls_run_in_order(void **state)
{
	struct story s;

	(void)state;
	start(&s, 4);
	loop_defer(s.loop, tell_a_defer_b, &s);
	loop_defer(s.loop, tell_a, &s);
	loop_defer(s.loop, tell_b, &s);
	assert_int_equal(loop_run(s.loop), 0);
	assert_string_equal(s.text, "aabb");
	loop_destroy(s.loop);
}

static void forgotten_calls_do_not_run(void **state)
{
	struct story s, other;

	(void)state;
	start(&s, 1);
	other = s;
	loop_defer(s.loop, tell_a, &other);
	loop_post(s.loop, tell_a, &other);
	loop_defer(s.loop, tell_b, &s);
	loop_forget(s.loop, &other);
	loop_run(s.loop);
	assert_string_equal(s.text, "b");
	assert_int_equal(other.len, 0);
	loop_destroy(s.loop);
}

#define POSTS	1000

struct poster {
	struct loop *loop;
	unsigned int sent;
	unsigned int seen;
};

static void count_post(void *opaque)
{
	struct poster *poster = opaque;

	if (++poster->seen == POSTS)
		loop_stop(poster->loop);
}

static void *post_many(void *opaque)
{
	struct poster *poster = opaque;

	for (poster->sent = 0; poster->sent < POSTS; poster->sent++)
		loop_post(poster->loop, count_post, poster);
	return NULL;
}

static void posts_of_another_thread_all_arrive(void **state)
{
	struct poster poster = { .loop = loop_create() };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, post_many, &poster), 0);
	loop_run(poster.loop);
	pthread_join(thread, NULL);
	assert_int_equal(poster.seen, POSTS);
	loop_destroy(poster.loop);
}

static void timers_fire_once_and_in_time(void **state)
{
	struct loop_timer *late, *early, *cancelled;
	uint64_t begin;
	struct story s;

	(void)state;
	start(&s, 2);
	late = loop_timer_create(s.loop, tell_b, &s);
	early = loop_timer_create(s.loop, tell_a, &s);
	cancelled = loop_timer_create(s.loop, tell_a, &s);
	begin = loop_now_ns();
	loop_timer_arm(late, 20000000);
	loop_timer_arm(early, 0);
	loop_timer_arm(cancelled, 1000000);
	loop_timer_cancel(cancelled);
	assert_true(loop_timer_armed(late));
	loop_run(s.loop);
	assert_string_equal(s.text, "ab");
	assert_true(loop_now_ns() - begin >= 20000000);
	assert_false(loop_timer_armed(late));
	loop_timer_destroy(late);
	loop_timer_destroy(early);
	loop_timer_destroy(cancelled);
	loop_destroy(s.loop);
}

static void destroy_own_timer(void *story)
{
	struct story *s = story;

	loop_timer_destroy(s->timer);
	tell(s, 't');
}

static void a_timer_may_destroy_itself(void **state)
{
	struct story s;

	(void)state;
	start(&s, 1);
	s.timer = loop_timer_create(s.loop, destroy_own_timer, &s);
	loop_timer_arm(s.timer, 0);
	loop_run(s.loop);
	assert_string_equal(s.text, "t");
	loop_destroy(s.loop);
}

static void never(void *opaque, int fd, uint32_t events)
{
	(void)opaque;
	(void)fd;
	(void)events;
	fail_msg("callback of a descriptor that was deleted");
}

static void delete_other(void *opaque, int fd, uint32_t events)
{
	struct story *s = opaque;

	(void)events;
	/* Both are ready in the same batch; the other one's number is used again at once. */
	loop_del(s->loop, s->fd);
	loop_del(s->loop, fd);
	assert_int_equal(dup2(fd, s->fd), s->fd);
	loop_add(s->loop, s->fd, EPOLLOUT, never, s);
	loop_del(s->loop, s->fd);
	tell(s, 'd');
}

static void deleted_descriptors_stay_silent(void **state)
{
	int a = eventfd(1, EFD_NONBLOCK), b = eventfd(1, EFD_NONBLOCK);
	struct story s;

	(void)state;
	start(&s, 1);
	s.fd = b;
	assert_int_equal(loop_add(s.loop, a, EPOLLIN, delete_other, &s), 0);
	assert_int_equal(loop_add(s.loop, a, EPOLLIN, delete_other, &s), -EEXIST);
	assert_int_equal(loop_add(s.loop, b, EPOLLIN, never, &s), 0);
	loop_run(s.loop);
	assert_string_equal(s.text, "d");
	close(a);
	close(b);
	loop_destroy(s.loop);
}

static void destroy_frees_what_waits(void **state)
{
	struct story s;

	(void)state;
	start(&s, 1);
	loop_defer(s.loop, tell_a, &s);
	loop_post(s.loop, tell_a, &s);
	loop_destroy(s.loop);
	loop_destroy(NULL);
	loop_timer_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deferred_calls_run_in_order),
		cmocka_unit_test(forgotten_calls_do_not_run),
		cmocka_unit_test(posts_of_another_thread_all_arrive),
		cmocka_unit_test(timers_fire_once_and_in_time),
		cmocka_unit_test(a_timer_may_destroy_itself),
		cmocka_unit_test(deleted_descriptors_stay_silent),
		cmocka_unit_test(destroy_frees_what_waits),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
