// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/kvp_ip.h"

#include "tests/fuzz/fuzz.h"

static struct hvp_kvp_ip ip, again;
static u8 built[HVP_KVP_IP_MESSAGE_SIZE];

/* What a guest takes from the host, the host can say; and in either form the same. */
static void request(const u8 *body, struct hvp_ic_version version, enum hvp_kvp_op op)
{
	if (hvp_kvp_ip_read(body, version, &ip))
		return;
	require(hvp_kvp_ip_check(&ip) == 0);
	require(hvp_kvp_ip_build(built, version, op, &ip) == (int)sizeof(built));
	require(hvp_kvp_ip_read(built, version, &again) == 0);
	require(strcmp(ip.adapter, again.adapter) == 0);
	if (version.major >= 5)
		require(memcmp(&ip, &again, sizeof(ip)) == 0);
}

/* What a daemon says, in both forms. */
static void reply(struct input *in)
{
	const struct hvp_ic_version versions[] = { { 4, 0 }, { 5, 0 } };

	input_take(in, &ip, sizeof(ip));
	for (u32 i = 0; i < HVP_COUNT_OF(versions); i++) {
		struct hvp_kvp_ip adapter = { .adapter = "00:15:5D:00:00:01" };
		int ret;

		require(hvp_kvp_ip_build(built, versions[i], HVP_KVP_GET_IP, &adapter) > 0);
		ret = hvp_kvp_ip_reply(built, versions[i], &ip);
		require(ret == 0 || ret == -EINVAL);
		if (ret)
			continue;
		ret = hvp_kvp_ip_reply_check(built, sizeof(built), versions[i], &again);
		/* 64 of the longest are more than the lists of this side can hold. */
		require(ret == 0 || versions[i].major == 5);
	}
}

/* major version, 0xff for a daemon's answer; body, or struct hvp_kvp_ip */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct hvp_ic_version version = { input_u8(&in), 0 };
	u32 len = in.left;
	u8 *body;
	int op;

	if (version.major == 0xff) {
		reply(&in);
		return 0;
	}
	body = input_block(&in, len);
	op = hvp_kvp_check(body, len, version);
	if (op >= HVP_KVP_GET_IP) {
		hvp_kvp_ip_reply_check(body, len, version, &ip);
		request(body, version, op);
	}
	free(body);
	return 0;
}
