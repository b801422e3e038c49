// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/utf16.h"

#define SURROGATE_HIGH	0xd800u		/* first of a pair: ... 0xdbff */
#define SURROGATE_LOW	0xdc00u		/* second: ... 0xdfff */
#define SURROGATE_END	0xe000u
#define PLANE_1		0x10000u	/* what needs a pair */
#define CODE_MAX	0x10ffffu

/* By length: what marks the lead byte, and the lowest code that needs that many bytes. */
static const struct {
	u8 mark, mask;
	u32 lowest;
} forms[] = {
	[1] = { 0x00, 0x80, 0 },
	[2] = { 0xc0, 0xe0, 0x80 },
	[3] = { 0xe0, 0xf0, 0x800 },
	[4] = { 0xf0, 0xf8, PLANE_1 },
};

static u32 unit_at(const void *text, u32 index)
{
	u16 unit;

	memcpy(&unit, (const u8 *)text + 2 * index, sizeof(unit));
	return unit;
}

static bool is_surrogate(u32 code)
{
	return code >= SURROGATE_HIGH && code < SURROGATE_END;
}

u32 hvp_utf16_length(const void *text, u32 units)
{
	u32 i;

	for (i = 0; i < units; i++)
		if (unit_at(text, i) == 0)
			break;
	return i;
}

/* Return: units read, or an error. */
static int read_unit(const void *text, u32 at, u32 units, u32 *code)
{
	u32 first = unit_at(text, at);
	u32 second;

	if (first == 0)
		return -EINVAL;
	*code = first;
	if (!is_surrogate(first))
		return 1;
	if (first >= SURROGATE_LOW || units - at < 2)
		return -EILSEQ;
	second = unit_at(text, at + 1);
	if (second < SURROGATE_LOW || second >= SURROGATE_END)
		return -EILSEQ;
	*code = PLANE_1 + ((first - SURROGATE_HIGH) << 10) + (second - SURROGATE_LOW);
	return 2;
}

static u32 utf8_bytes(u32 code)
{
	u32 bytes = 1;

	while (bytes < 4 && code >= forms[bytes + 1].lowest)
		bytes++;
	return bytes;
}

static void write_utf8(char *out, u32 code, u32 bytes)
{
	u32 i;

	for (i = bytes - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	out[0] = (char)(forms[bytes].mark | code);
}

static int convert_to_utf8(const void *text, u32 units, char *out, u32 room)
{
	u32 at = 0, used = 0;

	while (at < units) {
		u32 code, bytes;
		int read = read_unit(text, at, units, &code);

		if (read < 0)
			return read;
		bytes = utf8_bytes(code);
		if (bytes >= room - used)
			return -EMSGSIZE;
		write_utf8(out + used, code, bytes);
		used += bytes;
		at += read;
	}
	out[used] = '\0';
	return used;
}

int hvp_utf16_to_utf8(const void *text, u32 units, char *out, u32 room)
{
	int ret;

	if (room == 0)
		return -EMSGSIZE;
	ret = convert_to_utf8(text, units, out, room);
	if (ret < 0)
		out[0] = '\0';
	return ret;
}

int hvp_utf16_sized(const void *text, u32 bytes, u32 field, char *out, u32 room)
{
	u32 units = bytes / 2;

	if (bytes % 2 || bytes > field) {
		if (room)
			out[0] = '\0';
		return -EINVAL;
	}
	if (units && unit_at(text, units - 1) == 0)
		units--;
	return hvp_utf16_to_utf8(text, units, out, room);
}

int hvp_utf16_field(const void *text, u32 field, char *out, u32 room)
{
	u32 units = hvp_utf16_length(text, field / 2);

	if (units == field / 2) {
		if (room)
			out[0] = '\0';
		return -EINVAL;
	}
	return hvp_utf16_to_utf8(text, units, out, room);
}

int hvp_utf8_length(const char *text, u32 room)
{
	u32 i;

	for (i = 0; i < room; i++)
		if (text[i] == '\0')
			return i;
	return -EINVAL;
}

/* Bytes that the lead byte announces; 0 when it is none. */
static u32 announced(u8 lead)
{
	u32 bytes;

	for (bytes = 1; bytes < HVP_COUNT_OF(forms); bytes++)
		if ((lead & forms[bytes].mask) == forms[bytes].mark)
			return bytes;
	return 0;
}

int hvp_utf8_char(const char *text, u32 len, u32 *code)
{
	u32 bytes = announced((u8)text[0]);
	u32 value, i;

	if (bytes == 0 || bytes > len)
		return -EILSEQ;
	value = (u8)text[0] & (u8)~forms[bytes].mask;
	for (i = 1; i < bytes; i++) {
		if (((u8)text[i] & 0xc0) != 0x80)
			return -EILSEQ;
		value = value << 6 | ((u8)text[i] & 0x3f);
	}
	if (value < forms[bytes].lowest || value > CODE_MAX || is_surrogate(value))
		return -EILSEQ;
	*code = value;
	return bytes;
}

static u32 write_utf16(u16 *out, u32 code)
{
	if (code < PLANE_1) {
		out[0] = (u16)code;
		return 1;
	}
	out[0] = (u16)(SURROGATE_HIGH + ((code - PLANE_1) >> 10));
	out[1] = (u16)(SURROGATE_LOW + ((code - PLANE_1) & 0x3ff));
	return 2;
}

int hvp_utf8_to_utf16(const char *text, u32 len, void *out, u32 room)
{
	u32 at = 0, used = 0;

	while (at < len) {
		u32 code, bytes;
		u16 units[2];
		int read = hvp_utf8_char(text + at, len - at, &code);

		if (read < 0)
			return read;
		if (code == 0)
			return -EINVAL;
		bytes = 2 * write_utf16(units, code);
		if (bytes > room - used)
			return -EMSGSIZE;
		memcpy((u8 *)out + used, units, bytes);
		used += bytes;
		at += read;
	}
	if (room - used < 2)
		return -EMSGSIZE;
	memset((u8 *)out + used, 0, 2);
	return used + 2;
}
