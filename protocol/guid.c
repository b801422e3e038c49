// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/guid.h"

/*
 * Where each byte of the wire form stands in the text: the first three fields
 * are printed as numbers, highest byte first, the rest byte by byte.
 *
 *   wire    d9 63 61 ba  a1 04  29 4d  b6 05 72 e2 ff b1 dc 7f
 *   text    ba6163d9    -04a1  -4d29  -b605  -72e2ffb1dc7f
 */
static const u8 text_order[16] = {
	3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
};

static bool dash_before(unsigned int i)
{
	return i == 4 || i == 6 || i == 8 || i == 10;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void hvp_guid_format(const struct hvp_guid *g, char *buf)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int i;

	for (i = 0; i < sizeof(g->b); i++) {
		u8 byte = g->b[text_order[i]];

		if (dash_before(i))
			*buf++ = '-';
		*buf++ = digits[byte >> 4];
		*buf++ = digits[byte & 0xf];
	}
	*buf = '\0';
}

int hvp_guid_parse(const char *s, struct hvp_guid *g)
{
	bool braces = *s == '{';
	struct hvp_guid out;
	unsigned int i;

	s += braces;
	for (i = 0; i < sizeof(out.b); i++) {
		int high, low;

		if (dash_before(i) && *s++ != '-')
			return -EINVAL;
		high = hex_value(s[0]);
		if (high < 0)
			return -EINVAL;
		low = hex_value(s[1]);
		if (low < 0)
			return -EINVAL;
		out.b[text_order[i]] = high << 4 | low;
		s += 2;
	}
	if (braces && *s++ != '}')
		return -EINVAL;
	if (*s)
		return -EINVAL;

	*g = out;
	return 0;
}
