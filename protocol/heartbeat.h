/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_HEARTBEAT_H
#define PROTOCOL_HEARTBEAT_H

#include "protocol/ic.h"

/**
 * hvp_heartbeat_reply() - turn a request into its answer, in place
 * @body:	of an HVP_IC_HEARTBEAT request; any alignment
 * @len:	its bytes; the answer is as long
 * @state:	told to the host if the message is long enough to carry it
 *
 * Return: 0, or -EBADMSG when not even the sequence number fits. Such a message
 * is still to be sent back as it is: the host asks whether anyone is there.
 */
int hvp_heartbeat_reply(void *body, u32 len, enum hvp_heartbeat_state state);

/**
 * hvp_heartbeat_reply_check() - what a guest answered
 * @body:	of the answer
 * @len:	its bytes
 * @sent:	sequence number of the request
 * @state:	set on success; HVP_HEARTBEAT_UNKNOWN when the answer carries none
 *		or one that nobody has defined
 *
 * Return: 0, or -EBADMSG when it is short or does not carry @sent + 1.
 */
int hvp_heartbeat_reply_check(const void *body, u32 len, u64 sent,
			      enum hvp_heartbeat_state *state);

#endif
