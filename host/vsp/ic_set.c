// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "host/vmbus/device.h"
#include "host/vsp/ic_private.h"

bool ic_available(const struct ic *ic)
{
	return hvp_generation_messages(ic->set->generation, ic->service->type).count != 0;
}

bool ic_enabled(const struct ic *ic)
{
	return vmbus_device_state(ic->device) == VMBUS_DEVICE_OFFERED;
}

int ic_set_enabled(struct ic *ic, bool on)
{
	if (!ic_available(ic))
		return -EOPNOTSUPP;
	return on ? vmbus_device_offer(ic->device) : vmbus_device_rescind(ic->device);
}

const char *ic_name(const struct ic *ic)
{
	return ic->service->name;
}

enum ic_state ic_state(const struct ic *ic)
{
	return ic->core.state;
}

const char *ic_state_name(enum ic_state state)
{
	static const char *const names[IC_STATE_COUNT] = {
		[IC_CLOSED]		= "closed",
		[IC_NEGOTIATING]	= "negotiating",
		[IC_REFUSED]		= "refused",
		[IC_READY]		= "ready",
	};

	return names[state];
}

struct hvp_ic_version ic_framework(const struct ic *ic)
{
	return ic->core.framework;
}

struct hvp_ic_version ic_message(const struct ic *ic)
{
	return ic->core.message;
}

bool ic_message_at_least(const struct ic *ic, u16 major, u16 minor)
{
	struct hvp_ic_version message = ic->core.message;

	return message.major > major || (message.major == major && message.minor >= minor);
}

u32 ic_openings(const struct ic *ic)
{
	return ic->core.openings;
}

u32 ic_outstanding(const struct ic *ic)
{
	return ic->core.outstanding;
}

struct ic *ic_next(const struct ic_set *set, const struct ic *ic)
{
	return ic ? ic->next : set->first;
}

struct ic *ic_find(const struct ic_set *set, const char *name)
{
	struct ic *ic;

	for (ic = set->first; ic; ic = ic->next)
		if (!strcmp(ic->service->name, name))
			return ic;
	return NULL;
}

void ic_set_patience(struct ic *ic, u32 ms)
{
	ic->patience_ms = ms;
}

u32 ic_patience(const struct ic *ic)
{
	return ic->patience_ms;
}
