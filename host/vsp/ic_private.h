/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_IC_PRIVATE_H
#define HOST_VSP_IC_PRIVATE_H

#include <stdint.h>

#include "host/machine/loop.h"
#include "host/vmbus/fault.h"
#include "host/vsp/ic.h"

struct vmbus_channel;
struct vmbus_device;

/*
 * ic.c: the conversation. ic_send.c: frames on their way out, and what faults do
 * to them. ic_queue.c: frames that wait. ic_set.c: on and off, and all services.
 */

#define IC_HEADER_LEN	(sizeof(struct hvp_pipe_header) + sizeof(struct hvp_ic_header))
#define IC_FRAME_MAX	(IC_HEADER_LEN + IC_BODY_MAX)
#define IC_NEGOTIATION	0	/* its transaction number; requests have 1 to 255 */

/* Values of ic_core_state.pending */
#define IC_PENDING	1
#define IC_SPOILED	2	/* a fault changed the frame: no answer is judged */
#define IC_LOST		3	/* a fault lost the frame or its answer: none comes any more */

struct ic_frame {
	struct ic_frame *next;
	u64 due_ns;		/* when it may go on, by loop_now_ns() */
	u8 transaction;
	u32 len;
	u8 bytes[];
};

/* Frames that wait, in order: one that is delayed holds up those behind it. */
struct ic_queue {
	struct ic_frame *first;
	struct loop_timer *timer;
};

struct ic {
	struct ic_set *set;
	struct ic *next;		/* in the set */
	const struct ic_service *service;
	void *opaque;
	struct vmbus_device *device;
	struct vmbus_channel *ch;	/* NULL: closed */
	u32 patience_ms;		/* 0: the service's own */
	bool spoiled;			/* the answer being delivered, by a fault in its request */
	u8 answer_to;			/* transaction of the answer being delivered */
	struct ic_core_state core;
	struct loop_timer *start;	/* negotiation, once the guest knows of its open channel */
	struct ic_queue out;
	struct ic_queue in;
	struct ic_frame *held;		/* ic.request hold: follows the next frame */
};

/* ic_queue.c */
struct ic_frame *ic_frame_create(const void *bytes, u32 len, u8 transaction);
void ic_queue_put(struct ic_queue *queue, struct ic_frame *frame, u64 delay_ns);
struct ic_frame *ic_queue_take(struct ic_queue *queue);	/* the first that is due, or NULL */
void ic_queue_clear(struct ic_queue *queue);

/**
 * ic_send() - frame a body and send it, past the fault points
 *
 * Return: 0 also when a fault lost it; a negative errno when it cannot go out.
 */
int ic_send(struct ic *ic, u16 type, u8 transaction, const void *body, u32 len);

/* The timer of ic->out. */
void ic_departure(void *opaque);

struct fault_action ic_fault(struct ic *ic, enum fault_point point);

#endif
