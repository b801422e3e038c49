// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/fcopy.h"

#include "tests/fuzz/fuzz.h"

static void start(const u8 *body)
{
	static struct hvp_fcopy_start built;
	static struct hvp_fcopy_file file, again;

	if (hvp_fcopy_read_start(body, &file))
		return;
	require(file.name[0] && hvp_utf8_length(file.name, sizeof(file.name)) > 0);
	require(hvp_utf8_length(file.path, sizeof(file.path)) >= 0);
	require(hvp_fcopy_build_start(&built, &file) == sizeof(built));
	require(hvp_fcopy_read_start(&built, &again) == 0);
	require(strcmp(file.name, again.name) == 0 && strcmp(file.path, again.path) == 0);
	require(file.size == again.size && file.flags == again.flags);
}

static void write(const u8 *body, u32 len)
{
	static struct hvp_fcopy_write built;
	struct hvp_fcopy_chunk chunk, again;

	if (hvp_fcopy_read_write(body, len, &chunk))
		return;
	require(chunk.size <= HVP_FCOPY_DATA_MAX && chunk.data + chunk.size <= body + len);
	require(chunk.offset + chunk.size <= 0x7fffffffffffffff);
	require(hvp_fcopy_build_write(&built, &chunk) == sizeof(built));
	require(hvp_fcopy_read_write(&built, sizeof(built), &again) == 0);
	require(again.offset == chunk.offset && again.size == chunk.size);
	require(memcmp(again.data, chunk.data, chunk.size) == 0);
}

/* body */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 *body = input_block(&in, size);
	int op = hvp_fcopy_check(body, size);

	require(op < HVP_FCOPY_OP_COUNT);
	if (op >= 0)
		require(hvp_fcopy_reply_check(body, size, op) == 0);
	if (op == HVP_FCOPY_START)
		start(body);
	if (op == HVP_FCOPY_WRITE)
		write(body, size);
	free(body);
	return 0;
}
