/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_LOCK_H
#define DAEMONS_VSS_LOCK_H

#include <stdbool.h>

/**
 * lock_memory() - all that this process has and gets stays in memory
 *
 * A page fault on a frozen file system's file would be answered, but a page
 * that must be written back first to make room would not.
 *
 * Return: 0 or a negative errno
 */
int lock_memory(void);

/**
 * lock_reclaim() - the kernel's allocations for this process do not wait for file systems
 *
 * Short of memory, the kernel writes back to make room; what is frozen would
 * never let it finish. Does nothing where the process may not ask for it.
 * Children inherit it.
 */
void lock_reclaim(bool is_on);

#endif
