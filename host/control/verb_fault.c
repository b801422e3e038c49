// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "host/control/control_private.h"
#include "host/vmbus/fault.h"
#include "host/vmbus/vmbus.h"

/* fault: arm, list, clear, and the points there are. */

static void arm(struct control_request *req)
{
	struct fault *fault = vmbus_fault(request_control(req)->host.vmbus);
	const char *text = request_string(req, "text");
	struct err err = { .text = "" };
	struct json_object *result;
	u32 id;

	if (!text)
		return request_fail(req, "argument \"text\" is missing");
	if (fault_arm(fault, text, &id, &err))
		return request_fail(req, "%s", err.text);
	result = json_object_new_object();
	put_number(result, "id", id);
	request_done(req, result);
}

static void list(struct control_request *req)
{
	struct fault *fault = vmbus_fault(request_control(req)->host.vmbus);
	struct json_object *result = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct fault_info info;
	unsigned int i;

	for (i = 0; fault_list(fault, i, &info); i++) {
		struct json_object *object = json_object_new_object();

		put_number(object, "id", info.id);
		put_string(object, "text", info.text);
		put_number(object, "hits", info.hits);
		put_number(object, "fires", info.fires);
		put_flag(object, "spent", info.spent);
		json_object_array_add(array, object);
	}
	json_object_object_add(result, "faults", array);
	request_done(req, result);
}

static void clear(struct control_request *req)
{
	struct fault *fault = vmbus_fault(request_control(req)->host.vmbus);
	int64_t id = request_number(req, "id", 0);
	struct json_object *result;

	if (id < 0 || id > UINT32_MAX)
		return request_fail(req, "\"id\" is out of range");
	result = json_object_new_object();
	put_number(result, "cleared", fault_clear(fault, (u32)id));
	request_done(req, result);
}

static void points(struct control_request *req)
{
	struct fault *fault = vmbus_fault(request_control(req)->host.vmbus);
	struct json_object *result = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct fault_point_info info;
	unsigned int i;

	for (i = 0; i < FAULT_POINT_COUNT; i++) {
		struct json_object *object = json_object_new_object();

		fault_point_info(fault, i, &info);
		put_string(object, "name", info.name);
		put_number(object, "hits", info.hits);
		put_number(object, "fires", info.fires);
		put_string(object, "description", info.description);
		json_object_array_add(array, object);
	}
	json_object_object_add(result, "points", array);
	request_done(req, result);
}

void verb_fault(struct control_request *req)
{
	static const struct control_verb actions[] = {
		{ "arm",	arm },
		{ "list",	list },
		{ "clear",	clear },
		{ "points",	points },
		{ 0 },
	};

	if (!request_run_action(req, actions))
		request_fail(req, "\"action\" must be arm, list, clear or points");
}
