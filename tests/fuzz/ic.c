// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/ic.h"

#include "tests/fuzz/fuzz.h"

static void negotiate(const void *body, u32 body_len)
{
	static const struct hvp_ic_version ours[] = { { 3, 2 }, { 3, 0 }, { 1, 0 } };
	const struct hvp_ic_negotiate *n = body;
	int chosen;

	if (hvp_ic_negotiate_check(body, body_len))
		return;
	chosen = hvp_ic_select(n->versions, n->framework_count, ours, HVP_COUNT_OF(ours));
	require(chosen == -ENOENT || (chosen >= 0 && chosen < (int)HVP_COUNT_OF(ours)));
	chosen = hvp_ic_select(n->versions + n->framework_count, n->message_count, ours,
			       HVP_COUNT_OF(ours));
	require(chosen == -ENOENT || (chosen >= 0 && chosen < (int)HVP_COUNT_OF(ours)));
}

/* one payload as it comes from the ring */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 *bytes = input_block(&in, size);
	const struct hvp_ic_header *hdr, *again;
	const void *body, *body_again;
	u32 len, len_again;

	if (hvp_ic_check(bytes, size, &hdr, &body, &len) == 0) {
		require((const u8 *)body + len <= bytes + size);
		negotiate(body, len);
		require(hvp_ic_frame(bytes, size, hdr, len) == (int)(28 + len));
		require(hvp_ic_check(bytes, 28 + len, &again, &body_again, &len_again) == 0);
		require(len_again == len);
	}
	free(bytes);
	return 0;
}
