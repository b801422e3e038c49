// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/lock.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>

int lock_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
	/* Its shadow takes terabytes of address space. */
	return 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return 0;
#endif
#endif
	return mlockall(MCL_CURRENT | MCL_FUTURE) ? -errno : 0;
}

void lock_reclaim(bool is_on)
{
	prctl(PR_SET_IO_FLUSHER, is_on, 0, 0, 0);
}
