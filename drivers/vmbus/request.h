/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_REQUEST_H
#define VMBUS_REQUEST_H

#include "protocol/chanmsg.h"

#include <linux/completion.h>
#include <linux/list.h>

/*
 * Requests to the host: the only way to wait for one of its answers.
 *
 *   vmbus_request_begin(&request, HVP_CM_OPEN_RESULT, relid, open_id);
 *   ret = vmbus_post(&msg, len);
 *   ret = vmbus_request_end(&request, ret, vmbus_reply_seconds(HVP_CM_OPEN_RESULT));
 *
 * A request is answered at most once. Its id is one that was never used before
 * (open ids and GPADL handles count up), so an answer that comes after
 * vmbus_request_end() gave up finds nobody, is counted and dropped; the caller
 * decides what that means for memory the host may now own (quarantine.c).
 */
struct vmbus_request {
	struct list_head node;
	struct completion done;
	enum hvp_chanmsg_type reply;	/* awaited */
	u32 relid;			/* of the reply; 0 where it carries none */
	u32 id;				/* likewise */
	int error;			/* what the answer means: 0, -EREMOTEIO, -ENODEV */
	u32 status;			/* what the host said */
	u32 value;			/* second word of the answer, if it has one */
};

/* Seconds. Beyond these the host is silent, not slow; vmbus_reply_seconds() has the rest. */
#define VMBUS_TIMEOUT_VERSION	10
#define VMBUS_TIMEOUT_RESCINDED	5	/* teardown on a rescinded channel */
#define VMBUS_TIMEOUT_MODIFY	5

/**
 * vmbus_reply_seconds() - bound of the wait for answers to opens and GPADLs
 *
 * The module parameter reply_timeout; for teardowns half of it, since a removal
 * waits for one after the other.
 */
unsigned int vmbus_reply_seconds(enum hvp_chanmsg_type reply);

void vmbus_request_begin(struct vmbus_request *request, enum hvp_chanmsg_type reply, u32 relid,
			 u32 id);

/**
 * vmbus_request_end() - wait for the answer
 * @request:	one that began
 * @posted:	what posting the message returned; there is no wait after an error
 * @seconds:	bound of the wait
 *
 * Return: 0; @posted; -ETIMEDOUT after one log line; -ENODEV when the channel
 * was rescinded meanwhile; -EREMOTEIO when the host refused (see status).
 */
int vmbus_request_end(struct vmbus_request *request, int posted, unsigned int seconds);

/**
 * vmbus_request_answer() - the host answered
 * Return: false when nobody waits for this answer; it has been counted.
 */
bool vmbus_request_answer(enum hvp_chanmsg_type reply, u32 relid, u32 id, u32 status, u32 value);

/**
 * vmbus_request_was_late() - did this answer come recently, when nobody waited
 */
bool vmbus_request_was_late(enum hvp_chanmsg_type reply, u32 id, u32 *status);

/**
 * vmbus_request_abort() - the channel is rescinded: end all its requests with -ENODEV
 *
 * Teardowns carry no relid and go on waiting: their answer is what frees memory.
 */
void vmbus_request_abort(u32 relid);

#endif
