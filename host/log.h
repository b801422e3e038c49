/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include <stdint.h>

/* What the user should see while the guest runs. Any thread; one line per call, stderr. */
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Nanoseconds since the program started; the time stamp of logs and console lines. */
uint64_t log_uptime_ns(void);

#endif
