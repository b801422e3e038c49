/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_RESCIND_H
#define VMBUS_RESCIND_H

#include "protocol/types.h"

struct vmbus_chan;
struct vmbus_channel;

/* Handler of the message; it never waits. */
void vmbus_rescind_came(u32 relid);

void vmbus_rescind_init(struct vmbus_chan *chan);

/**
 * vmbus_rescind_wait() - wait until something changed by the end of channels
 * Return: what @condition said last.
 */
bool vmbus_rescind_wait(bool (*condition)(struct vmbus_channel *channel),
			struct vmbus_channel *channel, unsigned int seconds);

/* A channel ended: look at conditions again. */
void vmbus_rescind_progress(void);

int vmbus_rescind_start(void);
void vmbus_rescind_stop(void);

#endif
