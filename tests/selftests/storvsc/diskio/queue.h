/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DISKIO_QUEUE_H
#define DISKIO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/aio_abi.h>
#include <sys/uio.h>

#include "shape.h"

/*
 * Up to N requests in flight on one file, through the kernel's own
 * asynchronous I/O system calls (no library: the program is static and also
 * runs in an initramfs).
 */
struct request {
	struct iocb iocb;
	void *arena;
	size_t arena_size;
	struct iovec iov[SHAPE_SEGMENTS_MAX];
	unsigned int iov_count;
	uint64_t offset;
	uint32_t length;
	bool busy;
	double started;		/* seconds, monotonic */
	void *owner;
};

struct queue;

/* A request has ended: @result is what the read or write would have returned. */
typedef void queue_done(struct request *request, int64_t result);

/* Return: 0 or -errno. */
int queue_create(struct queue **out, int fd, unsigned int depth, enum shape shape,
		 uint32_t block, queue_done *done, void *owner);

void queue_destroy(struct queue *queue);

/* A free request, after waiting for one if all are in flight. NULL: waiting failed. */
struct request *queue_get(struct queue *queue);

/* Start a request whose offset, length and vector are set. Return: 0 or -errno. */
int queue_submit(struct queue *queue, struct request *request, bool write);

/* Wait until nothing is in flight. Return: 0 or -errno. */
int queue_drain(struct queue *queue);

double seconds_now(void);

#endif
