// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/ic_ask.h"

#include <errno.h>
#include <stdlib.h>

#include "host/machine/loop.h"
#include "host/vsp/ic.h"

struct ic_ask {
	struct loop_timer *deadline;
	struct ic *ic;		/* of the question that waits; NULL: none */
	ic_ask_cb cb;
	void *opaque;
	u32 timeout_ms;
	bool paused;
};

static void end(struct ic_ask *ask, const struct ic_answer *answer)
{
	if (!ask->ic)
		return;
	ask->ic = NULL;
	loop_timer_cancel(ask->deadline);
	ask->cb(ask->opaque, answer);
}

static void over_time(void *opaque)
{
	static const struct ic_answer answer = { .error = -ETIMEDOUT };
	struct ic_ask *ask = opaque;

	ic_abandon(ask->ic);
	end(ask, &answer);
}

void ic_ask_answered(struct ic_ask *ask, u32 status, const void *body, u32 len)
{
	struct ic_answer answer = { .status = status, .body = body, .len = len };

	end(ask, &answer);
}

void ic_ask_closed(struct ic_ask *ask)
{
	static const struct ic_answer answer = { .error = -ENOTCONN };

	end(ask, &answer);
}

static void start_clock(struct ic_ask *ask)
{
	if (ask->ic && !ask->paused)
		loop_timer_arm(ask->deadline, ask->timeout_ms * 1000000ull);
	else
		loop_timer_cancel(ask->deadline);
}

static u32 bounded(u32 timeout_ms, u32 patience_ms)
{
	return patience_ms && patience_ms < timeout_ms ? patience_ms : timeout_ms;
}

int ic_ask(struct ic_ask *ask, struct ic *ic, const void *body, u32 len, u32 timeout_ms,
	   ic_ask_cb cb, void *opaque)
{
	int ret = ask->ic ? -EBUSY : ic_request(ic, body, len);

	if (ret)
		return ret;
	ask->ic = ic;
	ask->cb = cb;
	ask->opaque = opaque;
	ask->timeout_ms = bounded(timeout_ms, ic_patience(ic));
	start_clock(ask);
	return 0;
}

bool ic_ask_waiting(const struct ic_ask *ask)
{
	return ask->ic;
}

void ic_ask_set_paused(struct ic_ask *ask, bool paused)
{
	ask->paused = paused;
	start_clock(ask);
}

struct ic_ask *ic_ask_create(struct loop *loop)
{
	struct ic_ask *ask = calloc(1, sizeof(*ask));

	if (!ask)
		return NULL;
	ask->deadline = loop_timer_create(loop, over_time, ask);
	if (ask->deadline)
		return ask;
	free(ask);
	return NULL;
}

void ic_ask_destroy(struct ic_ask *ask)
{
	if (!ask)
		return;
	loop_timer_destroy(ask->deadline);
	free(ask);
}
