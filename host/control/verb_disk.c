// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "host/control/control_private.h"
#include "host/vsp/scsi.h"
#include "host/vsp/storvsp.h"
#include "host/vsp/vsp.h"

/* disk: add, remove, resize, list, rescan. */

static struct json_object *describe_disk(unsigned int controller, const struct lun *lun)
{
	struct json_object *object = json_object_new_object();
	struct lun_info info;

	scsi_lun_info(lun, &info);
	put_number(object, "controller", controller);
	put_number(object, "lun", info.number);
	put_number(object, "bytes", info.bytes);
	put_number(object, "block_size", info.block_size);
	put_flag(object, "read_only", info.read_only);
	put_string(object, "serial", info.serial);
	return object;
}

static void list(struct control_request *req)
{
	struct vsp *vsp = request_control(req)->host.vsp;
	struct json_object *result = json_object_new_object();
	struct json_object *array = json_object_new_array();
	unsigned int controller, number;

	for (controller = 0; controller < DISKSPEC_CONTROLLERS; controller++) {
		for (number = 0; number < DISKSPEC_LUNS; number++) {
			struct lun *lun = vsp_lun(vsp, controller, number);

			if (lun)
				json_object_array_add(array, describe_disk(controller, lun));
		}
	}
	json_object_object_add(result, "disks", array);
	request_done(req, result);
}

static void add(struct control_request *req)
{
	struct vsp *vsp = request_control(req)->host.vsp;
	const char *text = request_string(req, "spec");
	struct err err = { .text = "" };
	struct disk_spec spec;
	int lun;

	if (!text)
		return request_fail(req, "argument \"spec\" is missing");
	if (diskspec_parse(text, &spec, &err))
		return request_fail(req, "%s", err.text);
	lun = vsp_add_disk(vsp, &spec, &err);
	if (lun < 0)
		return request_fail(req, "%s", err.text);
	request_done(req, describe_disk(spec.controller,
					vsp_lun(vsp, spec.controller, (unsigned int)lun)));
}

/* Return: false when the request has failed. */
static bool address(struct control_request *req, unsigned int *controller, unsigned int *lun)
{
	int64_t c = request_number(req, "controller", 0);
	int64_t l = request_number(req, "lun", -1);

	if (c < 0 || c >= DISKSPEC_CONTROLLERS || l < 0 || l >= DISKSPEC_LUNS) {
		request_fail(req, "\"controller\" must be 0 or 1, \"lun\" 0 to %d",
			     DISKSPEC_LUNS - 1);
		return false;
	}
	*controller = (unsigned int)c;
	*lun = (unsigned int)l;
	return true;
}

static void remove_disk(struct control_request *req)
{
	struct err err = { .text = "" };
	unsigned int controller, lun;

	if (!address(req, &controller, &lun))
		return;
	if (vsp_remove_disk(request_control(req)->host.vsp, controller, lun, &err))
		return request_fail(req, "%s", err.text);
	request_done(req, NULL);
}

static void resize(struct control_request *req)
{
	struct vsp *vsp = request_control(req)->host.vsp;
	const char *size = request_string(req, "size");
	struct err err = { .text = "" };
	unsigned int controller, lun;
	uint64_t bytes;

	if (!address(req, &controller, &lun))
		return;
	if (!size || diskspec_parse_size(size, &bytes))
		return request_fail(req, "\"size\" must be a size (examples: 65536, 64M, 3T)");
	if (vsp_resize_disk(vsp, controller, lun, bytes, &err))
		return request_fail(req, "%s", err.text);
	request_done(req, describe_disk(controller, vsp_lun(vsp, controller, lun)));
}

static void rescan(struct control_request *req)
{
	int64_t controller = request_number(req, "controller", 0);

	if (controller < 0 || controller >= DISKSPEC_CONTROLLERS)
		return request_fail(req, "\"controller\" must be 0 or 1");
	storvsp_announce(vsp_controller(request_control(req)->host.vsp,
					(unsigned int)controller));
	request_done(req, NULL);
}

void verb_disk(struct control_request *req)
{
	static const struct control_verb actions[] = {
		{ "list",	list },
		{ "add",	add },
		{ "remove",	remove_disk },
		{ "resize",	resize },
		{ "rescan",	rescan },
		{ 0 },
	};

	if (!request_run_action(req, actions))
		request_fail(req, "\"action\" must be list, add, remove, resize or rescan");
}
