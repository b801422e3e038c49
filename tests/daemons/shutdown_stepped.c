// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_shutdown in a guest whose wall clock is set an hour ahead whenever it is
 * looked at; with SHUTDOWN_LATE, so many seconds go by between two looks.
 */
#include "tests/daemons/shutdown_stepped.h"

#include <stdlib.h>

#define HOUR	3600

static time_t ahead, late;

time_t __wrap_time(time_t *seconds)
{
	time_t now = __real_time(NULL) + (ahead += HOUR);

	if (seconds)
		*seconds = now;
	return now;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int ret = __real_clock_gettime(clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += ahead += HOUR;
	else if (getenv("SHUTDOWN_LATE"))
		now->tv_sec += late += atoi(getenv("SHUTDOWN_LATE"));
	return ret;
}
