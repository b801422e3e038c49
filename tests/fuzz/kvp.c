// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/kvp.h"
#include "protocol/kvp_ip.h"

#include "tests/fuzz/fuzz.h"

static const char *text_of(const char *text, u32 room)
{
	require(hvp_utf8_length(text, room) >= 0);
	return text;
}

/* What a guest has read, and what it answers, the host can say and read. */
static void pairs(u8 *body, u32 len, enum hvp_kvp_op op)
{
	static struct hvp_kvp_request request;
	static struct hvp_kvp_item item;
	static char key[HVP_KVP_KEY_ROOM] = "Key";

	if (hvp_kvp_read(body, &request))
		return;
	require(request.op == op && request.pool < HVP_KVP_POOL_COUNT);
	text_of(request.key, sizeof(request.key));
	text_of(request.value, sizeof(request.value));
	require((op == HVP_KVP_ENUMERATE) == (request.key[0] == '\0'));
	if (op != HVP_KVP_GET && op != HVP_KVP_ENUMERATE)
		return;
	/* A key that came without its NUL fills its field, and the answer keeps it. */
	if (hvp_kvp_reply(body, key, key) || op == HVP_KVP_GET)
		return;
	require(hvp_kvp_reply_check(body, len, op, &item) == 0);
	require(strcmp(item.key, key) == 0 && strcmp(item.value, key) == 0);
}

static void answer(const u8 *body, u32 len)
{
	static struct hvp_kvp_message built;
	static struct hvp_kvp_item item;

	if (hvp_kvp_reply_check(body, len, HVP_KVP_GET, &item) &&
	    hvp_kvp_reply_check(body, len, HVP_KVP_ENUMERATE, &item))
		return;
	text_of(item.key, sizeof(item.key));
	text_of(item.value, sizeof(item.value));
	require(hvp_kvp_build_set(&built, HVP_KVP_GUEST, &item) == sizeof(built));
}

/* major version, body */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct hvp_ic_version version = { input_u8(&in), 0 };
	u32 len = in.left;
	u8 *body = input_block(&in, len);
	int op = hvp_kvp_check(body, len, version);

	require(op < HVP_KVP_OP_COUNT);
	answer(body, len);
	if (op >= 0 && op < HVP_KVP_GET_IP)
		pairs(body, len, op);
	free(body);
	return 0;
}
