/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_RELID_H
#define VMBUS_RELID_H

#include "protocol/types.h"

struct vmbus_channel;

/**
 * vmbus_relid_find() - the channel of an event flag or message
 * @relid:	any number
 *
 * Return: the channel, valid under rcu_read_lock(), or NULL.
 */
struct vmbus_channel *vmbus_relid_find(u32 relid);

/**
 * vmbus_relid_get() - like vmbus_relid_find(), with a reference to the channel
 */
struct vmbus_channel *vmbus_relid_get(u32 relid);

/* Upper bound of the relids in use; it never sinks. */
u32 vmbus_relid_highest(void);

/**
 * vmbus_relid_claim() - make a channel reachable
 * Return: 0, -EINVAL for an impossible relid, -EEXIST for one in use.
 */
int vmbus_relid_claim(struct vmbus_channel *channel);

/* Make a channel unreachable; readers may hold it for another grace period. */
void vmbus_relid_drop(struct vmbus_channel *channel);

#endif
