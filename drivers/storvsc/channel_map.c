// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/channel_map.h"

#define UNMAPPED	0xffffu

static bool better(const struct stor_map_channel *channel, const u16 *load, unsigned int a,
		   unsigned int b, int node)
{
	bool a_near = channel[a].node == node;
	bool b_near = channel[b].node == node;

	if (a_near != b_near)
		return a_near;
	return load[a] < load[b];
}

static unsigned int pick(const struct stor_map_channel *channel, unsigned int channels,
			 const u16 *load, int node)
{
	unsigned int best = UNMAPPED, i;

	for (i = 0; i < channels; i++)
		if (channel[i].usable &&
		    (best == UNMAPPED || better(channel, load, i, best, node)))
			best = i;
	return best;
}

int stor_map_build(u16 *of, const struct stor_map_queue *queue, unsigned int queues,
		   const struct stor_map_channel *channel, unsigned int channels,
		   u16 *load)
{
	unsigned int i;

	memset(load, 0, channels * sizeof(*load));
	for (i = 0; i < queues; i++)
		of[i] = UNMAPPED;

	for (i = 0; i < channels; i++) {
		int own = channel[i].queue;

		if (!channel[i].usable || own < 0 || (unsigned int)own >= queues ||
		    of[own] != UNMAPPED)
			continue;
		of[own] = i;
		load[i]++;
	}

	for (i = 0; i < queues; i++) {
		if (of[i] != UNMAPPED)
			continue;
		of[i] = pick(channel, channels, load, queue[i].node);
		if (of[i] == UNMAPPED)
			return -ENODEV;
		load[of[i]]++;
	}
	return 0;
}
