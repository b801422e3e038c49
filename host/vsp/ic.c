// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/ic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/vmbus/channel.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/device.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/ic_private.h"

/*
 *	closed --open--> negotiating --versions agreed--> ready
 *	                 negotiating --nothing in common--> refused
 *	ready --restored--> negotiating
 *	any --closed by the guest--> closed
 *
 * Every request has a transaction number, 1 to 255, that its answer must echo;
 * a service says how many it may have outstanding. Answers to abandoned
 * requests, to frames sent twice and to frames that a fault spoiled may come
 * at any time or never: as many are dropped without complaint ("excused").
 *
 * Fault point ic.reply sits before every answer that was waited for.
 */

static void violation(const struct ic *ic, enum checker_rule rule, const char *what, u32 value)
{
	checker_report(vmbus_checker(ic->set->vmbus), rule, channel_relid(ic->ch), "%s: %s (%u)",
		       ic->service->name, what, value);
}

static bool excuse(struct ic *ic)
{
	if (!ic->core.excused)
		return false;
	ic->core.excused--;
	return true;
}

static struct hvp_ic_version_list frameworks_of(const struct ic *ic)
{
	return hvp_generation_framework(ic->set->generation);
}

static struct hvp_ic_version_list messages_of(const struct ic *ic)
{
	return hvp_generation_messages(ic->set->generation, ic->service->type);
}

/* ---- asking ---- */

static void negotiate(void *opaque)
{
	struct ic *ic = opaque;
	u8 body[256] = { 0 };
	struct hvp_ic_negotiate *request = (struct hvp_ic_negotiate *)body;
	struct hvp_ic_version_list frameworks = frameworks_of(ic), messages = messages_of(ic);
	size_t versions = frameworks.count + messages.count;

	if (!ic->ch)
		return;
	request->framework_count = frameworks.count;
	request->message_count = messages.count;
	memcpy(request->versions, frameworks.versions,
	       frameworks.count * sizeof(request->versions[0]));
	memcpy(request->versions + frameworks.count, messages.versions,
	       messages.count * sizeof(request->versions[0]));
	ic_send(ic, HVP_IC_NEGOTIATE, IC_NEGOTIATION, body,
		(u32)(sizeof(*request) + versions * sizeof(request->versions[0])));
}

static u32 depth(const struct ic *ic)
{
	u32 wanted = ic->service->depth ? ic->service->depth : 1;

	return wanted < IC_DEPTH_MAX ? wanted : IC_DEPTH_MAX;
}

int ic_request(struct ic *ic, const void *body, u32 len)
{
	u8 *transaction = &ic->core.transaction;

	if (ic->core.state != IC_READY)
		return -ENOTCONN;
	if (ic->core.outstanding >= depth(ic))
		return -EBUSY;
	do
		*transaction = *transaction == 255 ? 1 : *transaction + 1;
	while (ic->core.pending[*transaction]);
	return ic_send(ic, ic->service->type, *transaction, body, len);
}

void ic_abandon(struct ic *ic)
{
	unsigned int i;

	for (i = 0; i < sizeof(ic->core.pending); i++) {
		ic->core.excused += ic->core.pending[i] == IC_PENDING;
		ic->core.pending[i] = 0;
	}
	ic->core.outstanding = 0;
	ic_queue_clear(&ic->out);
	ic_queue_clear(&ic->in);
}

/* The conversation is over; @state is what follows. */
static void leave(struct ic *ic, enum ic_state state)
{
	bool was_ready = ic->core.state == IC_READY;

	ic_abandon(ic);
	free(ic->held);
	ic->held = NULL;
	ic->core.state = state;
	ic->core.framework = (struct hvp_ic_version){ 0, 0 };
	ic->core.message = ic->core.framework;
	if (was_ready && ic->service->closed)
		ic->service->closed(ic->opaque);
}

int ic_renegotiate(struct ic *ic)
{
	if (ic->core.state != IC_READY)
		return -ENOTCONN;
	leave(ic, IC_NEGOTIATING);
	negotiate(ic);
	return 0;
}

/* ---- answers ---- */

static bool listed(struct hvp_ic_version version, struct hvp_ic_version_list list)
{
	return hvp_ic_select(list.versions, list.count, &version, 1) == 0;
}

/* Return: what is wrong with an answer, or NULL; the number that shows it in @value. */
static const char *judge_versions(const struct ic *ic, u32 status, const void *body, u32 len,
				  u32 *value)
{
	const struct hvp_ic_negotiate *answer = body;

	*value = len;
	if (hvp_ic_negotiate_check(body, len))
		return "bad negotiation answer";
	*value = status;
	if (status)
		return "a negotiation is answered with status";
	*value = (u32)answer->framework_count << 16 | answer->message_count;
	if (answer->framework_count != answer->message_count || answer->framework_count > 1)
		return "neither one version of each kind nor none";
	if (!answer->framework_count)
		return NULL;
	*value = answer->versions[1].major;
	if (!listed(answer->versions[0], frameworks_of(ic)) ||
	    !listed(answer->versions[1], messages_of(ic)))
		return "a version that was not offered";
	return NULL;
}

/* Of a negotiation that a fault spoiled nobody can say what was offered. */
static void take_versions(struct ic *ic, u32 status, const void *body, u32 len, bool spoiled)
{
	const struct hvp_ic_negotiate *answer = body;
	const char *wrong;
	u32 value;

	ic->core.state = IC_REFUSED;
	wrong = judge_versions(ic, status, body, len, &value);
	if (wrong && !spoiled)
		violation(ic, RULE_IC_MESSAGE, wrong, value);
	if (wrong || !answer->framework_count)
		return;
	ic->core.framework = answer->versions[0];
	ic->core.message = answer->versions[1];
	ic->core.state = IC_READY;
	if (ic->service->ready)
		ic->service->ready(ic->opaque);
}

static void deliver(struct ic *ic, const struct hvp_ic_header *header, const void *body, u32 len,
		    bool spoiled)
{
	ic->spoiled = spoiled;
	ic->answer_to = header->transaction;
	ic->service->answered(ic->opaque, header->status, body, len);
	ic->spoiled = false;
}

u8 ic_asked_as(const struct ic *ic)
{
	return ic->core.transaction;
}

u8 ic_answer_to(const struct ic *ic)
{
	return ic->answer_to;
}

bool ic_answer_spoiled(const struct ic *ic)
{
	return ic->spoiled;
}

bool ic_answer_excused(const struct ic *ic)
{
	return ic->spoiled || ic->core.excused;
}

void ic_answer_wrong(const struct ic *ic, const char *what, u32 value)
{
	if (!ic_answer_excused(ic))
		violation(ic, RULE_IC_MESSAGE, what, value);
}

/* @frame was waited for: take it. */
static void accept(struct ic *ic, const struct ic_frame *frame)
{
	const struct hvp_ic_header *header;
	bool spoiled = ic->core.pending[frame->transaction] == IC_SPOILED;
	const void *body;
	u32 len;

	if (hvp_ic_check(frame->bytes, frame->len, &header, &body, &len))
		return;
	ic->core.pending[frame->transaction] = 0;
	ic->core.outstanding--;
	if (spoiled)
		excuse(ic);
	if (header->type == HVP_IC_NEGOTIATE && frame->transaction == IC_NEGOTIATION)
		take_versions(ic, header->status, body, len, spoiled);
	else if (header->type == ic->service->type && ic->core.state == IC_READY)
		deliver(ic, header, body, len, spoiled);
	else if (!spoiled)
		violation(ic, RULE_IC_ANSWER, "another type", header->type);
}

static void arrival(void *opaque)
{
	struct ic *ic = opaque;
	struct ic_frame *frame;

	while (ic->ch && (frame = ic_queue_take(&ic->in))) {
		if (ic->core.pending[frame->transaction])
			accept(ic, frame);
		free(frame);
	}
}

/* Takes @frame. */
static void accept_past_fault(struct ic *ic, struct ic_frame *frame)
{
	struct fault_action action = ic_fault(ic, FAULT_IC_REPLY);

	switch (action.kind) {
	case FAULT_DROP:
	case FAULT_NEVER:
		ic->core.pending[frame->transaction] = IC_LOST;
		free(frame);
		return;
	case FAULT_RESCIND:
		vmbus_device_rescind(ic->device);
		break;
	default:
		break;
	}
	if (action.kind == FAULT_DELAY || ic->in.first)
		return ic_queue_put(&ic->in, frame, action.kind == FAULT_DELAY ?
				    action.value * 1000000u : 0);
	accept(ic, frame);
	free(frame);
}

/* Return: whether the answer is one that is waited for. */
static bool expected(struct ic *ic, const struct hvp_ic_header *header)
{
	u8 pending = ic->core.pending[header->transaction];
	bool ours = pending == IC_PENDING || pending == IC_SPOILED;

	if (!ours && excuse(ic))
		return false;
	if (header->flags != HVP_IC_REPLY_FLAGS) {
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
	u32 len = pkt->payload_len < IC_FRAME_MAX ? pkt->payload_len : IC_FRAME_MAX;
	const struct hvp_ic_header *header;
	struct ic_frame *frame;
	const void *body;
	u32 body_len;

	if (pkt->type != HVP_PKT_INBAND)
		return;
	frame = ic_frame_create(pkt->payload, len, 0);
	if (!frame)
		return;
	if (hvp_ic_check(frame->bytes, len, &header, &body, &body_len)) {
		if (!excuse(ic))
			violation(ic, RULE_IC_MESSAGE, "bad frame, bytes", pkt->payload_len);
	} else if (expected(ic, header)) {
		frame->transaction = header->transaction;
		return accept_past_fault(ic, frame);
	}
	free(frame);
}

/* ---- the device ---- */

static u32 open_channel(void *dev, struct vmbus_channel *ch)
{
	struct ic *ic = dev;

	ic->ch = ch;
	ic->core.openings++;
	ic->core.state = IC_NEGOTIATING;
	/* Nothing goes out before the guest knows that the channel is open. */
	loop_timer_arm(ic->start, 0);
	return 0;
}

static void closed(void *dev, struct vmbus_channel *ch)
{
	struct ic *ic = dev;

	(void)ch;
	loop_timer_cancel(ic->start);
	ic->ch = NULL;
	leave(ic, IC_CLOSED);
	ic->core.excused = 0;
}

static void readable(void *dev, struct vmbus_channel *ch)
{
	struct ic *ic = dev;
	struct channel_packet pkt;

	while (ic->ch && channel_recv(ch, &pkt) == 1)
		receive(ic, &pkt);
}

static const struct vmbus_device_ops device_ops = {
	.open		= open_channel,
	.closed		= closed,
	.readable	= readable,
};

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

	ret = vmbus_device_create(&ic->device, ic->set->vmbus, &params, &device_ops, ic);
	if (!ret && ic_available(ic))
		ret = vmbus_device_offer(ic->device);
	if (ret)
		return err_set(err, ret, "cannot offer %s: %s", params.name, strerror(-ret));
	return 0;
}

static int create_timers(struct ic *ic, struct err *err)
{
	struct loop *loop = vmbus_loop(ic->set->vmbus);

	ic->start = loop_timer_create(loop, negotiate, ic);
	ic->out.timer = loop_timer_create(loop, ic_departure, ic);
	ic->in.timer = loop_timer_create(loop, arrival, ic);
	if (!ic->start || !ic->out.timer || !ic->in.timer)
		return err_set(err, -ENOMEM, "out of memory");
	return 0;
}

int ic_create(struct ic **out, struct ic_set *set, const struct ic_service *service, void *opaque,
	      struct err *err)
{
	struct ic *ic = calloc(1, sizeof(*ic));
	struct ic **tail;
	int ret;

	if (!ic)
		return err_set(err, -ENOMEM, "out of memory");
	ic->set = set;
	ic->service = service;
	ic->opaque = opaque;
	for (tail = &set->first; *tail; tail = &(*tail)->next)
		;
	*tail = ic;
	ret = create_timers(ic, err);
	if (!ret)
		ret = offer(ic, err);
	if (ret) {
		ic_destroy(ic);
		return ret;
	}
	*out = ic;
	return 0;
}

void ic_destroy(struct ic *ic)
{
	struct ic **link;

	if (!ic)
		return;
	vmbus_device_destroy(ic->device);
	for (link = &ic->set->first; *link != ic; link = &(*link)->next)
		;
	*link = ic->next;
	ic_queue_clear(&ic->out);
	ic_queue_clear(&ic->in);
	loop_timer_destroy(ic->start);
	loop_timer_destroy(ic->out.timer);
	loop_timer_destroy(ic->in.timer);
	free(ic);
}
