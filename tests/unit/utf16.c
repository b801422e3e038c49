// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/utf16.h"

#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#define UNITS_MAX 6

/* The same text in both encodings; the NUL is not counted. */
static const struct {
	u16 units[UNITS_MAX];
	u32 count;
	const char *utf8;
} same[] = {
	{ { 0 }, 0, "" },
	{ { 'a', 'b' }, 2, "ab" },
	{ { 0x7f }, 1, "\x7f" },
	{ { 0x80 }, 1, "\xc2\x80" },
	{ { 0x7ff }, 1, "\xdf\xbf" },
	{ { 0x800 }, 1, "\xe0\xa0\x80" },
	{ { 0xd7ff }, 1, "\xed\x9f\xbf" },
	{ { 0xe000 }, 1, "\xee\x80\x80" },
	{ { 0xffff }, 1, "\xef\xbf\xbf" },
	{ { 0xd800, 0xdc00 }, 2, "\xf0\x90\x80\x80" },
	{ { 0xdbff, 0xdfff }, 2, "\xf4\x8f\xbf\xbf" },
	{ { 'x', 0xd83d, 0xde00, 0xe4, 'y' }, 5, "x\xf0\x9f\x98\x80\xc3\xa4y" },
};

static void both_ways(void **state)
{
	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(same); i++) {
		u32 len = strlen(same[i].utf8), bytes = 2 * same[i].count;
		u16 *units = exact_copy(same[i].units, bytes);
		char *utf8 = exact_copy(same[i].utf8, len);
		char *text = exact_block(len + 1);
		u8 *wide = exact_block(bytes + 2);

		assert_case(i, hvp_utf16_to_utf8(units, same[i].count, text, len + 1) == (int)len);
		assert_case(i, strcmp(text, same[i].utf8) == 0);
		assert_case(i, hvp_utf8_to_utf16(utf8, len, wide, bytes + 2) == (int)bytes + 2);
		assert_case(i, memcmp(wide, same[i].units, bytes) == 0);
		assert_case(i, wide[bytes] == 0 && wide[bytes + 1] == 0);
		free(wide);
		free(text);
		free(utf8);
		free(units);
	}
}

/* Every room that is too small is refused, and nothing is written behind it. */
static void room_short_by_any(void **state)
{
	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(same); i++) {
		u32 len = strlen(same[i].utf8), bytes = 2 * same[i].count;

		for (u32 room = 0; room <= len; room++) {
			char *text = exact_block(room);

			memset(text, 'x', room);
			assert_case(i, hvp_utf16_to_utf8(same[i].units, same[i].count, text, room) ==
				       -EMSGSIZE);
			assert_case(i, !room || text[0] == '\0');
			free(text);
		}
		for (u32 room = 0; room < bytes + 2; room++) {
			void *wide = exact_block(room);

			assert_case(i, hvp_utf8_to_utf16(same[i].utf8, len, wide, room) ==
				       -EMSGSIZE);
			free(wide);
		}
	}
}

static void bad_utf16(void **state)
{
	static const struct {
		u16 units[UNITS_MAX];
		u32 count;
		int result;
	} cases[] = {
		{ { 0xd800 }, 1, -EILSEQ },
		{ { 0xdbff }, 1, -EILSEQ },
		{ { 0xdc00 }, 1, -EILSEQ },
		{ { 0xdfff }, 1, -EILSEQ },
		{ { 'a', 0xd800 }, 2, -EILSEQ },
		{ { 0xd800, 'a' }, 2, -EILSEQ },
		{ { 0xd800, 0xdbff }, 2, -EILSEQ },
		{ { 0xd800, 0xe000 }, 2, -EILSEQ },
		{ { 0xd800, 0xd800, 0xdc00 }, 3, -EILSEQ },
		{ { 0xdc00, 0xd800 }, 2, -EILSEQ },
		{ { 0xdc00, 0xdc00 }, 2, -EILSEQ },
		{ { 0xd800, 0 }, 2, -EILSEQ },
		{ { 0 }, 1, -EINVAL },
		{ { 'a', 0, 'b' }, 3, -EINVAL },
		{ { 'a', 0 }, 2, -EINVAL },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		void *units = exact_copy(cases[i].units, 2 * cases[i].count);
		char text[32] = "old";

		assert_case(i, hvp_utf16_to_utf8(units, cases[i].count, text, sizeof(text)) ==
			       cases[i].result);
		assert_case(i, text[0] == '\0');
		free(units);
	}
}

static void bad_utf8(void **state)
{
	static const struct {
		const char *utf8;
		u32 len;
		int result;
	} cases[] = {
		{ "\x80", 1, -EILSEQ },			/* no lead */
		{ "\xbf", 1, -EILSEQ },
		{ "\xc2", 1, -EILSEQ },			/* cut */
		{ "\xe0\xa0", 2, -EILSEQ },
		{ "\xf0\x90\x80", 3, -EILSEQ },
		{ "\xc2" "a", 2, -EILSEQ },
		{ "\xc2\xc2", 2, -EILSEQ },
		{ "\xe0\xa0" "a", 3, -EILSEQ },
		{ "\xf0\x90\x80" "a", 4, -EILSEQ },
		{ "\xc0\x80", 2, -EILSEQ },		/* overlong */
		{ "\xc1\xbf", 2, -EILSEQ },
		{ "\xe0\x9f\xbf", 3, -EILSEQ },
		{ "\xf0\x8f\xbf\xbf", 4, -EILSEQ },
		{ "\xed\xa0\x80", 3, -EILSEQ },		/* surrogates */
		{ "\xed\xbf\xbf", 3, -EILSEQ },
		{ "\xf4\x90\x80\x80", 4, -EILSEQ },	/* above U+10FFFF */
		{ "\xf7\xbf\xbf\xbf", 4, -EILSEQ },
		{ "\xf8\x88\x80\x80\x80", 5, -EILSEQ },	/* five bytes */
		{ "\xfe", 1, -EILSEQ },
		{ "\xff", 1, -EILSEQ },
		{ "a\x80", 2, -EILSEQ },
		{ "\0", 1, -EINVAL },
		{ "a\0b", 3, -EINVAL },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		char *utf8 = exact_copy(cases[i].utf8, cases[i].len);
		u8 wide[32];

		assert_case(i, hvp_utf8_to_utf16(utf8, cases[i].len, wide, sizeof(wide)) ==
			       cases[i].result);
		free(utf8);
	}
}

static void length_of_fields(void **state)
{
	static const u16 text[] = { 'a', 'b', 0, 'c' };
	char *utf8 = exact_copy("ab\0c", 4);

	(void)state;
	assert_int_equal(hvp_utf16_length(text, 4), 2);
	assert_int_equal(hvp_utf16_length(text, 3), 2);
	assert_int_equal(hvp_utf16_length(text, 2), 2);
	assert_int_equal(hvp_utf16_length(text, 0), 0);
	assert_int_equal(hvp_utf8_length(utf8, 4), 2);
	assert_int_equal(hvp_utf8_length(utf8, 3), 2);
	assert_int_equal(hvp_utf8_length(utf8, 2), -EINVAL);
	assert_int_equal(hvp_utf8_length(utf8, 0), -EINVAL);
	free(utf8);
}

static void sized(void **state)
{
	static const struct {
		u16 units[UNITS_MAX];
		u32 bytes, field;
		int result;
	} cases[] = {
		{ { 'a', 'b', 0 }, 6, 6, 2 },
		{ { 'a', 'b', 0 }, 6, 12, 2 },
		{ { 'a', 'b' }, 4, 4, 2 },		/* without its NUL */
		{ { 'a', 'b', 'c' }, 4, 6, 2 },		/* the size ends it */
		{ { 0 }, 2, 2, 0 },
		{ { 0 }, 0, 2, 0 },
		{ { 0 }, 0, 0, 0 },
		{ { 'a', 'b', 0 }, 8, 6, -EINVAL },
		{ { 'a', 'b', 0 }, 6, 4, -EINVAL },
		{ { 'a', 'b', 0 }, 5, 6, -EINVAL },
		{ { 'a', 'b', 0 }, 1, 6, -EINVAL },
		{ { 'a' }, 0xfffffffe, 2, -EINVAL },
		{ { 'a', 0, 0 }, 6, 6, -EINVAL },
		{ { 'a', 0, 'b', 0 }, 8, 8, -EINVAL },
		{ { 0xd800, 0 }, 4, 4, -EILSEQ },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		void *field = exact_copy(cases[i].units, cases[i].field);
		char text[32] = "old";

		assert_case(i, hvp_utf16_sized(field, cases[i].bytes, cases[i].field, text,
					       sizeof(text)) == cases[i].result);
		assert_case(i, cases[i].result > 0 ? strcmp(text, "ab") == 0 : text[0] == '\0');
		free(field);
	}
	assert_int_equal(hvp_utf16_sized("", 1, 0, NULL, 0), -EINVAL);
	assert_int_equal(hvp_utf16_sized("", 0, 0, NULL, 0), -EMSGSIZE);
}

static void field_ends_with_a_nul(void **state)
{
	static const u16 text[] = { 'a', 'b', 0, 0xd800 };
	char out[8] = "old";

	(void)state;
	assert_int_equal(hvp_utf16_field(text, 8, out, sizeof(out)), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(hvp_utf16_field(text, 6, out, sizeof(out)), 2);
	assert_int_equal(hvp_utf16_field(text, 4, out, sizeof(out)), -EINVAL);
	assert_string_equal(out, "");
	assert_int_equal(hvp_utf16_field(text, 5, out, sizeof(out)), -EINVAL);
	assert_int_equal(hvp_utf16_field(text, 0, out, sizeof(out)), -EINVAL);
	assert_int_equal(hvp_utf16_field(text, 0, NULL, 0), -EINVAL);
	assert_int_equal(hvp_utf16_field(text + 2, 2, out, sizeof(out)), 0);
	assert_int_equal(hvp_utf16_field(text + 3, 2, out, sizeof(out)), -EINVAL);
	assert_int_equal(hvp_utf16_field(text, 6, out, 2), -EMSGSIZE);
}

/* In a message a text begins anywhere. */
static void any_alignment(void **state)
{
	u8 bytes[9] = { 0, 'a', 0, 'b', 0, 0, 0 };
	char text[4];

	(void)state;
	assert_int_equal(hvp_utf16_field(bytes + 1, 6, text, sizeof(text)), 2);
	assert_int_equal(hvp_utf8_to_utf16("xyz", 3, bytes + 1, 8), 8);
	assert_int_equal(hvp_utf16_field(bytes + 1, 8, text, sizeof(text)), 3);
	assert_string_equal(text, "xyz");
}

static void every_code_point(void **state)
{
	(void)state;
	for (u32 code = 1; code <= 0x110000; code++) {
		bool valid = code < 0xd800 || (code >= 0xe000 && code <= 0x10ffff);
		u8 utf8[4] = { 0xf0 | code >> 18, 0x80 | (code >> 12 & 0x3f),
			       0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f) };
		u8 *start = utf8;
		char again[5];
		u8 wide[6];
		u32 found;
		int ret;

		if (code < 0x80) {
			start = utf8 + 3;
			utf8[3] = code;
		} else if (code < 0x800) {
			start = utf8 + 2;
			utf8[2] = 0xc0 | code >> 6;
		} else if (code < 0x10000) {
			start = utf8 + 1;
			utf8[1] = 0xe0 | code >> 12;
		}
		ret = hvp_utf8_char((char *)start, utf8 + 4 - start, &found);
		assert_case(code, ret == (valid ? utf8 + 4 - start : -EILSEQ));
		if (!valid)
			continue;
		assert_case(code, found == code);
		ret = hvp_utf8_to_utf16((char *)start, utf8 + 4 - start, wide, sizeof(wide));
		assert_case(code, ret == (code < 0x10000 ? 4 : 6));
		ret = hvp_utf16_field(wide, ret, again, sizeof(again));
		assert_case(code, ret == utf8 + 4 - start && !memcmp(again, start, ret));
	}
}

static void noise_never_overruns(void **state)
{
	struct random random = random_start("utf16");

	(void)state;
	for (u32 round = 0; round < 20000; round++) {
		u32 len = random_next(&random) % 12, room = random_next(&random) % 12;
		char *bytes = exact_block(len), *out = exact_block(room);

		for (u32 i = 0; i < len; i++)
			bytes[i] = (char)random_next(&random);
		hvp_utf8_to_utf16(bytes, len, out, room);
		hvp_utf16_to_utf8(bytes, len / 2, out, room);
		free(out);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(room_short_by_any),
		cmocka_unit_test(bad_utf16),
		cmocka_unit_test(bad_utf8),
		cmocka_unit_test(length_of_fields),
		cmocka_unit_test(sized),
		cmocka_unit_test(field_ends_with_a_nul),
		cmocka_unit_test(any_alignment),
		cmocka_unit_test(every_code_point),
		cmocka_unit_test(noise_never_overruns),
	};

	return cmocka_run_group_tests_name("utf16", tests, NULL, NULL);
}
