/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_KVP_BOOTED_H
#define TESTS_DAEMONS_KVP_BOOTED_H

#include <time.h>

/* What the linker's --wrap makes of a call: the real one, and ours. */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

#endif
