// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/uring.h"

#include <errno.h>
#include <liburing.h>

#include "host/machine/loop.h"
#include "tests/unit/unit.h"

/*
 * liburing asks the kernel through io_uring_submit(). Ours refuses for a while,
 * as the kernel does when it lacks memory or completions wait.
 */
static unsigned int refusals;
static unsigned int asked;

int io_uring_submit(struct io_uring *ring)
{
	asked++;
	if (refusals) {
		refusals--;
		return -EBUSY;
	}
	return io_uring_submit_and_wait(ring, 0);
}

static struct loop *loop;
static unsigned int ended;

static void done(struct uring_req *req, int result)
{
	(void)req;
	assert_int_equal(result, 0);
	ended++;
	loop_stop(loop);
}

static void too_late(void *opaque)
{
	loop_stop(opaque);
}

static void a_refused_request_is_sent_again(void **state)
{
	struct uring_req req = { .done = done };
	struct loop_timer *limit;
	struct io_uring_sqe *sqe;
	struct uring *uring;
	struct err err;

	(void)state;
	loop = loop_create();
	if (uring_create(&uring, loop, &err)) {
		loop_destroy(loop);
		skip();
	}
	limit = loop_timer_create(loop, too_late, loop);
	loop_timer_arm(limit, 2000000000u);
	refusals = 3;
	sqe = uring_get(uring);
	io_uring_prep_nop(sqe);
	uring_queue(uring, sqe, &req);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(ended, 1);
	assert_int_equal(asked, 4);
	loop_timer_destroy(limit);
	uring_destroy(uring);
	loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_request_is_sent_again),
	};

	return cmocka_run_group_tests_name("uring", tests, NULL, NULL);
}
