// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/vmbus/affinity.h"

static u32 node_channels(const struct vmbus_affinity_cpu *cpus, u32 count, u32 node)
{
	u32 sum = 0;
	u32 i;

	for (i = 0; i < count; i++)
		if (cpus[i].allowed && cpus[i].node == node)
			sum += cpus[i].device_channels;
	return sum;
}

/* Only CPUs with as few of the device's channels as any compete, so this is all that is left. */
static bool better(const struct vmbus_affinity_cpu *a, u32 a_node,
		   const struct vmbus_affinity_cpu *b, u32 b_node)
{
	if (a->device_channels != b->device_channels)
		return a->device_channels < b->device_channels;
	if (a_node != b_node)
		return a_node < b_node;
	return a->all_channels < b->all_channels;
}

u32 vmbus_affinity_pick(const struct vmbus_affinity_cpu *cpus, u32 count, u32 first)
{
	u32 best = VMBUS_AFFINITY_NONE;
	u32 best_node = 0;
	u32 n;

	for (n = 0; n < count; n++) {
		u32 i = (first % count + n) % count;
		u32 node;

		if (!cpus[i].allowed)
			continue;
		if (best != VMBUS_AFFINITY_NONE &&
		    cpus[i].device_channels > cpus[best].device_channels)
			continue;
		node = node_channels(cpus, count, cpus[i].node);
		if (best == VMBUS_AFFINITY_NONE || better(&cpus[i], node, &cpus[best], best_node)) {
			best = i;
			best_node = node;
		}
	}
	return best;
}
