/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_GPADL_H
#define VMBUS_GPADL_H

#include "protocol/types.h"

struct vmbus_chan;
struct vmbus_channel;

/**
 * vmbus_gpadl_create() - share memory with the host
 * @channel:	the list belongs to this channel
 * @buffer:	whole pages, contiguous in kernel addresses
 * @size:	bytes
 * @gpadl:	the handle, written in every case
 *
 * Return: 0; -EINVAL; -ENODEV when rescinded; -EDQUOT when the host refuses, or
 * an error of vmbus_post(): the host has none of the pages. -ETIMEDOUT: it may
 * have them, and has been told to give them back.
 */
int vmbus_gpadl_create(struct vmbus_channel *channel, void *buffer, u32 size, u32 *gpadl);

/**
 * vmbus_gpadl_teardown() - take shared memory back
 * Return: 0 when the host let go of it; else it may still use it.
 */
int vmbus_gpadl_teardown(struct vmbus_channel *channel, u32 gpadl);

/* The channel ends; what a driver left shared is its own affair. */
void vmbus_gpadl_forget(struct vmbus_chan *chan);

#endif
