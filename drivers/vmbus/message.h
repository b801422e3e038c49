/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_MESSAGE_H
#define VMBUS_MESSAGE_H

#include "protocol/chanmsg.h"
#include "protocol/synic.h"

/**
 * vmbus_inbox_put() - copy a channel message out of its slot, in interrupt context
 *
 * Return: false when there is no room; the slot must stay as it is, and the
 * interrupted CPU will be asked to look again.
 */
bool vmbus_inbox_put(const struct hvp_message *slot);

/* Wait until all messages that arrived so far are handled. */
void vmbus_inbox_flush(void);

int vmbus_inbox_init(void);
void vmbus_inbox_exit(void);

/**
 * vmbus_message_poll() - look for one type of message in the slots of all CPUs
 * @type:	type to look for; other channel messages found are dropped
 *
 * For a kernel that is going down: takes no lock, touches no queue.
 *
 * Return: true when it was there.
 */
bool vmbus_message_poll(enum hvp_chanmsg_type type);

#endif
