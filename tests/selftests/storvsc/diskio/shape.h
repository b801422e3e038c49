/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DISKIO_SHAPE_H
#define DISKIO_SHAPE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/*
 * How the bytes of one request lie in memory. 'x' is data, '.' a gap, '|' a
 * page boundary:
 *
 *	flat	|xxxxxxxx|xxxxxxxx|		one segment from a page boundary
 *	odd	|.xxxxxxx|xxxxxxxx|x		one segment, 512 bytes into a page
 *	sectors	|x.x.x.x.|x.x.x.x.|		every sector by itself
 *	mixed	|..xxxx..|xxxxxxxx|xx....x.|	segments of any length, anywhere
 *	bytes	|.x..xxx.|			odd lengths; not with O_DIRECT
 */
enum shape {
	SHAPE_FLAT,
	SHAPE_ODD,
	SHAPE_SECTORS,
	SHAPE_MIXED,
	SHAPE_BYTES,
	SHAPE_COUNT
};

#define SHAPE_SEGMENTS_MAX	1024u	/* what one vectored system call takes */

extern const char *const shape_names[SHAPE_COUNT];

/* Bytes of memory that a request of @len bytes needs, from a page boundary. */
size_t shape_arena(enum shape shape, size_t len);

/**
 * shape_build() - lay out a request
 * @salt:	chooses among the layouts of a random shape
 *
 * Return: number of segments; 0 if it takes more than SHAPE_SEGMENTS_MAX.
 */
unsigned int shape_build(enum shape shape, uint64_t salt, void *arena, size_t len,
			 struct iovec iov[SHAPE_SEGMENTS_MAX]);

#endif
