/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_DEVICE_H
#define DAEMONS_COMMON_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemons/common/err.h"

/*
 * One of the driver's character devices, or what stands for it in a test: an
 * AF_UNIX SOCK_SEQPACKET socket on which one packet is one message.
 */

/**
 * device_open() - open or connect
 *
 * Return: a non-blocking descriptor, or a negative errno with @err:
 *	-EBUSY	another program has it open
 *	-ENODEV	it is not there, or on its way out: wait for it
 */
int device_open(const char *path, struct err *err);

/**
 * device_read() - take one whole message
 * @message:	at least @size bytes; cut-off messages are refused
 *
 * Does not block, whatever the driver does with O_NONBLOCK.
 *
 * Return: its length, 0 if there is none now, or a negative errno: -ENODEV
 * when the device or the peer is gone, -EMSGSIZE for a message larger than @size
 */
int device_read(int fd, void *message, size_t size);

/* Whether there is a message to be read, or the end of the device. */
bool device_is_readable(int fd);

/**
 * device_write() - hand over one whole message
 *
 * Return: 0, -ENODEV, or what the driver said; -EINVAL means it does not wait
 * for this message (any more)
 */
int device_write(int fd, const void *message, size_t length);

#endif
