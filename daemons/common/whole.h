/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_WHOLE_H
#define DAEMONS_COMMON_WHOLE_H

#include <stddef.h>
#include <sys/types.h>

/* Return: bytes read, fewer only at the end of the file; or a negative errno. */
ssize_t whole_read(int fd, void *bytes, size_t size);

/* Return: 0: all are written; or a negative errno. */
int whole_write(int fd, const void *bytes, size_t size, off_t offset);

#endif
