// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/uring.h"

#include <errno.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/machine/loop.h"

#define ENTRIES		256
#define COMPLETIONS	4096	/* in flight before the kernel asks for patience */

struct uring {
	struct loop *loop;
	struct io_uring ring;
	int event_fd;
	bool submit_queued;		/* a deferred submit() is on its way */
	unsigned int in_flight;
};

static void submit(void *opaque);

static void submit_soon(struct uring *uring)
{
	if (!uring->submit_queued)
		uring->submit_queued = !loop_defer(uring->loop, submit, uring);
}

/*
 * The kernel may take only a part, or nothing while completions wait, and says
 * nothing when it would take the rest: ask again in the next round.
 */
static void submit(void *opaque)
{
	struct uring *uring = opaque;

	uring->submit_queued = false;
	io_uring_submit(&uring->ring);
	if (io_uring_sq_ready(&uring->ring))
		submit_soon(uring);
}

static void reap(struct uring *uring)
{
	struct io_uring_cqe *cqe;

	while (!io_uring_peek_cqe(&uring->ring, &cqe)) {
		struct uring_req *req = io_uring_cqe_get_data(cqe);
		int result = cqe->res;

		io_uring_cqe_seen(&uring->ring, cqe);
		uring->in_flight--;
		req->done(req, result);
	}
	if (io_uring_sq_ready(&uring->ring))
		submit_soon(uring);
}

static void completions_arrived(void *opaque, int fd, uint32_t events)
{
	eventfd_t count;

	(void)events;
	eventfd_read(fd, &count);
	reap(opaque);
}

static int init_ring(struct uring *uring, struct err *err)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_CQSIZE,
		.cq_entries = COMPLETIONS,
	};
	int ret = io_uring_queue_init_params(ENTRIES, &uring->ring, &params);

	if (ret < 0)
		return err_set(err, ret, "cannot create an io_uring: %s", strerror(-ret));
	ret = io_uring_register_eventfd(&uring->ring, uring->event_fd);
	if (!ret)
		ret = loop_add(uring->loop, uring->event_fd, EPOLLIN, completions_arrived, uring);
	if (ret) {
		io_uring_queue_exit(&uring->ring);
		return err_set(err, ret, "cannot watch the io_uring: %s", strerror(-ret));
	}
	return 0;
}

int uring_create(struct uring **out, struct loop *loop, struct err *err)
{
	struct uring *uring = calloc(1, sizeof(*uring));
	int ret;

	if (!uring)
		return err_set(err, -ENOMEM, "out of memory");
	uring->loop = loop;
	uring->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (uring->event_fd < 0) {
		ret = err_set(err, -errno, "eventfd: %s", strerror(errno));
		free(uring);
		return ret;
	}
	ret = init_ring(uring, err);
	if (ret) {
		close(uring->event_fd);
		free(uring);
		return ret;
	}
	*out = uring;
	return 0;
}

void uring_destroy(struct uring *uring)
{
	if (!uring)
		return;
	uring_drain(uring);
	loop_forget(uring->loop, uring);
	loop_del(uring->loop, uring->event_fd);
	io_uring_queue_exit(&uring->ring);
	close(uring->event_fd);
	free(uring);
}

struct io_uring_sqe *uring_get(struct uring *uring)
{
	struct io_uring_sqe *sqe;
	int ret;

	while (!(sqe = io_uring_get_sqe(&uring->ring))) {
		ret = io_uring_submit(&uring->ring);
		if (ret >= 0)
			continue;
		/* The kernel takes no more before completions are taken. */
		if (ret != -EBUSY && ret != -EAGAIN && ret != -EINTR)
			return NULL;
		reap(uring);
	}
	return sqe;
}

void uring_queue(struct uring *uring, struct io_uring_sqe *sqe, struct uring_req *req)
{
	io_uring_sqe_set_data(sqe, req);
	uring->in_flight++;
	submit_soon(uring);
	if (!uring->submit_queued)	/* no memory to do it later */
		io_uring_submit(&uring->ring);
}

void uring_drain(struct uring *uring)
{
	while (uring->in_flight) {
		int ret = io_uring_submit_and_wait(&uring->ring, 1);

		if (ret < 0 && ret != -EINTR && ret != -EAGAIN && ret != -EBUSY)
			return;
		reap(uring);
	}
}
