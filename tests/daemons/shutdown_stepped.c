// SPDX-License-Identifier: GPL-2.0-only
/* hv_shutdown in a guest whose wall clock is set an hour ahead whenever it is looked at. */
#include "tests/daemons/shutdown_stepped.h"

#define HOUR	3600

static time_t ahead;

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
	return ret;
}
