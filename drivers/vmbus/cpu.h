/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_CPU_H
#define VMBUS_CPU_H

#include "protocol/types.h"

struct vmbus_channel;

/**
 * vmbus_cpu_assign() - choose the CPU of a new channel
 * @channel:	not yet on a list; its primary is, if it has one
 *
 * Under channel_mutex, so that a CPU that leaves sees the channel or is not chosen.
 */
void vmbus_cpu_assign(struct vmbus_channel *channel);

/**
 * vmbus_cpu_move() - let another CPU take a channel's interrupts
 * @channel:	open or not
 * @cpu:	an online CPU; the caller holds the CPU hotplug lock
 *
 * Return: 0; -EBUSY when the channel is being opened or closed; -EOPNOTSUPP
 * when it is open and the host is too old; -EIO or -ETIMEDOUT when the host
 * refused or did not answer, with the channel where it was.
 */
int vmbus_cpu_move(struct vmbus_channel *channel, u32 cpu);

/* Hotplug, on the CPU itself. */
void vmbus_cpu_came(unsigned int cpu);
int vmbus_cpu_leaves(unsigned int cpu);

#endif
