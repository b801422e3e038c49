// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/heartbeat.h"
#include "host/vsp/vsp.h"

/* heartbeat: how the guest is, and asking it many times at once. */

struct json_object *describe_heartbeat(const struct control *control)
{
	const struct heartbeat *hb = vsp_heartbeat(control->host.vsp);
	const struct heartbeat_state *state = heartbeat_state(hb);
	struct json_object *object = describe_service(heartbeat_ic(hb));

	put_string(object, "state", heartbeat_pulse_name(state->pulse));
	put_string(object, "application", heartbeat_application_name(state->application));
	put_number(object, "asked", state->asked);
	put_number(object, "answered", state->answered);
	put_number(object, "wrong", state->wrong);
	put_number(object, "application_state", state->application);
	return object;
}

static void burst(struct control_request *req)
{
	struct control *control = request_control(req);
	struct heartbeat *hb = vsp_heartbeat(control->host.vsp);
	int64_t count = request_number(req, "count", 1);
	int ret;

	if (count < 1 || count > HEARTBEAT_BURST_MAX)
		return request_fail(req, "\"count\" must be 1 to %u", HEARTBEAT_BURST_MAX);
	ret = heartbeat_burst(hb, (unsigned int)count);
	if (ret == -EBUSY)
		return request_fail(req, "too many beats wait for their answers already");
	if (ret)
		return request_not_asked(req, heartbeat_ic(hb), ret);
	request_done(req, describe_heartbeat(control));
}

void verb_heartbeat(struct control_request *req)
{
	const char *action = request_string(req, "action");

	if (!action || !strcmp(action, "show"))
		return request_done(req, describe_heartbeat(request_control(req)));
	if (!strcmp(action, "beat"))
		return burst(req);
	request_fail(req, "\"action\" must be show or beat");
}
