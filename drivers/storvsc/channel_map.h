/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_CHANNEL_MAP_H
#define STORVSC_CHANNEL_MAP_H

#include "protocol/types.h"

/* A hardware queue as the block layer has it. */
struct stor_map_queue {
	int node;		/* of its CPUs, -1 unknown */
};

/* A channel as the bus has it. */
struct stor_map_channel {
	int queue;		/* of the CPU its interrupt goes to, -1 none */
	int node;		/* of that CPU */
	bool usable;
};

/**
 * stor_map_build() - which channel serves which queue
 * @of:		@queues entries, written: index of a channel
 * @load:	@channels entries of room: queues per channel
 *
 * A queue gets the channel that interrupts its own CPU. One without gets the
 * channel with the fewest queues, of its own NUMA node where there is one.
 *
 * Return: 0, or -ENODEV when no channel is usable.
 */
int stor_map_build(u16 *of, const struct stor_map_queue *queue, unsigned int queues,
		   const struct stor_map_channel *channel, unsigned int channels,
		   u16 *load);

#endif
