/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_AFFINITY_H
#define VMBUS_AFFINITY_H

#include "protocol/types.h"

/* What the choice of a CPU depends on, one entry per CPU number. */
struct vmbus_affinity_cpu {
	bool allowed;		/* takes interrupts and may be given more */
	u32 node;
	u32 device_channels;	/* channels of the same device that are already here */
	u32 all_channels;	/* of all devices */
};

#define VMBUS_AFFINITY_NONE (~0u)

/**
 * vmbus_affinity_pick() - the CPU for one more channel of a device
 * @cpus:	all CPUs
 * @count:	of @cpus
 * @first:	where to begin among equals, any number; differs by device
 *
 * Spreads the channels of each device first over CPUs, then over NUMA nodes,
 * then evens out the load of all devices. A pure function: one pass, no state.
 *
 * Return: index into @cpus; VMBUS_AFFINITY_NONE when none is allowed.
 */
u32 vmbus_affinity_pick(const struct vmbus_affinity_cpu *cpus, u32 count, u32 first);

#endif
