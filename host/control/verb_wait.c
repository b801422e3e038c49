// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "host/control/agent.h"
#include "host/control/control_private.h"
#include "host/machine/loop.h"
#include "host/vmbus/channel.h"
#include "host/vmbus/device.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/heartbeat.h"
#include "host/vsp/vsp.h"

/*
 * wait: answer when a condition holds. Conditions are looked at every few
 * milliseconds: no layer below has to know who might be waiting for what.
 */
#define LOOK_NS		5000000ull
#define TIMEOUT_MAX	1000000

struct condition {
	const char *name;
	bool needs_device;
	/* NULL: only the end of the run answers. @count: argument "count", at least 1. */
	bool (*holds)(const struct control *control, struct vmbus_device *device, int64_t count);
};

struct wait {
	struct wait *next;		/* in control->waits */
	struct control *control;
	struct control_request *req;
	const struct condition *condition;
	struct vmbus_device *device;
	int64_t count;
	uint64_t give_up_ns;		/* 0: never */
	struct loop_timer *timer;
};

static bool agent_ready(const struct control *control, struct vmbus_device *device, int64_t count)
{
	(void)device;
	(void)count;
	return agent_is_ready(control->agent);
}

static bool heartbeat_ok(const struct control *control, struct vmbus_device *device, int64_t count)
{
	const struct heartbeat_state *state = heartbeat_state(vsp_heartbeat(control->host.vsp));

	(void)device;
	return state->pulse == HEARTBEAT_OK && (int64_t)state->answered >= count;
}

static bool heartbeat_lost(const struct control *control, struct vmbus_device *device,
			   int64_t count)
{
	(void)device;
	(void)count;
	return heartbeat_state(vsp_heartbeat(control->host.vsp))->pulse == HEARTBEAT_LOST;
}

static bool offers_delivered(const struct control *control, struct vmbus_device *device,
			     int64_t count)
{
	(void)device;
	(void)count;
	return vmbus_state(control->host.vmbus) == VMBUS_RUNNING;
}

/* @usable: only those that were not rescinded. */
static int64_t open_channels(const struct control *control, const struct vmbus_device *device,
			     bool usable)
{
	struct vmbus_channel *ch = NULL;
	int64_t open = 0;

	while ((ch = vmbus_channel_next(control->host.vmbus, ch))) {
		if (channel_device(ch) == device && channel_state(ch) == CHANNEL_OPEN)
			open += !usable || !channel_rescinded(ch);
	}
	return open;
}

static bool channel_is_open(const struct control *control, struct vmbus_device *device,
			    int64_t count)
{
	return open_channels(control, device, true) >= count;
}

static bool channels_closed(const struct control *control, struct vmbus_device *device,
			    int64_t count)
{
	(void)count;
	return open_channels(control, device, false) == 0;
}

static bool device_withdrawn(const struct control *control, struct vmbus_device *device,
			     int64_t count)
{
	(void)control;
	(void)count;
	return vmbus_device_state(device) == VMBUS_DEVICE_WITHDRAWN;
}

static const struct condition conditions[] = {
	{ "agent",		false,	agent_ready },
	{ "heartbeat",		false,	heartbeat_ok },
	{ "heartbeat-lost",	false,	heartbeat_lost },
	{ "offers",		false,	offers_delivered },
	{ "channel-open",	true,	channel_is_open },
	{ "channel-closed",	true,	channels_closed },
	{ "withdrawn",		true,	device_withdrawn },
	{ "powered-off",	false,	NULL },
};

static void free_wait(struct wait *wait)
{
	struct wait **link;

	for (link = &wait->control->waits; *link != wait; link = &(*link)->next)
		;
	*link = wait->next;
	loop_timer_destroy(wait->timer);
	free(wait);
}

static void look(void *opaque)
{
	struct wait *wait = opaque;
	struct control_request *req = wait->req;
	const struct condition *condition = wait->condition;

	if (condition->holds && condition->holds(wait->control, wait->device, wait->count)) {
		free_wait(wait);
		return request_done(req, NULL);
	}
	if (wait->give_up_ns && loop_now_ns() >= wait->give_up_ns) {
		free_wait(wait);
		return request_fail(req, "timed out waiting for %s", condition->name);
	}
	loop_timer_arm(wait->timer, LOOK_NS);
}

static void client_gone(struct control_request *req)
{
	free_wait(request_state(req));
}

static const struct condition *find_condition(const char *name)
{
	unsigned int i;

	for (i = 0; name && i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (!strcmp(conditions[i].name, name))
			return &conditions[i];
	}
	return NULL;
}

static void start(struct control_request *req, struct wait *wait)
{
	struct control *control = request_control(req);
	int64_t seconds = request_number(req, "timeout", 0);

	wait->control = control;
	wait->req = req;
	wait->count = request_number(req, "count", 1);
	if (seconds > 0)
		wait->give_up_ns = loop_now_ns() + (uint64_t)seconds * 1000000000u;
	wait->next = control->waits;
	control->waits = wait;
	request_set_state(req, wait);
	request_on_gone(req, client_gone);
	look(wait);
}

void verb_wait(struct control_request *req)
{
	const struct condition *condition = find_condition(request_string(req, "for"));
	struct vmbus_device *device = NULL;
	struct wait *wait;

	if (!condition)
		return request_fail(req, "\"for\" names no condition that can be waited for");
	if (request_number(req, "count", 1) < 1)
		return request_fail(req, "\"count\" is at least 1");
	if (request_number(req, "timeout", 0) < 0 || request_number(req, "timeout", 0) > TIMEOUT_MAX)
		return request_fail(req, "\"timeout\" is from 0 to %d seconds", TIMEOUT_MAX);
	if (condition->needs_device) {
		device = request_device(req);
		if (!device)
			return;
	}
	wait = calloc(1, sizeof(*wait));
	if (wait)
		wait->timer = loop_timer_create(request_control(req)->host.loop, look, wait);
	if (!wait || !wait->timer) {
		free(wait);
		return request_fail(req, "out of memory");
	}
	wait->condition = condition;
	wait->device = device;
	start(req, wait);
}

static const char *reason_name(enum host_exit reason)
{
	static const char *const names[] = {
		[HOST_EXIT_OFF] = "off",		[HOST_EXIT_FAILURE] = "failure",
		[HOST_EXIT_USAGE] = "usage",		[HOST_EXIT_RESET] = "reset",
		[HOST_EXIT_CRASH] = "crash",		[HOST_EXIT_FAULT] = "fault",
		[HOST_EXIT_TIME_LIMIT] = "time-limit",	[HOST_EXIT_CHECKER] = "checker",
		[HOST_EXIT_STOPPED] = "stopped",
	};

	return names[reason];
}

static void answer_end(struct control_request *req, enum host_exit reason)
{
	struct json_object *result = json_object_new_object();

	put_string(result, "reason", reason_name(reason));
	put_number(result, "exit", (uint64_t)reason);
	request_done(req, result);
}

void control_answer_waits(struct control *control, enum host_exit reason)
{
	struct wait *wait;

	while ((wait = control->waits)) {
		struct control_request *req = wait->req;
		bool for_the_end = !wait->condition->holds;

		free_wait(wait);
		if (for_the_end)
			answer_end(req, reason);
		else
			request_fail(req, "the run ended");
	}
}
