/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_CONNECTION_H
#define VMBUS_CONNECTION_H

#include "protocol/types.h"

/* Control messages are delivered to this CPU, which therefore cannot go offline. */
#define VMBUS_CONNECT_CPU 0

/**
 * vmbus_connect() - agree on a version with the host
 *
 * Return: 0 with vmbus_proto_version and vmbus_connection set; -ETIMEDOUT when
 * the host is silent; -EPROTO when it wants none of our versions.
 */
int vmbus_connect(void);

/* Undo vmbus_connect(): unload, then free what the host let go of. */
void vmbus_disconnect(void);

#endif
