// SPDX-License-Identifier: GPL-2.0-only
#include "host/verdict.h"

enum host_exit verdict_end(enum host_exit reason, bool crashed)
{
	if (crashed && (reason == HOST_EXIT_OFF || reason == HOST_EXIT_RESET))
		return HOST_EXIT_CRASH;
	return reason;
}

enum host_exit verdict_judge(enum host_exit end, unsigned int rules)
{
	switch (end) {
	case HOST_EXIT_OFF:
	case HOST_EXIT_RESET:
	case HOST_EXIT_STOPPED:
	case HOST_EXIT_CRASH:
		return rules ? HOST_EXIT_CHECKER : end;
	default:
		return end;
	}
}
