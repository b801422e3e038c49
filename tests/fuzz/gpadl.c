// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/gpadl.h"

#include "tests/fuzz/fuzz.h"

/* A sequence of messages, each a length byte and its bytes: a header, then bodies. */
struct join {
	struct hvp_gpadl_info info;
	u64 *pfns;
	u32 have;
	u32 next;
};

static u64 joined_pfn(void *opaque, u32 i)
{
	return ((struct join *)opaque)->pfns[i];
}

/* What was accepted is what building the list again gives, but for the free words. */
static void rebuild(struct join *join, const union hvp_chanmsg *msg, size_t len)
{
	union hvp_chanmsg same = { .h.type = 0 }, built;

	memcpy(&same, msg, len);
	same.h.padding = 0;
	if (join->next)
		same.gpadl_body.number = 0;
	same.h.type = join->next ? HVP_CM_GPADL_BODY : HVP_CM_GPADL_HEADER;
	require(hvp_gpadl_build(&join->info, join->next, joined_pfn, join, &built) == (int)len);
	require(memcmp(&same, &built, sizeof(built)) == 0);
}

static bool accept(struct join *join, const union hvp_chanmsg *msg, size_t len)
{
	u32 max = join->next ? HVP_GPADL_BODY_PFNS : HVP_GPADL_HEADER_PFNS;
	u64 *pfns = malloc(max * sizeof(*pfns));
	u32 count;
	int err;

	require(pfns);
	if (join->next == 0)
		err = hvp_gpadl_parse_header(msg, len, &join->info, pfns, &count);
	else
		err = hvp_gpadl_parse_body(msg, len, &join->info, join->have, join->next, pfns,
					   &count);
	if (!err) {
		require(count >= 1 && count <= max);
		require(join->info.pfn_count <= HVP_GPADL_MAX_PFNS);
		require(join->have + count <= join->info.pfn_count);
		memcpy(join->pfns + join->have, pfns, count * sizeof(*pfns));
		join->have += count;
		rebuild(join, msg, len);
		join->next++;
	}
	free(pfns);
	return !err;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct join join = { .pfns = calloc(HVP_GPADL_MAX_PFNS, sizeof(u64)) };
	bool good = true;

	require(join.pfns);
	while (good && in.left) {
		size_t len = input_u8(&in);
		union hvp_chanmsg *msg = input_block(&in, len);

		good = accept(&join, msg, len);
		free(msg);
	}
	if (join.next && join.have == join.info.pfn_count)
		require(join.next == hvp_gpadl_message_count(join.info.pfn_count));
	free(join.pfns);
	return 0;
}
