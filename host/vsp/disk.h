/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_DISK_H
#define HOST_VSP_DISK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "host/err.h"

/*
 * Where the bytes of a virtual disk live. A disk knows bytes, not blocks and
 * not SCSI. Loop thread only.
 */
struct disk;
struct disk_spec;
struct uring;

enum disk_op {
	DISK_READ,
	DISK_WRITE,
	DISK_FLUSH,	/* what was written before is durable */
	DISK_DISCARD,	/* the range reads as zeros afterwards */
};

/*
 * One request. The caller owns it and everything it points to, and leaves all
 * of it alone until done() is called; that may happen inside disk_submit().
 */
struct disk_io {
	enum disk_op op;
	bool fua;			/* DISK_WRITE: durable before done() */
	uint64_t offset;		/* bytes */
	uint64_t length;		/* bytes; READ, WRITE: the sum over @iov */
	const struct iovec *iov;
	unsigned int iov_count;		/* at most DISK_IOV_MAX */
	void (*done)(struct disk_io *io, int result);	/* 0 or -errno */

	/* the backend's */
	struct disk *disk;
	struct iovec *rest;		/* what a short transfer left to do */
	unsigned int rest_count;
	uint64_t finished;		/* bytes transferred so far */
};

#define DISK_IOV_MAX	1024u

struct disk_ops {
	void (*submit)(struct disk *disk, struct disk_io *io);
	/* Return: 0 or -errno, with a sentence in @err. */
	int (*resize)(struct disk *disk, uint64_t bytes, struct err *err);
	void (*close)(struct disk *disk);
};

/* Embedded by each backend. */
struct disk {
	const struct disk_ops *ops;
	uint64_t bytes;
	bool read_only;
};

/**
 * disk_open() - open the backend that a specification names
 * @uring:	used by backends that wait for the kernel
 *
 * Return: 0, or a negative errno and a sentence in @err.
 */
int disk_open(struct disk **out, struct uring *uring, const struct disk_spec *spec,
	      struct err *err);

/* Nothing may be in flight. NULL is fine. */
void disk_close(struct disk *disk);

/**
 * disk_submit() - start a request
 *
 * @io lies within the disk, and a read-only disk is never written: the SCSI
 * layer has checked both, with the sense data the guest deserves.
 */
void disk_submit(struct disk *disk, struct disk_io *io);

int disk_resize(struct disk *disk, uint64_t bytes, struct err *err);

/* The backends, one file each. */
int disk_file_open(struct disk **out, struct uring *uring, const struct disk_spec *spec,
		   struct err *err);
int disk_ram_open(struct disk **out, const struct disk_spec *spec, struct err *err);
int disk_null_open(struct disk **out, const struct disk_spec *spec, struct err *err);

#endif
