/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_UNLOAD_H
#define VMBUS_UNLOAD_H

#include <linux/types.h>

/**
 * vmbus_unload() - end the connection while everything still works
 *
 * Return: true when the host confirmed that it let go of all memory, now or
 * at an earlier call.
 */
bool vmbus_unload(void);

/* Hooks for the ends of a kernel: crash, kexec, restart, power off. */
void vmbus_unload_hooks_init(void);
void vmbus_unload_hooks_exit(void);

#endif
