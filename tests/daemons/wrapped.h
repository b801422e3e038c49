/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_WRAPPED_H
#define TESTS_DAEMONS_WRAPPED_H

#include <sys/types.h>

/* What the linker's --wrap makes of a call: the real one, and ours. */
ssize_t __real_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_ftruncate(int fd, off_t size);
int __real_unlinkat(int folder, const char *name, int flags);

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_unlinkat(int folder, const char *name, int flags);

#endif
