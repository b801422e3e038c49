/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_FCOPY_WRAPPED_H
#define TESTS_DAEMONS_FCOPY_WRAPPED_H

#include <sys/types.h>

/* What the linker's --wrap makes of a call: the real one, and ours. */
ssize_t __real_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __real_fsync(int fd);
int __real_renameat2(int from, const char *old, int to, const char *fresh, unsigned int flags);
int __real_rename(const char *old, const char *fresh);
int __real_unlinkat(int folder, const char *name, int flags);
int __real_unlink(const char *path);
int __real_mkdirat(int folder, const char *name, mode_t mode);
int __real_fchmod(int fd, mode_t mode);

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_fsync(int fd);
int __wrap_renameat2(int from, const char *old, int to, const char *fresh, unsigned int flags);
int __wrap_rename(const char *old, const char *fresh);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_unlink(const char *path);
int __wrap_mkdirat(int folder, const char *name, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);

#endif
