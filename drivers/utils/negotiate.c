// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/utils/negotiate.h"

static const struct hvp_ic_version frameworks[] = { { 3, 0 }, { 1, 0 } };

int util_negotiate(void *body, u32 len, struct util_versions versions, struct util_agreed *agreed)
{
	struct hvp_ic_negotiate *negotiate = body;
	int framework, message;

	if (hvp_ic_negotiate_check(body, len))
		return -EBADMSG;

	framework = hvp_ic_select(negotiate->versions, negotiate->framework_count, frameworks,
				  HVP_COUNT_OF(frameworks));
	message = hvp_ic_select(negotiate->versions + negotiate->framework_count,
				negotiate->message_count, versions.list, versions.count);
	if (framework < 0 || message < 0) {
		negotiate->framework_count = 0;
		negotiate->message_count = 0;
		return -ENOENT;
	}

	agreed->framework = frameworks[framework];
	agreed->message = versions.list[message];
	negotiate->framework_count = 1;
	negotiate->message_count = 1;
	negotiate->versions[0] = agreed->framework;
	negotiate->versions[1] = agreed->message;
	return 0;
}
