/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_URING_H
#define HOST_VSP_URING_H

#include "host/err.h"

/*
 * One io_uring for all disks, tied to the event loop: what is prepared during
 * one callback goes to the kernel with one system call after it, completions
 * arrive through an eventfd.
 */
struct io_uring_sqe;
struct loop;
struct uring;

/* Part of a request in flight; embed it. @result: as of the system call, -errno on failure. */
struct uring_req {
	void (*done)(struct uring_req *req, int result);
};

int uring_create(struct uring **out, struct loop *loop, struct err *err);

/* Waits until nothing is in flight. NULL is fine. */
void uring_destroy(struct uring *uring);

/**
 * uring_get() - a submission entry for @req
 *
 * The caller prepares it at once (io_uring_prep_*()), before any other call
 * here. May call done() of other requests, when the ring is full. Return: NULL
 * when the kernel fails: so must the request.
 */
struct io_uring_sqe *uring_get(struct uring *uring);

/* Hand over the entry that uring_get() returned. */
void uring_queue(struct uring *uring, struct io_uring_sqe *sqe, struct uring_req *req);

/* Wait until nothing is in flight, calling done() for what ends. */
void uring_drain(struct uring *uring);

#endif
