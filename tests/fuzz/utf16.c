// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/utf16.h"

#include "tests/fuzz/fuzz.h"

/* What converts one way converts back to the same bytes. */
static void from_utf16(const u8 *bytes, u32 len, u32 room)
{
	char *text = malloc(room + 1);
	u8 *again = malloc(len + 2);
	int ret;

	require(text && again);
	ret = hvp_utf16_to_utf8(bytes, len / 2, text, room);
	if (ret >= 0) {
		require((u32)ret < room && text[ret] == '\0' && hvp_utf8_length(text, room) == ret);
		require(hvp_utf8_to_utf16(text, ret, again, len + 2) == (int)(len / 2 * 2 + 2));
		require(memcmp(again, bytes, len / 2 * 2) == 0);
	}
	hvp_utf16_sized(bytes, room, len, text, room);
	hvp_utf16_field(bytes, len, text, room);
	free(again);
	free(text);
}

static void from_utf8(const char *bytes, u32 len, u32 room)
{
	char *again = malloc(len + 1);
	u8 *wide = malloc(room + 1);
	int ret;

	require(wide && again);
	ret = hvp_utf8_to_utf16(bytes, len, wide, room);
	if (ret >= 0) {
		require((u32)ret <= room && ret % 2 == 0);
		require(hvp_utf16_field(wide, ret, again, len + 1) == (int)len);
		require(memcmp(again, bytes, len) == 0);
	}
	free(wide);
	free(again);
}

/* room, text in either encoding */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u32 room = input_u8(&in) * 2u;
	u32 len = in.left;
	u8 *bytes = input_block(&in, len);

	from_utf16(bytes, len, room);
	from_utf8((const char *)bytes, len, room);
	free(bytes);
	return 0;
}
