/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTILS_HEALTH_H
#define UTILS_HEALTH_H

#include "protocol/ic.h"

/*
 * What somebody in user space said about the applications of this machine, and
 * for how long it holds. Who said "for so long" and does not repeat it in time
 * has fallen silent: that is critical.
 */
struct util_health {
	enum hvp_heartbeat_state state;
	u64 until_ns;			/* monotonic; 0: until something else is said */
};

/**
 * util_health_parse() - read "STATE" or "STATE SECONDS"
 * @text:	NUL-terminated; unknown, healthy, critical or stopped. A line end
 *		may follow.
 * @now_ns:	monotonic
 * @health:	written only on success
 *
 * Return: 0, or -EINVAL for another word, or seconds that are not 1 to 86400.
 */
int util_health_parse(const char *text, u64 now_ns, struct util_health *health);

/**
 * util_health_now() - what the host is told
 */
enum hvp_heartbeat_state util_health_now(const struct util_health *health, u64 now_ns);

/**
 * util_health_name() - the word for a state
 */
const char *util_health_name(enum hvp_heartbeat_state state);

#endif
