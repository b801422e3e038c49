/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_DECODE_H
#define HOST_VMBUS_DECODE_H

#include "protocol/chanmsg.h"

/**
 * decode_message() - one line for people: name and fields of a channel message
 * @len:	bytes that were received; fields beyond it are shown as 0
 * @line:	NUL-terminated, cut to @room
 */
void decode_message(const union hvp_chanmsg *msg, size_t len, char *line, size_t room);

#endif
