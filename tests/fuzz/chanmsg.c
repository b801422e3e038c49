// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/chanmsg.h"
#include "protocol/version.h"

#include "tests/fuzz/fuzz.h"

/* direction, version index, message */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u32 versions[] = {
		0, HVP_V2_4, HVP_V3_0, HVP_V4_0, HVP_V4_1, HVP_V5_0, HVP_V5_1, HVP_V5_2, HVP_V5_3
	};
	struct input in = { data, size };
	enum hvp_direction dir = input_u8(&in) & 1 ? HVP_TO_HOST : HVP_TO_GUEST;
	u32 version = versions[input_u8(&in) % HVP_COUNT_OF(versions)];
	size_t len = in.left;
	union hvp_chanmsg *msg = input_block(&in, len);

	if (hvp_chanmsg_check(msg, len, dir, version) == 0) {
		require(len >= sizeof(msg->h) && len <= sizeof(*msg));
		require(strcmp(hvp_chanmsg_name(msg->h.type), "unknown") != 0);
		require(hvp_chanmsg_check(msg, len, !dir, version) == -EPROTO);
		if (msg->h.type == HVP_CM_OFFER_CHANNEL)
			require(msg->offer.relid >= 1 && msg->offer.relid <= HVP_MAX_RELID);
	} else if (len >= sizeof(msg->h)) {
		require(hvp_chanmsg_name(msg->h.type));
	}
	free(msg);
	return 0;
}
