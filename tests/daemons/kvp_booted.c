// SPDX-License-Identifier: GPL-2.0-only
/* hv_kvp in a guest that was booted KVP_UPTIME seconds ago. */
#include "tests/daemons/kvp_booted.h"

#include <stdlib.h>

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int ret = __real_clock_gettime(clock, now);

	if (clock == CLOCK_BOOTTIME && getenv("KVP_UPTIME"))
		now->tv_sec = atoi(getenv("KVP_UPTIME"));
	return ret;
}
