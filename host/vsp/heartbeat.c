// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/heartbeat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine/loop.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/ic.h"

#define INTERVAL_NS	2000000000ull
#define MISSED_IS_LOST	3u

struct heartbeat {
	struct ic *ic;
	struct loop_timer *timer;
	bool paused;
	unsigned int missed;		/* beats in a row without an answer */
	uint64_t sequence;
	struct heartbeat_info info;
};

static void beat(struct heartbeat *hb)
{
	struct hvp_ic_heartbeat body = { .sequence = hb->sequence };

	if (ic_request(hb->ic, &body, sizeof(body)))
		return;
	hb->info.asked++;
}

static void interval_over(void *opaque)
{
	struct heartbeat *hb = opaque;

	loop_timer_arm(hb->timer, INTERVAL_NS);
	if (hb->paused || ic_state(hb->ic) != IC_READY)
		return;
	if (hb->info.asked > hb->info.answered && ++hb->missed >= MISSED_IS_LOST) {
		hb->info.state = HEARTBEAT_LOST;
		hb->missed = MISSED_IS_LOST;
	}
	/* The request stays in the guest's ring, so ask again only once it was answered or given up. */
	if (hb->info.state == HEARTBEAT_LOST)
		ic_abandon(hb->ic);
	beat(hb);
}

static void ready(void *opaque)
{
	struct heartbeat *hb = opaque;

	hb->missed = 0;
	hb->info.asked = 0;
	hb->info.answered = 0;
	loop_timer_arm(hb->timer, INTERVAL_NS);
	beat(hb);
}

static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	struct heartbeat *hb = opaque;
	struct hvp_ic_heartbeat answer = { 0 };

	(void)status;
	memcpy(&answer, body, len < sizeof(answer) ? len : sizeof(answer));
	hb->sequence = answer.sequence;		/* the guest has added one */
	hb->missed = 0;
	hb->info.answered = hb->info.asked;
	hb->info.application_state = answer.application_state;
	hb->info.state = HEARTBEAT_OK;
}

static void closed(void *opaque)
{
	struct heartbeat *hb = opaque;

	loop_timer_cancel(hb->timer);
	hb->info.state = HEARTBEAT_NONE;
}

static const struct ic_service service = {
	.name		= "heartbeat",
	.class_id	= HVP_CLASS_HEARTBEAT,
	.instance_id	= HVP_GUID(0xfd149e91, 0x82e0, 0x4a7d, 0xaf, 0xa6, 0x2a, 0x41, 0x66, 0xcb,
				   0xd7, 0xc0),
	.type		= HVP_IC_HEARTBEAT,
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
	hb->missed = 0;
}

void heartbeat_info(const struct heartbeat *hb, struct heartbeat_info *info)
{
	*info = hb->info;
}

const char *heartbeat_state_name(enum heartbeat_state state)
{
	static const char *const names[] = {
		[HEARTBEAT_NONE] = "none", [HEARTBEAT_OK] = "ok", [HEARTBEAT_LOST] = "lost",
	};

	return names[state];
}

const struct ic *heartbeat_ic(const struct heartbeat *hb)
{
	return hb->ic;
}
