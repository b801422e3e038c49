// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/ic.h"

static bool offers(const struct hvp_ic_version *offered, u32 count, struct hvp_ic_version wanted)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (offered[i].major == wanted.major && offered[i].minor == wanted.minor)
			return true;
	return false;
}

int hvp_ic_select(const struct hvp_ic_version *offered, u32 count,
		  const struct hvp_ic_version *ours, u32 our_count)
{
	u32 i;

	if (count > HVP_IC_VERSIONS_MAX)
		return -ENOENT;

	for (i = 0; i < our_count; i++)
		if (offers(offered, count, ours[i]))
			return i;
	return -ENOENT;
}

int hvp_ic_negotiate_check(const void *body, u32 body_len)
{
	const struct hvp_ic_negotiate *negotiate = body;
	u32 framework, message;

	if (body_len < sizeof(*negotiate))
		return -EBADMSG;

	framework = negotiate->framework_count;
	message = negotiate->message_count;
	if (framework > HVP_IC_VERSIONS_MAX || message > HVP_IC_VERSIONS_MAX)
		return -EBADMSG;
	if ((framework + message) * sizeof(negotiate->versions[0]) > body_len - sizeof(*negotiate))
		return -EBADMSG;
	return 0;
}
