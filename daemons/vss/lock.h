/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_LOCK_H
#define DAEMONS_VSS_LOCK_H

/**
 * lock_memory() - all that this process has and gets stays in memory
 *
 * A page fault on a frozen file system's file would be answered, but a page
 * that must be written back first to make room would not.
 *
 * Return: 0 or a negative errno
 */
int lock_memory(void);

#endif
