// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/shutdown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/vsp/ic.h"

#define REASON_PLANNED	0x80000000u

struct shutdown {
	struct ic *ic;
	shutdown_cb cb;		/* of the request in flight */
	void *opaque;
};

static void tell(struct shutdown *sd, bool was_answered, uint32_t status)
{
	shutdown_cb cb = sd->cb;

	sd->cb = NULL;
	if (cb)
		cb(sd->opaque, was_answered, status);
}

static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	(void)body;
	(void)len;
	tell(opaque, true, status);
}

static void closed(void *opaque)
{
	tell(opaque, false, 0);
}

static const struct ic_service service = {
	.name		= "shutdown",
	.class_id	= HVP_CLASS_SHUTDOWN,
	.instance_id	= HVP_GUID(0xb6650ff7, 0x33bc, 0x4840, 0x80, 0x48, 0xe0, 0x67, 0x67, 0x86,
				   0xf3, 0x93),
	.type		= HVP_IC_SHUTDOWN,
	.answered	= answered,
	.closed		= closed,
};

int shutdown_create(struct shutdown **out, struct ic_set *set, struct err *err)
{
	struct shutdown *sd = calloc(1, sizeof(*sd));
	int ret;

	if (!sd)
		return err_set(err, -ENOMEM, "out of memory");
	ret = ic_create(&sd->ic, set, &service, sd, err);
	if (ret) {
		free(sd);
		return ret;
	}
	*out = sd;
	return 0;
}

void shutdown_destroy(struct shutdown *sd)
{
	if (!sd)
		return;
	ic_destroy(sd->ic);
	free(sd);
}

static bool can_restart(const struct shutdown *sd)
{
	return ic_message_at_least(sd->ic, 3, 1);
}

int shutdown_request(struct shutdown *sd, bool restart, shutdown_cb cb, void *opaque)
{
	struct hvp_ic_shutdown body = {
		.reason = REASON_PLANNED,
		.flags = restart ? HVP_SHUTDOWN_RESTART : 0,
	};
	int ret;

	if (ic_state(sd->ic) != IC_READY)
		return -ENOTCONN;
	if (restart && !can_restart(sd))
		return -EOPNOTSUPP;
	if (sd->cb)
		return -EBUSY;
	ret = ic_request(sd->ic, &body, sizeof(body));
	if (ret)
		return ret;
	sd->cb = cb;
	sd->opaque = opaque;
	return 0;
}

void shutdown_forget(struct shutdown *sd, void *opaque)
{
	if (sd->opaque == opaque)
		sd->cb = NULL;
}

const struct ic *shutdown_ic(const struct shutdown *sd)
{
	return sd->ic;
}
