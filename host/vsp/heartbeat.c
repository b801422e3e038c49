// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/heartbeat.h"

#include <errno.h>
#include <stdlib.h>

#include "host/machine/loop.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/ic.h"

/*
 *	none --versions agreed, answered--> ok --three intervals of silence--> lost
 *	ok --paused--> lost		lost --answered--> ok
 *	any --closed--> none
 *
 * Beats go out whether the last ones were answered or not, as hosts do it: a
 * guest that was away finds several, and answers all of them.
 */
#define INTERVAL_NS	2000000000ull
#define MISSED_IS_LOST	3u

struct heartbeat {
	struct ic *ic;
	struct loop_timer *timer;
	bool paused;
	struct heartbeat_state state;
};

static int beat(struct heartbeat *hb)
{
	struct hvp_ic_heartbeat body = { .sequence = hb->state.sequence + 1 };
	int ret = ic_request(hb->ic, &body, sizeof(body));

	if (ret)
		return ret;
	hb->state.sequence++;
	hb->state.sent[ic_asked_as(hb->ic)] = hb->state.sequence;
	hb->state.asked++;
	return 0;
}

static void interval_over(void *opaque)
{
	struct heartbeat *hb = opaque;

	loop_timer_arm(hb->timer, INTERVAL_NS);
	if (hb->paused || ic_state(hb->ic) != IC_READY)
		return;
	if (ic_outstanding(hb->ic) && ++hb->state.missed >= MISSED_IS_LOST) {
		hb->state.pulse = HEARTBEAT_LOST;
		hb->state.missed = MISSED_IS_LOST;
	}
	/* Beats that were lost on the way must not stop those that follow for ever. */
	if (beat(hb) == -EBUSY) {
		ic_abandon(hb->ic);
		beat(hb);
	}
}

static void ready(void *opaque)
{
	struct heartbeat *hb = opaque;

	hb->state.missed = 0;
	loop_timer_arm(hb->timer, INTERVAL_NS);
	beat(hb);
}

/* Return: whether the answer is right. */
static bool judge(struct heartbeat *hb, u32 status, const void *body, u32 len)
{
	u64 sent = hb->state.sent[ic_answer_to(hb->ic)];
	enum hvp_heartbeat_state application;

	if (hvp_heartbeat_reply_check(body, len, sent, &application))
		ic_answer_wrong(hb->ic, "not one more than the beat", (u32)sent);
	else if (status)
		ic_answer_wrong(hb->ic, "a beat is answered with status", status);
	else {
		hb->state.application = application;
		return true;
	}
	return false;
}

/* A wrong answer is no sign of life. */
static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	struct heartbeat *hb = opaque;

	if (!judge(hb, status, body, len) && !ic_answer_excused(hb->ic)) {
		hb->state.wrong++;
		return;
	}
	hb->state.answered++;
	hb->state.missed = 0;
	if (!hb->paused)
		hb->state.pulse = HEARTBEAT_OK;
}

static void closed(void *opaque)
{
	struct heartbeat *hb = opaque;

	loop_timer_cancel(hb->timer);
	if (ic_state(hb->ic) == IC_CLOSED)
		hb->state = (struct heartbeat_state){ .pulse = HEARTBEAT_NONE };
}

static const struct ic_service service = {
	.name		= "heartbeat",
	.class_id	= HVP_CLASS_HEARTBEAT,
	.instance_id	= HVP_GUID(0xfd149e91, 0x82e0, 0x4a7d, 0xaf, 0xa6, 0x2a, 0x41, 0x66, 0xcb,
				   0xd7, 0xc0),
	.type		= HVP_IC_HEARTBEAT,
	.depth		= HEARTBEAT_BURST_MAX + 16,
	.ready		= ready,
	.answered	= answered,
	.closed		= closed,
};

int heartbeat_create(struct heartbeat **out, struct ic_set *set, struct err *err)
{
	struct heartbeat *hb = calloc(1, sizeof(*hb));
	int ret;

	if (!hb)
		return err_set(err, -ENOMEM, "out of memory");
	hb->timer = loop_timer_create(vmbus_loop(set->vmbus), interval_over, hb);
	ret = hb->timer ? ic_create(&hb->ic, set, &service, hb, err)
			: err_set(err, -ENOMEM, "out of memory");
	if (ret) {
		heartbeat_destroy(hb);
		return ret;
	}
	*out = hb;
	return 0;
}

void heartbeat_destroy(struct heartbeat *hb)
{
	if (!hb)
		return;
	ic_destroy(hb->ic);
	loop_timer_destroy(hb->timer);
	free(hb);
}

void heartbeat_set_paused(struct heartbeat *hb, bool paused)
{
	hb->paused = paused;
	hb->state.missed = 0;
	if (paused && hb->state.pulse == HEARTBEAT_OK)
		hb->state.pulse = HEARTBEAT_LOST;
}

int heartbeat_burst(struct heartbeat *hb, unsigned int count)
{
	int ret = 0;

	while (count-- && !ret)
		ret = beat(hb);
	return ret;
}

const struct heartbeat_state *heartbeat_state(const struct heartbeat *hb)
{
	return &hb->state;
}

const char *heartbeat_pulse_name(enum heartbeat_pulse pulse)
{
	static const char *const names[HEARTBEAT_PULSE_COUNT] = {
		[HEARTBEAT_NONE] = "none", [HEARTBEAT_OK] = "ok", [HEARTBEAT_LOST] = "lost",
	};

	return names[pulse];
}

const char *heartbeat_application_name(enum hvp_heartbeat_state state)
{
	static const char *const names[HVP_HEARTBEAT_STATE_COUNT] = {
		[HVP_HEARTBEAT_UNKNOWN] = "unknown", [HVP_HEARTBEAT_HEALTHY] = "healthy",
		[HVP_HEARTBEAT_CRITICAL] = "critical", [HVP_HEARTBEAT_STOPPED] = "stopped",
	};

	return names[state];
}

const struct ic *heartbeat_ic(const struct heartbeat *hb)
{
	return hb->ic;
}
