// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/control_private.h"
#include "host/vmbus/trace.h"
#include "host/vmbus/vmbus.h"

/*
 * trace: the decoded traffic, what is in the buffer or, with "follow", each
 * line as it comes. One client can follow; one that reads too slowly loses
 * lines, and learns how many.
 */

static void live_line(void *opaque, const char *line)
{
	struct control *control = opaque;
	struct json_object *event;

	if (control->trace_file)
		fprintf(control->trace_file, "%s\n", line);
	if (!control->follower)
		return;
	event = json_object_new_object();
	put_string(event, "line", line);
	if (control->follower_lost)
		put_number(event, "lost", control->follower_lost);
	if (request_event(control->follower, event))
		control->follower_lost = 0;
	else
		control->follower_lost++;
}

void control_update_trace(struct control *control)
{
	bool wanted = control->trace_file || control->follower;

	trace_set_live(vmbus_trace(control->host.vmbus), wanted ? live_line : NULL, control);
}

static void follower_gone(struct control_request *req)
{
	struct control *control = request_control(req);

	control->follower = NULL;
	control_update_trace(control);
}

static void follow(struct control_request *req)
{
	struct control *control = request_control(req);

	if (control->follower)
		return request_fail(req, "another client follows the trace");
	control->follower = req;
	control->follower_lost = 0;
	request_on_gone(req, follower_gone);
	control_update_trace(control);
}

static void add_line(void *opaque, const char *line)
{
	json_object_array_add(opaque, json_object_new_string(line));
}

static void dump(struct control_request *req)
{
	struct trace *trace = vmbus_trace(request_control(req)->host.vmbus);
	struct json_object *result = json_object_new_object();
	struct json_object *lines = json_object_new_array();
	int64_t max = request_number(req, "max", 0);

	trace_dump(trace, max > 0 && max < UINT32_MAX ? (unsigned int)max : 0, add_line, lines);
	json_object_object_add(result, "lines", lines);
	request_done(req, result);
}

void verb_trace(struct control_request *req)
{
	if (request_flag(req, "follow"))
		follow(req);
	else
		dump(req);
}
