// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/shutdown.h"

#include <errno.h>
#include <stdlib.h>

#include "host/vmbus/vmbus.h"
#include "host/vsp/ic.h"

struct shutdown {
	struct ic *ic;
	struct ic_ask *ask;
	ic_ask_cb cb;		/* of the request that waits; NULL: nobody listens */
	void *opaque;
	struct shutdown_state state;
};

static void count(struct shutdown_state *state, const struct ic_answer *answer)
{
	if (answer->error) {
		state->lost++;
		return;
	}
	state->status = answer->status;
	if (answer->status)
		state->refused++;
	else
		state->agreed++;
}

static void over(void *opaque, const struct ic_answer *answer)
{
	struct shutdown *sd = opaque;
	ic_ask_cb cb = sd->cb;

	count(&sd->state, answer);
	sd->cb = NULL;
	if (cb)
		cb(sd->opaque, answer);
}

static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	struct shutdown *sd = opaque;

	ic_ask_answered(sd->ask, status, body, len);
}

static void closed(void *opaque)
{
	struct shutdown *sd = opaque;

	ic_ask_closed(sd->ask);
}

static const struct ic_service service = {
	.name		= "shutdown",
	.class_id	= HVP_CLASS_SHUTDOWN,
	.instance_id	= HVP_GUID(0xb6650ff7, 0x33bc, 0x4840, 0x80, 0x48, 0xe0, 0x67, 0x67, 0x86,
				   0xf3, 0x93),
	.type		= HVP_IC_SHUTDOWN,
	.answered	= answered,
	.closed		= closed,
};

int shutdown_create(struct shutdown **out, struct ic_set *set, struct err *err)
{
	struct shutdown *sd = calloc(1, sizeof(*sd));
	int ret;

	if (!sd)
		return err_set(err, -ENOMEM, "out of memory");
	sd->ask = ic_ask_create(vmbus_loop(set->vmbus));
	ret = sd->ask ? ic_create(&sd->ic, set, &service, sd, err)
		      : err_set(err, -ENOMEM, "out of memory");
	if (ret) {
		shutdown_destroy(sd);
		return ret;
	}
	*out = sd;
	return 0;
}

void shutdown_destroy(struct shutdown *sd)
{
	if (!sd)
		return;
	ic_destroy(sd->ic);
	ic_ask_destroy(sd->ask);
	free(sd);
}

int shutdown_request(struct shutdown *sd, const struct hvp_shutdown_request *request,
		     ic_ask_cb cb, void *opaque)
{
	u32 seconds = request->timeout_seconds ? request->timeout_seconds : SHUTDOWN_ANSWER_S;
	struct hvp_ic_shutdown body;
	int len, ret;

	if (ic_state(sd->ic) != IC_READY)
		return -ENOTCONN;
	len = hvp_shutdown_build(&body, ic_message(sd->ic), request);
	if (len < 0)
		return len;
	ret = ic_ask(sd->ask, sd->ic, &body, (u32)len, seconds * 1000u, over, sd);
	if (ret)
		return ret;
	sd->state.asked++;
	sd->cb = cb;
	sd->opaque = opaque;
	return 0;
}

void shutdown_forget(struct shutdown *sd, void *opaque)
{
	if (sd->opaque == opaque)
		sd->cb = NULL;
}

void shutdown_set_paused(struct shutdown *sd, bool paused)
{
	ic_ask_set_paused(sd->ask, paused);
}

const struct shutdown_state *shutdown_state(const struct shutdown *sd)
{
	return &sd->state;
}

const struct ic *shutdown_ic(const struct shutdown *sd)
{
	return sd->ic;
}
