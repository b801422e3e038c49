/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_QUARANTINE_H
#define VMBUS_QUARANTINE_H

#include "protocol/types.h"

struct vmbus_channel;

/**
 * vmbus_quarantine_ring() - the host may own the channel's ring: take it from the channel
 * @channel:	loses its ring memory
 * @gpadl:	by which the host knows it
 */
void vmbus_quarantine_ring(struct vmbus_channel *channel, u32 gpadl);

/**
 * vmbus_quarantine_buffer() - the host may own a driver's buffer: keep its pages
 *
 * Return: true when the caller may free the buffer: the pages are held by a
 * reference each. False when that cannot be done (not from vmalloc(), or no
 * memory to remember it): the caller must leak it.
 */
bool vmbus_quarantine_buffer(struct vmbus_channel *channel, u32 gpadl, void *buffer, u32 size);

/* A late answer of the host. */
void vmbus_quarantine_torndown(u32 gpadl);

int vmbus_quarantine_init(void);

/**
 * vmbus_quarantine_exit() - after unload
 * @released:	the host confirmed that it owns nothing any more
 */
void vmbus_quarantine_exit(bool released);

#endif
