// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const uint8_t *in, size_t len, char *out)
{
	while (len) {
		size_t take = len < 3 ? len : 3;
		uint32_t bits = (uint32_t)in[0] << 16;

		if (take > 1)
			bits |= (uint32_t)in[1] << 8;
		if (take > 2)
			bits |= in[2];
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = take > 1 ? alphabet[bits >> 6 & 63] : '=';
		*out++ = take > 2 ? alphabet[bits & 63] : '=';
		in += take;
		len -= take;
	}
	*out = '\0';
}

/* Return: 0 … 63, or -1. */
static int value_of(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

long base64_decode(const char *text, uint8_t *out)
{
	size_t len = strlen(text);
	uint8_t *start = out;
	uint32_t bits = 0;
	size_t i;

	if (len % 4)
		return -1;
	while (len && text[len - 1] == '=')
		len--;
	for (i = 0; i < len; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4)
			*out++ = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	return out - start;
}
