// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "host/vsp/ic_private.h"

struct ic_frame *ic_frame_create(const void *bytes, u32 len, u8 transaction)
{
	struct ic_frame *frame = malloc(sizeof(*frame) + len);

	if (!frame)
		return NULL;
	*frame = (struct ic_frame){ .transaction = transaction, .len = len };
	memcpy(frame->bytes, bytes, len);
	return frame;
}

static void arm(struct ic_queue *queue)
{
	u64 now = loop_now_ns();

	if (queue->first)
		loop_timer_arm(queue->timer,
			       queue->first->due_ns > now ? queue->first->due_ns - now : 0);
}

void ic_queue_put(struct ic_queue *queue, struct ic_frame *frame, u64 delay_ns)
{
	struct ic_frame **tail;

	for (tail = &queue->first; *tail; tail = &(*tail)->next)
		;
	frame->due_ns = loop_now_ns() + delay_ns;
	*tail = frame;
	arm(queue);
}

struct ic_frame *ic_queue_take(struct ic_queue *queue)
{
	struct ic_frame *frame = queue->first;

	if (!frame)
		return NULL;
	if (frame->due_ns > loop_now_ns()) {
		arm(queue);
		return NULL;
	}
	queue->first = frame->next;
	frame->next = NULL;
	return frame;
}

void ic_queue_clear(struct ic_queue *queue)
{
	struct ic_frame *frame;

	while ((frame = queue->first)) {
		queue->first = frame->next;
		free(frame);
	}
	if (queue->timer)
		loop_timer_cancel(queue->timer);
}
