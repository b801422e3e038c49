// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one way from here to guest memory, and the guard that makes it so: while
 * no window is open nothing above the machine layer may touch guest memory. A
 * window is opened for exactly the span of a live ring, GPADL or transaction,
 * so a VSP that goes around them, or comes too late, is caught. The guard is
 * there from the first contact on: before that memory is the boot loader's.
 */
#include "host/machine/memory.h"
#include "host/vmbus/state.h"

static bool allow(void *opaque, uint64_t gpa, size_t len, bool write)
{
	struct vmbus *vmbus = opaque;

	if (vmbus->window_len && gpa >= vmbus->window_gpa && len <= vmbus->window_len &&
	    gpa - vmbus->window_gpa <= vmbus->window_len - len)
		return true;
	checker_report(vmbus->checker, RULE_HOST_MEMORY, 0, "%s of %zu bytes at 0x%llx",
		       write ? "write" : "read", len, (unsigned long long)gpa);
	return false;
}

void *access_map(struct vmbus *vmbus, u64 gpa, size_t len, bool write)
{
	void *p;

	vmbus->window_gpa = gpa;
	vmbus->window_len = len;
	p = gmem_map(vmbus->config.gmem, gpa, len, write);
	vmbus->window_len = 0;
	return p;
}

void access_init(struct vmbus *vmbus)
{
	struct gmem_guard guard = { .allow = allow, .opaque = vmbus };

	gmem_set_guard(vmbus->config.gmem, &guard);
}

void access_exit(struct vmbus *vmbus)
{
	gmem_set_guard(vmbus->config.gmem, NULL);
}
