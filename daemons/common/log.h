/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_LOG_H
#define DAEMONS_COMMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* As in syslog(3): a message is more urgent the lower its number. */
enum log_level {
	LOG_LEVEL_ERR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/**
 * log_open() - how lines look from now on
 * @name:	of the program; put before each line on a terminal
 * @debug:	show LOG_LEVEL_DEBUG, too
 *
 * Lines go to stderr. Where that is the journal (systemd's $JOURNAL_STREAM),
 * each begins with its priority in the form of sd-daemon(3) instead of the name.
 */
void log_open(const char *name, bool debug);

/* One line, one write. Bytes below space become '?': what the host sent may be in it. */
void log_at(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...)		log_at(LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warning(...)	log_at(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)		log_at(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)		log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)		log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

/**
 * log_hold() - keep lines in memory
 *
 * Until log_release(), lines go into a static buffer of a few thousand bytes:
 * no allocation, no system call but the clock's. What does not fit is counted.
 * Calls nest; the last log_release() writes all.
 */
void log_hold(void);
void log_release(void);

/* At most @burst lines every @interval_s seconds; one line says how many were left out. */
struct log_limit {
	unsigned int burst;
	unsigned int interval_s;
	/* private */
	uint64_t start_s;
	unsigned int count, left_out;
};

#define LOG_LIMIT_HOST		{ .burst = 5, .interval_s = 60 }

/* For what the host can cause as often as it likes. */
void log_limited(struct log_limit *limit, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
