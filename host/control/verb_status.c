// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/agent.h"
#include "host/control/control_private.h"
#include "host/log.h"
#include "host/machine/vm.h"
#include "host/vmbus/channel.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/device.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/shutdown.h"
#include "host/vsp/storvsp.h"
#include "host/vsp/vsp.h"
#include "protocol/version.h"

/* status: what there is and what state it is in. checker: what the guest did wrong. */

static struct json_object *describe_vmbus(const struct control *control)
{
	struct json_object *object = json_object_new_object();
	uint32_t version = vmbus_version(control->host.vmbus);

	put_string(object, "state", vmbus_state_name(vmbus_state(control->host.vmbus)));
	put_version(object, "version", hvp_version_major(version), hvp_version_minor(version));
	return object;
}

static struct json_object *describe_channel(const struct vmbus_channel *ch)
{
	struct json_object *object = json_object_new_object();

	put_number(object, "relid", channel_relid(ch));
	put_number(object, "sub_channel", channel_sub_index(ch));
	put_string(object, "state", channel_state_name(channel_state(ch)));
	put_number(object, "target_vp", channel_target_vp(ch));
	put_number(object, "ring_out", channel_ring_bytes(ch, true));
	put_number(object, "ring_in", channel_ring_bytes(ch, false));
	put_number(object, "transactions", channel_txn_count(ch));
	put_flag(object, "rescinded", channel_rescinded(ch));
	put_flag(object, "broken", channel_broken(ch));
	return object;
}

static struct json_object *describe_channels(const struct control *control,
					     const struct vmbus_device *device)
{
	struct json_object *array = json_object_new_array();
	struct vmbus_channel *ch = NULL;

	while ((ch = vmbus_channel_next(control->host.vmbus, ch))) {
		if (channel_device(ch) == device)
			json_object_array_add(array, describe_channel(ch));
	}
	return array;
}

static const char *device_state_name(enum vmbus_device_state state)
{
	static const char *const names[] = {
		[VMBUS_DEVICE_WITHDRAWN] = "withdrawn",
		[VMBUS_DEVICE_OFFERED] = "offered",
		[VMBUS_DEVICE_RESCINDED] = "rescinded",
	};

	return names[state];
}

static struct json_object *describe_device(const struct control *control,
					   const struct vmbus_device *device)
{
	const struct vmbus_device_params *params = vmbus_device_params(device);
	struct json_object *object = json_object_new_object();
	char guid[HVP_GUID_STRLEN];

	put_string(object, "name", vmbus_device_name(device));
	put_string(object, "state", device_state_name(vmbus_device_state(device)));
	hvp_guid_format(&params->class_id, guid);
	put_string(object, "class", guid);
	hvp_guid_format(&params->instance_id, guid);
	put_string(object, "instance", guid);
	json_object_object_add(object, "channels", describe_channels(control, device));
	return object;
}

static struct json_object *describe_devices(const struct control *control)
{
	struct json_object *array = json_object_new_array();
	struct vmbus_device *device = NULL;

	while ((device = vmbus_device_next(control->host.vmbus, device)))
		json_object_array_add(array, describe_device(control, device));
	return array;
}

static struct json_object *describe_storage(const struct control *control)
{
	struct json_object *array = json_object_new_array();
	struct storvsp_info info;
	unsigned int i;

	for (i = 0; i < DISKSPEC_CONTROLLERS; i++) {
		struct storvsp *vsp = vsp_controller(control->host.vsp, i);
		struct json_object *object = json_object_new_object();

		storvsp_info(vsp, &info);
		put_string(object, "name", storvsp_name(vsp));
		put_string(object, "state", info.state);
		put_version(object, "version", info.version >> 8, info.version & 0xff);
		put_number(object, "in_flight", info.in_flight);
		put_number(object, "requests", info.requests);
		put_number(object, "resets", info.resets);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *describe_checker(const struct control *control)
{
	const struct checker *checker = vmbus_checker(control->host.vmbus);
	struct json_object *object = json_object_new_object();

	put_number(object, "violations", checker_total(checker));
	put_number(object, "rules", checker_rules_broken(checker));
	return object;
}

void verb_status(struct control_request *req)
{
	const struct control *control = request_control(req);
	struct json_object *result = json_object_new_object();
	struct vsp *vsp = control->host.vsp;

	put_string(result, "state", vm_paused(control->host.vm) ? "paused" : "running");
	put_number(result, "uptime_ms", log_uptime_ns() / 1000000);
	put_number(result, "vcpus", vm_cpus(control->host.vm));
	json_object_object_add(result, "vmbus", describe_vmbus(control));
	put_string(result, "agent", agent_is_ready(control->agent) ? "ready" : "absent");
	json_object_object_add(result, "heartbeat", describe_heartbeat(control));
	json_object_object_add(result, "shutdown", describe_service(shutdown_ic(vsp_shutdown(vsp))));
	json_object_object_add(result, "services", describe_services(control));
	json_object_object_add(result, "checker", describe_checker(control));
	json_object_object_add(result, "devices", describe_devices(control));
	json_object_object_add(result, "storage", describe_storage(control));
	request_done(req, result);
}

static struct json_object *describe_violation(const struct checker_violation *v)
{
	const struct checker_rule_info *rule = checker_rule_info(v->rule);
	struct json_object *object = json_object_new_object();

	put_string(object, "rule", rule->id);
	put_string(object, "name", rule->name);
	put_string(object, "sentence", rule->sentence);
	put_number(object, "relid", v->relid);
	put_number(object, "time_us", v->time_ns / 1000);
	put_string(object, "text", v->text);
	return object;
}

void verb_checker(struct control_request *req)
{
	const struct checker *checker = vmbus_checker(request_control(req)->host.vmbus);
	struct json_object *result = json_object_new_object();
	struct json_object *list = json_object_new_array();
	const struct checker_violation *v;
	unsigned int i;

	for (i = 0; (v = checker_violation(checker, i)); i++)
		json_object_array_add(list, describe_violation(v));
	put_number(result, "violations", checker_total(checker));
	put_number(result, "rules", checker_rules_broken(checker));
	json_object_object_add(result, "list", list);
	request_done(req, result);
}
