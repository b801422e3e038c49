// SPDX-License-Identifier: GPL-2.0-only
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REAP	64u

struct queue {
	aio_context_t context;
	int fd;
	unsigned int depth;
	unsigned int in_flight;
	queue_done *done;
	struct request *requests;
};

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int request_init(struct request *request, enum shape shape, uint32_t block, void *owner)
{
	request->owner = owner;
	request->arena_size = shape_arena(shape, block);
	request->arena = mmap(NULL, request->arena_size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (request->arena == MAP_FAILED) {
		request->arena = NULL;
		return -errno;
	}
	return 0;
}

int queue_create(struct queue **out, int fd, unsigned int depth, enum shape shape,
		 uint32_t block, queue_done *done, void *owner)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	unsigned int i;
	int err = 0;

	if (!queue)
		return -ENOMEM;
	queue->fd = fd;
	queue->depth = depth;
	queue->done = done;
	queue->requests = calloc(depth, sizeof(*queue->requests));
	if (!queue->requests)
		err = -ENOMEM;
	for (i = 0; !err && i < depth; i++)
		err = request_init(&queue->requests[i], shape, block, owner);
	if (!err && syscall(SYS_io_setup, depth, &queue->context))
		err = -errno;
	if (err) {
		queue_destroy(queue);
		return err;
	}
	*out = queue;
	return 0;
}

void queue_destroy(struct queue *queue)
{
	unsigned int i;

	if (!queue)
		return;
	if (queue->context)
		syscall(SYS_io_destroy, queue->context);
	for (i = 0; queue->requests && i < queue->depth; i++) {
		if (queue->requests[i].arena)
			munmap(queue->requests[i].arena, queue->requests[i].arena_size);
	}
	free(queue->requests);
	free(queue);
}

/* Waits for at least one request to end. */
static int reap(struct queue *queue)
{
	struct io_event events[REAP];
	long count, i;

	do {
		count = syscall(SYS_io_getevents, queue->context, 1L, (long)REAP, events, NULL);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		struct request *request = (struct request *)(uintptr_t)events[i].data;

		request->busy = false;
		queue->in_flight--;
		queue->done(request, events[i].res);
	}
	return 0;
}

struct request *queue_get(struct queue *queue)
{
	unsigned int i;

	if (queue->in_flight == queue->depth && reap(queue))
		return NULL;
	for (i = 0; i < queue->depth; i++) {
		if (!queue->requests[i].busy)
			return &queue->requests[i];
	}
	return NULL;
}

int queue_submit(struct queue *queue, struct request *request, bool write)
{
	struct iocb *iocb = &request->iocb;

	memset(iocb, 0, sizeof(*iocb));
	iocb->aio_data = (uintptr_t)request;
	iocb->aio_lio_opcode = write ? IOCB_CMD_PWRITEV : IOCB_CMD_PREADV;
	iocb->aio_fildes = (uint32_t)queue->fd;
	iocb->aio_buf = (uintptr_t)request->iov;
	iocb->aio_nbytes = request->iov_count;
	iocb->aio_offset = (int64_t)request->offset;
	request->started = seconds_now();
	if (syscall(SYS_io_submit, queue->context, 1L, &iocb) != 1)
		return -errno;
	request->busy = true;
	queue->in_flight++;
	return 0;
}

int queue_drain(struct queue *queue)
{
	int err = 0;

	while (queue->in_flight && !err)
		err = reap(queue);
	return err;
}
