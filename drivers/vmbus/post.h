/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_POST_H
#define VMBUS_POST_H

#include "protocol/types.h"

/**
 * vmbus_post() - post a channel message; sleeps while the host has no buffer
 * @msg:	message, zero where nothing is said
 * @len:	its bytes, at most HVP_MESSAGE_PAYLOAD_MAX
 *
 * Return: 0; -ENXIO when the host has no such connection; -EBUSY when it had no
 * buffer for seconds; -EIO for any other refusal.
 */
int vmbus_post(const void *msg, size_t len);

/* Once, without sleeping, for a kernel that is going down. */
int vmbus_post_now(const void *msg, size_t len);

#endif
