// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/vss.h"

#include "tests/fuzz/fuzz.h"

/* major version, body */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct hvp_vss_lun luns[HVP_VSS_LUNS_MAX];
	static u8 built[HVP_VSS_SIZE_MAX];
	struct input in = { data, size };
	struct hvp_ic_version version = { input_u8(&in), 0 };
	u32 len = in.left, flags;
	u8 *body = input_block(&in, len);
	struct hvp_vss_request request, again;
	int ret;

	if (hvp_vss_request_check(body, len, version, &request) == 0) {
		require(hvp_vss_op_known(request.op, version));
		require(request.lun_count <= HVP_VSS_LUNS_MAX);
		if (len >= 12)
			hvp_vss_reply_flags(body, HVP_VSS_NO_AUTO_RECOVERY);
		require(hvp_vss_reply_check(body, len, request.op, &flags) == 0);
		ret = hvp_vss_build(built, version, &request, luns);
		require(ret > 0);
		require(hvp_vss_request_check(built, ret, version, &again) == 0);
		require(request.op == again.op && request.lun_count == again.lun_count);
		require(request.flags == again.flags && request.backup_type == again.backup_type);
	}
	for (u32 op = 0; op < HVP_VSS_OP_COUNT; op++)
		hvp_vss_reply_check(body, len, op, &flags);
	free(body);
	return 0;
}
