// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/vsp/ic.h"
#include "host/vsp/vsp.h"

/* service: the integration services, switching them on and off, and how long the host waits for them. */

#define PATIENCE_MAX_S	3600

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
	if (ic_patience(ic))
		put_number(object, "patience", ic_patience(ic) / 1000);
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

/* Return: the service of "name", or NULL when the request has failed. */
static struct ic *service_argument(struct control_request *req)
{
	const char *name = request_string(req, "name");
	struct ic *ic;

	if (!name) {
		request_fail(req, "argument \"name\" is missing");
		return NULL;
	}
	ic = ic_find(vsp_services(request_control(req)->host.vsp), name);
	if (!ic)
		request_fail(req, "no service \"%.40s\"; `hvctl service` lists them", name);
	return ic;
}

static void change(struct control_request *req, bool on)
{
	const struct ic_set *set = vsp_services(request_control(req)->host.vsp);
	struct ic *ic = service_argument(req);
	const char *name;
	int ret;

	if (!ic)
		return;
	name = ic_name(ic);
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

static void set_patience(struct control_request *req)
{
	int64_t seconds = request_number(req, "seconds", -1);
	struct ic *ic = service_argument(req);

	if (!ic)
		return;
	if (seconds < 0 || seconds > PATIENCE_MAX_S)
		return request_fail(req, "\"seconds\" must be 0 to %d", PATIENCE_MAX_S);
	ic_set_patience(ic, (u32)seconds * 1000);
	request_done(req, NULL);
}

void verb_service(struct control_request *req)
{
	const char *action = request_string(req, "action");

	if (!action || !strcmp(action, "list"))
		return list(req);
	if (!strcmp(action, "on") || !strcmp(action, "off"))
		return change(req, !strcmp(action, "on"));
	if (!strcmp(action, "patience"))
		return set_patience(req);
	request_fail(req, "\"action\" must be list, on, off or patience");
}
