// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/vmbus/device.h"

/* offer and rescind a device by name. */

struct vmbus_device *request_device(struct control_request *req)
{
	const char *name = request_string(req, "device");
	struct vmbus_device *device;

	if (!name) {
		request_fail(req, "argument \"device\" is missing");
		return NULL;
	}
	device = vmbus_device_find(request_control(req)->host.vmbus, name);
	if (!device)
		request_fail(req, "no device \"%.40s\"", name);
	return device;
}

static void change(struct control_request *req, int (*act)(struct vmbus_device *device),
		   const char *already)
{
	struct vmbus_device *device = request_device(req);
	int ret;

	if (!device)
		return;
	ret = act(device);
	if (ret == -EALREADY)
		request_fail(req, "%s is %s already", vmbus_device_name(device), already);
	else if (ret)
		request_fail(req, "%s: %s", vmbus_device_name(device), strerror(-ret));
	else
		request_done(req, NULL);
}

void verb_offer(struct control_request *req)
{
	change(req, vmbus_device_offer, "offered");
}

static void rescind_sub(struct control_request *req, int64_t index)
{
	struct vmbus_device *device = request_device(req);

	if (!device)
		return;
	if (index < 1 || index > UINT16_MAX || vmbus_device_rescind_sub(device, (u16)index))
		return request_fail(req, "%s has no sub-channel %lld", vmbus_device_name(device),
				    (long long)index);
	request_done(req, NULL);
}

/* "sub_channel": only that one. */
void verb_rescind(struct control_request *req)
{
	int64_t index = request_number(req, "sub_channel", 0);

	if (index)
		return rescind_sub(req, index);
	change(req, vmbus_device_rescind, "rescinded");
}
