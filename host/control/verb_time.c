// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/timesync.h"
#include "host/vsp/vsp.h"

/* time: the time service, telling the time out of turn, and moving the host's clock. */

static void put_host_time(struct json_object *object, uint64_t host_time)
{
	uint64_t ns = hvp_time_to_unix_ns(host_time);
	time_t seconds = (time_t)(ns / 1000000000u);
	char text[32], stamp[48];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(stamp, sizeof(stamp), "%s.%03uZ", text, (unsigned int)(ns / 1000000 % 1000));
	put_string(object, "host_time", stamp);
	put_number(object, "host_unix_ns", ns);
}

static void answer(struct control_request *req)
{
	const struct timesync *ts = vsp_timesync(request_control(req)->host.vsp);
	const struct timesync_state *state = timesync_state(ts);
	struct json_object *object = describe_service(timesync_ic(ts));

	put_host_time(object, timesync_now(ts));
	json_object_object_add(object, "offset_us", json_object_new_int64(state->offset / 10));
	put_number(object, "syncs", state->syncs);
	put_number(object, "samples", state->samples);
	put_number(object, "asked", state->asked);
	put_number(object, "answered", state->answered);
	request_done(req, object);
}

static void told(struct control_request *req, int ret)
{
	if (ret)
		request_not_asked(req, timesync_ic(vsp_timesync(request_control(req)->host.vsp)), ret);
	else
		answer(req);
}

static void sync_now(struct control_request *req)
{
	told(req, timesync_sync(vsp_timesync(request_control(req)->host.vsp)));
}

static void sample(struct control_request *req)
{
	int64_t count = request_number(req, "count", 1);

	if (count < 1 || count > TIMESYNC_BURST_MAX)
		return request_fail(req, "\"count\" must be 1 to %u", TIMESYNC_BURST_MAX);
	told(req, timesync_sample(vsp_timesync(request_control(req)->host.vsp),
				  (unsigned int)count));
}

static void jump(struct control_request *req)
{
	int64_t us = request_number(req, "us", 0);

	if (timesync_jump(vsp_timesync(request_control(req)->host.vsp), us))
		return request_fail(req, "the host's clock can show 1970 to 2262 only");
	answer(req);
}

void verb_time(struct control_request *req)
{
	static const struct control_verb actions[] = {
		{ "show",	answer },
		{ "sync",	sync_now },
		{ "sample",	sample },
		{ "jump",	jump },
		{ 0 },
	};

	if (!request_string(req, "action"))
		return answer(req);
	if (!request_run_action(req, actions))
		request_fail(req, "\"action\" must be show, sync, sample or jump");
}
