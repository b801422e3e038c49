// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/log.h"
#include "host/vmbus/channel.h"
#include "host/vmbus/device.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/ic_private.h"

/*
 * Frames on their way out:
 *
 *	ic_send --> fault --> ring, at once                 usual
 *	                  \-> (lost)                        drop, never
 *	                  \-> queue --due--> ring           delay; also what follows it
 *	                  \-> held --next one--> ring       hold
 *	                  \-> spoiled --> ring              all others
 *
 * Fault point ic.negotiate sits before every negotiation, ic.request before
 * every frame that ic.negotiate lets pass.
 */
#define PAD_MAX		16384u

struct fault_action ic_fault(struct ic *ic, enum fault_point point)
{
	struct fault_ctx ctx = { .device = ic->service->name, .relid = channel_relid(ic->ch) };

	return fault_hit(vmbus_fault(ic->set->vmbus), point, &ctx);
}

static int transmit(struct ic *ic, const struct ic_frame *frame)
{
	return channel_send(ic->ch, HVP_PKT_INBAND, frame->transaction, NULL, 0, frame->bytes,
			    frame->len, 0);
}

/* Takes @frame. What was held follows it. */
static int depart(struct ic *ic, struct ic_frame *frame)
{
	struct ic_frame *held = ic->held;
	int ret = transmit(ic, frame);

	free(frame);
	if (held) {
		ic->held = NULL;
		transmit(ic, held);
		free(held);
	}
	return ret;
}

void ic_departure(void *opaque)
{
	struct ic *ic = opaque;
	struct ic_frame *frame;

	while (ic->ch && (frame = ic_queue_take(&ic->out)))
		depart(ic, frame);
}

static struct hvp_ic_version version_of(u64 value)
{
	return (struct hvp_ic_version){ .major = (u16)(value >> 16), .minor = (u16)value };
}

static void poke(struct ic *ic, struct ic_frame *frame, u64 value)
{
	u64 offset = IC_HEADER_LEN + (value >> 16);
	u16 unit = (u16)value;

	if (offset + sizeof(unit) > frame->len) {
		log_info("ic.request poke: the body of %s has no offset %llu", ic->service->name,
			 (unsigned long long)(value >> 16));
		return;
	}
	memcpy(frame->bytes + offset, &unit, sizeof(unit));
}

static struct ic_frame *pad(struct ic_frame *frame, u64 bytes)
{
	u32 more = bytes < PAD_MAX ? (u32)bytes : PAD_MAX;
	struct ic_frame *longer = realloc(frame, sizeof(*frame) + frame->len + more);

	if (!longer)
		return frame;
	memset(longer->bytes + longer->len, 0, more);
	longer->len += more;
	return longer;
}

/* Return: the frame with one thing wrong in it. */
static struct ic_frame *spoil(struct ic *ic, struct ic_frame *frame, struct fault_action action)
{
	struct hvp_pipe_header *pipe = (struct hvp_pipe_header *)frame->bytes;
	struct hvp_ic_header *header = (struct hvp_ic_header *)(pipe + 1);

	switch (action.kind) {
	case FAULT_PIPE:
		pipe->size = (u32)action.value;
		break;
	case FAULT_LENGTH:
		header->size = (u16)action.value;
		break;
	case FAULT_SHORT:
		if (action.value < frame->len)
			frame->len = (u32)action.value;
		break;
	case FAULT_PAD:
		return pad(frame, action.value);
	case FAULT_FRAMEWORK:
		header->framework = version_of(action.value);
		break;
	case FAULT_VERSION:
		header->message = version_of(action.value);
		break;
	case FAULT_TYPE:
		header->type = (u16)action.value;
		break;
	case FAULT_TRANSACTION:
		header->transaction = (u8)action.value;
		break;
	case FAULT_FLAGS:
		header->flags = (u8)action.value;
		break;
	case FAULT_POKE:
		poke(ic, frame, action.value);
		break;
	default:
		break;
	}
	return frame;
}

/* Each frame that a fault spoiled may have an answer that nobody can foresee. */
static void mark_spoiled(struct ic *ic, u8 transaction)
{
	ic->core.pending[transaction] = IC_SPOILED;
	ic->core.excused++;
}

/* Two frames, two answers: the second one is nobody's. */
static int send_twice(struct ic *ic, struct ic_frame *frame)
{
	ic->core.excused++;
	transmit(ic, frame);
	return depart(ic, frame);
}

static void hold(struct ic *ic, struct ic_frame *frame)
{
	free(ic->held);
	ic->held = frame;
}

/* Takes @frame. */
static int send_past_fault(struct ic *ic, struct ic_frame *frame, struct fault_action action)
{
	switch (action.kind) {
	case FAULT_NONE:
		break;
	case FAULT_DROP:
	case FAULT_NEVER:
		ic->core.pending[frame->transaction] = IC_LOST;
		free(frame);
		return 0;
	case FAULT_DELAY:
		ic_queue_put(&ic->out, frame, action.value * 1000000u);
		return 0;
	case FAULT_HOLD:
		hold(ic, frame);
		return 0;
	case FAULT_TWICE:
		return send_twice(ic, frame);
	case FAULT_RESCIND:
		vmbus_device_rescind(ic->device);
		break;
	default:
		mark_spoiled(ic, frame->transaction);
		frame = spoil(ic, frame, action);
		break;
	}
	if (!ic->out.first)
		return depart(ic, frame);
	ic_queue_put(&ic->out, frame, 0);
	return 0;
}

static struct ic_frame *build(struct ic *ic, u16 type, u8 transaction, const void *body, u32 len)
{
	struct hvp_ic_header header = {
		.framework = ic->core.framework,
		.message = ic->core.message,
		.type = type,
		.transaction = transaction,
		.flags = HVP_IC_TRANSACTION | HVP_IC_REQUEST,
	};
	u8 bytes[IC_FRAME_MAX];
	int total;

	memcpy(bytes + IC_HEADER_LEN, body, len);
	total = hvp_ic_frame(bytes, sizeof(bytes), &header, len);
	return total < 0 ? NULL : ic_frame_create(bytes, (u32)total, transaction);
}

int ic_send(struct ic *ic, u16 type, u8 transaction, const void *body, u32 len)
{
	struct fault_action action = { .kind = FAULT_NONE };
	struct ic_frame *frame;
	int ret;

	if (len > IC_BODY_MAX)
		return -EMSGSIZE;
	frame = build(ic, type, transaction, body, len);
	if (!frame)
		return -ENOMEM;
	ic->core.pending[transaction] = IC_PENDING;
	ic->core.outstanding++;
	if (type == HVP_IC_NEGOTIATE)
		action = ic_fault(ic, FAULT_IC_NEGOTIATE);
	if (action.kind == FAULT_NONE)
		action = ic_fault(ic, FAULT_IC_REQUEST);
	ret = send_past_fault(ic, frame, action);
	if (ret) {
		ic->core.pending[transaction] = 0;
		ic->core.outstanding--;
	}
	return ret;
}
