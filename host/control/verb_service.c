// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/vsp/ic.h"
#include "host/vsp/vsp.h"

/* service: the integration services, and switching them on and off. */

void put_version(struct json_object *object, const char *key, unsigned int major,
		 unsigned int minor)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u", major, minor);
	json_object_object_add(object, key, major ? json_object_new_string(text) : NULL);
}

static const char *switch_name(const struct ic *ic)
{
	if (!ic_available(ic))
		return "absent";
	return ic_enabled(ic) ? "on" : "off";
}

struct json_object *describe_service(const struct ic *ic)
{
	struct hvp_ic_version framework = ic_framework(ic), message = ic_message(ic);
	struct json_object *object = json_object_new_object();

	put_string(object, "name", ic_name(ic));
	put_string(object, "switch", switch_name(ic));
	put_string(object, "service", ic_state_name(ic_state(ic)));
	put_version(object, "framework", framework.major, framework.minor);
	put_version(object, "version", message.major, message.minor);
	put_number(object, "outstanding", ic_outstanding(ic));
	return object;
}

struct json_object *describe_services(const struct control *control)
{
	const struct ic_set *set = vsp_services(control->host.vsp);
	struct json_object *array = json_object_new_array();
	const struct ic *ic = NULL;

	while ((ic = ic_next(set, ic)))
		json_object_array_add(array, describe_service(ic));
	return array;
}

static void list(struct control_request *req)
{
	const struct control *control = request_control(req);
	struct json_object *result = json_object_new_object();

	put_string(result, "generation",
		   hvp_generation_name(vsp_services(control->host.vsp)->generation));
	json_object_object_add(result, "services", describe_services(control));
	request_done(req, result);
}

static void change(struct control_request *req, bool on)
{
	const struct ic_set *set = vsp_services(request_control(req)->host.vsp);
	const char *name = request_string(req, "name");
	struct ic *ic;
	int ret;

	if (!name)
		return request_fail(req, "argument \"name\" is missing");
	ic = ic_find(set, name);
	if (!ic)
		return request_fail(req, "no service \"%.40s\"; `hvctl service` lists them", name);
	ret = ic_set_enabled(ic, on);
	if (ret == -EALREADY)
		request_fail(req, "%s is %s already", name, on ? "on" : "off");
	else if (ret == -EOPNOTSUPP)
		request_fail(req, "a host of generation %s has no %s",
			     hvp_generation_name(set->generation), name);
	else if (ret)
		request_fail(req, "%s: %s", name, strerror(-ret));
	else
		request_done(req, NULL);
}

void verb_service(struct control_request *req)
{
	const char *action = request_string(req, "action");

	if (!action || !strcmp(action, "list"))
		return list(req);
	if (!strcmp(action, "on") || !strcmp(action, "off"))
		return change(req, !strcmp(action, "on"));
	request_fail(req, "\"action\" must be list, on or off");
}
