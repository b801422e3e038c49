// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages on their way to the guest: fault point, then a queue of our own
 * while the SynIC's is full, then the SynIC. Order is kept, except for what a
 * fault delays.
 */
#include <stdlib.h>

#include "host/hyperv/hypercall.h"
#include "host/hyperv/synic.h"
#include "host/machine/loop.h"
#include "host/vmbus/state.h"
#include "protocol/synic.h"

#define RETRY_NS	1000000u

static void arm(struct vmbus *vmbus)
{
	if (!TAILQ_EMPTY(&vmbus->waiting))
		loop_timer_arm(vmbus->message_timer, RETRY_NS);
}

/* Return: -ENOBUFS when it has to wait; else it is gone, one way or the other. */
static int post(struct vmbus *vmbus, const struct out_message *m)
{
	int ret = synic_post(vmbus->config.synic, m->vp, m->sint, HVP_MSG_CHANNEL, m->bytes, m->len);

	if (ret == -ENOBUFS)
		return ret;
	if (ret)
		trace_note(vmbus->trace, "message to VP %u SINT %u lost: its SynIC is off", m->vp,
			   m->sint);
	return 0;
}

/* A guest that asks on and does not take its answers finds its calls refused, not us without memory. */
static void hold_calls(struct vmbus *vmbus)
{
	hypercall_hold(vmbus->config.hypercall, vmbus->waiting_count >= WAITING_MAX);
}

static void flush(void *opaque)
{
	struct vmbus *vmbus = opaque;
	bool held = vmbus->waiting_count >= WAITING_MAX;
	struct out_message *m;

	while ((m = TAILQ_FIRST(&vmbus->waiting))) {
		if (post(vmbus, m) == -ENOBUFS)
			break;
		TAILQ_REMOVE(&vmbus->waiting, m, link);
		vmbus->waiting_count--;
		free(m);
	}
	if (held != (vmbus->waiting_count >= WAITING_MAX))
		hold_calls(vmbus);
	arm(vmbus);
}

static void enqueue(struct vmbus *vmbus, struct out_message *m)
{
	u32 type;

	memcpy(&type, m->bytes, sizeof(type));
	vmbus->stats.messages_out[type]++;
	trace_message(vmbus->trace, HVP_TO_GUEST, m->bytes, m->len);
	TAILQ_INSERT_TAIL(&vmbus->waiting, m, link);
	if (++vmbus->waiting_count == WAITING_MAX)
		hold_calls(vmbus);
	flush(vmbus);
}

static void delay_over(void *opaque)
{
	struct out_message *m = opaque;
	struct vmbus *vmbus = m->vmbus;

	TAILQ_REMOVE(&vmbus->delayed, m, link);
	loop_timer_destroy(m->timer);
	m->timer = NULL;
	enqueue(vmbus, m);
}

static void delay(struct vmbus *vmbus, struct out_message *m, u64 ms)
{
	m->timer = loop_timer_create(vmbus->config.loop, delay_over, m);
	if (!m->timer) {
		enqueue(vmbus, m);
		return;
	}
	TAILQ_INSERT_TAIL(&vmbus->delayed, m, link);
	loop_timer_arm(m->timer, ms * 1000000);
}

static struct out_message *build(struct vmbus *vmbus, const void *msg, size_t len)
{
	struct out_message *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->vmbus = vmbus;
	m->vp = vmbus->message_vp;
	m->sint = vmbus->message_sint;
	m->len = len;
	memcpy(m->bytes, msg, len);
	return m;
}

static struct fault_action ask(struct vmbus *vmbus, enum fault_point point,
			       const struct vmbus_channel *ch)
{
	struct fault_ctx ctx = { 0 };

	if (ch)
		ctx = channel_fault_ctx(ch);
	return fault_hit(vmbus->fault, point, &ctx);
}

bool message_send(struct vmbus *vmbus, enum fault_point point, struct vmbus_channel *ch,
		  const void *msg, size_t len)
{
	struct fault_action action = ask(vmbus, point, ch);
	struct out_message *m;

	if (action.kind == FAULT_DROP || action.kind == FAULT_NEVER) {
		trace_note(vmbus->trace, "fault: %s withheld",
			   hvp_chanmsg_name(((const struct hvp_chanmsg_header *)msg)->type));
		return false;
	}
	/* A guest cannot lose what it was not offered: an offer goes first. */
	if (action.kind == FAULT_RESCIND && ch && point != FAULT_MSG_OFFER)
		vmbus_device_rescind(ch->device);

	m = build(vmbus, msg, len);
	if (!m) {
		trace_note(vmbus->trace, "no memory for a message");
		return false;
	}
	if (action.kind != FAULT_DELAY) {
		enqueue(vmbus, m);
		if (action.kind == FAULT_RESCIND && ch)
			vmbus_device_rescind(ch->device);
		return true;
	}
	trace_note(vmbus->trace, "fault: next message delayed by %llu ms",
		   (unsigned long long)action.value);
	delay(vmbus, m, action.value);
	return false;
}

bool message_all_taken(const struct vmbus *vmbus)
{
	return TAILQ_EMPTY(&vmbus->waiting) &&
	       !synic_post_pending(vmbus->config.synic, vmbus->message_vp, vmbus->message_sint);
}

static void drop_all(struct message_queue *queue)
{
	struct out_message *m;

	while ((m = TAILQ_FIRST(queue))) {
		TAILQ_REMOVE(queue, m, link);
		loop_timer_destroy(m->timer);
		free(m);
	}
}

void message_cancel(struct vmbus *vmbus)
{
	drop_all(&vmbus->waiting);
	drop_all(&vmbus->delayed);
	if (vmbus->waiting_count >= WAITING_MAX)
		hypercall_hold(vmbus->config.hypercall, false);
	vmbus->waiting_count = 0;
	loop_timer_cancel(vmbus->message_timer);
	synic_post_cancel(vmbus->config.synic, vmbus->message_vp, vmbus->message_sint);
}

int message_init(struct vmbus *vmbus)
{
	TAILQ_INIT(&vmbus->waiting);
	TAILQ_INIT(&vmbus->delayed);
	vmbus->message_timer = loop_timer_create(vmbus->config.loop, flush, vmbus);
	return vmbus->message_timer ? 0 : -ENOMEM;
}

void message_exit(struct vmbus *vmbus)
{
	drop_all(&vmbus->waiting);
	drop_all(&vmbus->delayed);
	loop_timer_destroy(vmbus->message_timer);
}
