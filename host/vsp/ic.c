// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/ic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine/loop.h"
#include "host/vmbus/channel.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/device.h"
#include "host/vmbus/vmbus.h"

/*
 *	closed --open--> negotiating --versions agreed--> ready
 *	                 negotiating --nothing in common--> refused
 *	any --closed by the guest--> closed
 *
 * One request is outstanding at a time; its transaction number, 1 to 255, is
 * what the answer must echo. Answers to abandoned requests may come late and
 * are dropped, as many as were abandoned.
 *
 * Fault point ic.request sits before every request, the negotiation included.
 */
#define HEADER_LEN	(sizeof(struct hvp_pipe_header) + sizeof(struct hvp_ic_header))
#define NEGOTIATION	0	/* its transaction number */

static const struct hvp_ic_version frameworks[] = { { 1, 0 }, { 3, 0 } };

struct ic {
	struct vmbus *vmbus;
	const struct ic_service *service;
	void *opaque;
	struct vmbus_device *device;
	struct vmbus_channel *ch;	/* NULL: closed */
	struct loop_timer *delay;	/* of ic.request */
	enum ic_state state;
	bool waiting;			/* for an answer to @transaction */
	unsigned int stale;		/* abandoned requests whose answers may still come */
	u8 transaction;
	struct hvp_ic_version framework;
	struct hvp_ic_version message;
	u8 out[HEADER_LEN + IC_BODY_MAX];
	u32 out_len;
};

static const char *const state_names[IC_STATE_COUNT] = {
	[IC_CLOSED]		= "closed",
	[IC_NEGOTIATING]	= "negotiating",
	[IC_REFUSED]		= "refused",
	[IC_READY]		= "ready",
};

static void violation(struct ic *ic, enum checker_rule rule, const char *what, u32 value)
{
	checker_report(vmbus_checker(ic->vmbus), rule, channel_relid(ic->ch), "%s: %s (%u)",
		       ic->service->name, what, value);
}

/* ---- out ---- */

static void send_now(void *opaque)
{
	struct ic *ic = opaque;

	if (ic->ch)
		channel_send(ic->ch, HVP_PKT_INBAND, ic->transaction, NULL, 0, ic->out,
			     ic->out_len, 0);
}

static void send_past_fault(struct ic *ic)
{
	struct fault_ctx ctx = { .device = ic->service->name, .relid = channel_relid(ic->ch) };
	struct fault_action action = fault_hit(vmbus_fault(ic->vmbus), FAULT_IC_REQUEST, &ctx);

	switch (action.kind) {
	case FAULT_DROP:
	case FAULT_NEVER:
		return;
	case FAULT_DELAY:
		loop_timer_arm(ic->delay, action.value * 1000000u);
		return;
	case FAULT_RESCIND:
		vmbus_device_rescind(ic->device);
		break;
	default:
		break;
	}
	send_now(ic);
}

static int send_message(struct ic *ic, u16 type, const void *body, u32 len)
{
	struct hvp_ic_header header = {
		.framework = ic->framework,
		.message = ic->message,
		.type = type,
		.transaction = ic->transaction,
		.flags = HVP_IC_TRANSACTION | HVP_IC_REQUEST,
	};
	int total;

	if (len > IC_BODY_MAX)
		return -EMSGSIZE;
	memcpy(ic->out + HEADER_LEN, body, len);
	total = hvp_ic_frame(ic->out, sizeof(ic->out), &header, len);
	if (total < 0)
		return total;
	ic->out_len = (u32)total;
	ic->waiting = true;
	send_past_fault(ic);
	return 0;
}

static void negotiate(struct ic *ic)
{
	u8 body[256] = { 0 };
	struct hvp_ic_negotiate *request = (struct hvp_ic_negotiate *)body;
	const struct hvp_ic_version *messages;
	u16 count;

	messages = ic->service->versions(vmbus_version(ic->vmbus), &count);
	request->framework_count = sizeof(frameworks) / sizeof(frameworks[0]);
	request->message_count = count;
	memcpy(request->versions, frameworks, sizeof(frameworks));
	memcpy(request->versions + request->framework_count, messages, count * sizeof(*messages));

	ic->transaction = NEGOTIATION;
	send_message(ic, HVP_IC_NEGOTIATE, body,
		     (u32)(sizeof(*request) + sizeof(frameworks) + count * sizeof(*messages)));
}

int ic_request(struct ic *ic, const void *body, u32 len)
{
	if (ic->state != IC_READY)
		return -ENOTCONN;
	if (ic->waiting)
		return -EBUSY;
	ic->transaction = ic->transaction == 255 ? 1 : ic->transaction + 1;
	return send_message(ic, ic->service->type, body, len);
}

void ic_abandon(struct ic *ic)
{
	ic->stale += ic->waiting;
	ic->waiting = false;
	loop_timer_cancel(ic->delay);
}

/* ---- in ---- */

static void take_versions(struct ic *ic, const void *body, u32 len)
{
	const struct hvp_ic_negotiate *answer = body;

	if (hvp_ic_negotiate_check(body, len)) {
		violation(ic, RULE_IC_MESSAGE, "bad negotiation answer", len);
		ic->state = IC_REFUSED;
		return;
	}
	if (answer->framework_count != 1 || answer->message_count != 1) {
		ic->state = IC_REFUSED;
		return;
	}
	ic->framework = answer->versions[0];
	ic->message = answer->versions[1];
	ic->state = IC_READY;
	if (ic->service->ready)
		ic->service->ready(ic->opaque);
}

/* Return: whether the answer is the one that is waited for. */
static bool expected(struct ic *ic, const struct hvp_ic_header *header)
{
	bool ours = ic->waiting && header->transaction == ic->transaction;

	if (!ours && ic->stale) {
		ic->stale--;
		return false;
	}
	if (!(header->flags & HVP_IC_RESPONSE)) {
		violation(ic, RULE_IC_ANSWER, "not an answer, flags", header->flags);
		return false;
	}
	if (!ours) {
		violation(ic, RULE_IC_ANSWER, "nobody asked, transaction", header->transaction);
		return false;
	}
	return true;
}

static void receive(struct ic *ic, const struct channel_packet *pkt)
{
	u8 copy[HEADER_LEN + IC_BODY_MAX];
	u32 len = pkt->payload_len < sizeof(copy) ? pkt->payload_len : sizeof(copy);
	const struct hvp_ic_header *header;
	const void *body;
	u32 body_len;

	if (pkt->type != HVP_PKT_INBAND)
		return;
	memcpy(copy, pkt->payload, len);
	if (hvp_ic_check(copy, len, &header, &body, &body_len)) {
		violation(ic, RULE_IC_MESSAGE, "bad frame, bytes", pkt->payload_len);
		return;
	}
	if (!expected(ic, header))
		return;
	ic->waiting = false;
	if (header->type == HVP_IC_NEGOTIATE)
		take_versions(ic, body, body_len);
	else if (header->type == ic->service->type && ic->state == IC_READY)
		ic->service->answered(ic->opaque, header->status, body, body_len);
	else
		violation(ic, RULE_IC_ANSWER, "another type", header->type);
}

/* ---- the device ---- */

static u32 open_channel(void *dev, struct vmbus_channel *ch)
{
	struct ic *ic = dev;

	ic->ch = ch;
	ic->state = IC_NEGOTIATING;
	ic->framework = (struct hvp_ic_version) { 0, 0 };
	ic->message = ic->framework;
	/* Nothing goes out before the guest knows that the channel is open. */
	loop_timer_arm(ic->delay, 0);
	ic->out_len = 0;
	return 0;
}

static void closed(void *dev, struct vmbus_channel *ch)
{
	struct ic *ic = dev;

	(void)ch;
	loop_timer_cancel(ic->delay);
	ic->ch = NULL;
	ic->state = IC_CLOSED;
	ic->waiting = false;
	ic->stale = 0;
	if (ic->service->closed)
		ic->service->closed(ic->opaque);
}

static void readable(void *dev, struct vmbus_channel *ch)
{
	struct channel_packet pkt;

	while (channel_recv(ch, &pkt) == 1)
		receive(dev, &pkt);
}

static const struct vmbus_device_ops device_ops = {
	.open		= open_channel,
	.closed		= closed,
	.readable	= readable,
};

static void delay_over(void *opaque)
{
	struct ic *ic = opaque;

	if (ic->out_len)
		send_now(ic);
	else if (ic->ch)
		negotiate(ic);
}

static int offer(struct ic *ic, struct err *err)
{
	struct vmbus_device_params params = {
		.name = ic->service->name,
		.class_id = ic->service->class_id,
		.instance_id = ic->service->instance_id,
		.flags = HVP_OFFER_NAMED_PIPE,
		.user_defined = { HVP_PIPE_MESSAGE },
	};
	int ret;

	ret = vmbus_device_create(&ic->device, ic->vmbus, &params, &device_ops, ic);
	if (!ret)
		ret = vmbus_device_offer(ic->device);
	if (ret)
		return err_set(err, ret, "cannot offer %s: %s", params.name, strerror(-ret));
	return 0;
}

int ic_create(struct ic **out, struct vmbus *vmbus, const struct ic_service *service, void *opaque,
	      struct err *err)
{
	struct ic *ic = calloc(1, sizeof(*ic));
	int ret;

	if (!ic)
		return err_set(err, -ENOMEM, "out of memory");
	ic->vmbus = vmbus;
	ic->service = service;
	ic->opaque = opaque;
	ic->delay = loop_timer_create(vmbus_loop(vmbus), delay_over, ic);
	ret = ic->delay ? offer(ic, err) : err_set(err, -ENOMEM, "out of memory");
	if (ret) {
		ic_destroy(ic);
		return ret;
	}
	*out = ic;
	return 0;
}

void ic_destroy(struct ic *ic)
{
	if (!ic)
		return;
	vmbus_device_destroy(ic->device);
	loop_timer_destroy(ic->delay);
	free(ic);
}

enum ic_state ic_state(const struct ic *ic)
{
	return ic->state;
}

const char *ic_state_name(enum ic_state state)
{
	return state_names[state];
}

struct hvp_ic_version ic_framework(const struct ic *ic)
{
	return ic->framework;
}

struct hvp_ic_version ic_message(const struct ic *ic)
{
	return ic->message;
}
