// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ip_parse(const char *text, struct ip_address *address)
{
	struct ip_address parsed = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(parsed.family, text, parsed.bytes) != 1)
		return -EINVAL;
	*address = parsed;
	return 0;
}

static unsigned int address_bits(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* Ones, then zeros: its length; else -1. */
static int mask_length(const struct ip_address *mask)
{
	unsigned int bits = address_bits(mask->family), length = 0, i;

	for (i = 0; i < bits; i++) {
		bool one = mask->bytes[i / 8] & (0x80 >> (i % 8));

		if (one && length != i)
			return -1;
		length += one;
	}
	return (int)length;
}

static int parse_number(const char *text, unsigned int max)
{
	char *end;
	unsigned long number;

	if (*text < '0' || *text > '9')
		return -1;
	number = strtoul(text, &end, 10);
	return *end || end - text > 3 || number > max ? -1 : (int)number;
}

int ip_parse_length(const char *text, int family, uint8_t *length)
{
	struct ip_address mask;
	int found;

	if (!ip_parse(text, &mask))
		found = mask.family == family ? mask_length(&mask) : -1;
	else
		found = parse_number(text + (*text == '/'), address_bits(family));
	if (found < 0)
		return -EINVAL;
	*length = (uint8_t)found;
	return 0;
}

const char *ip_format(const struct ip_address *address, char text[IP_TEXT_SIZE])
{
	if (!inet_ntop(address->family, address->bytes, text, IP_TEXT_SIZE))
		text[0] = '\0';
	return text;
}

const char *ip_format_prefix(const struct ip_prefix *prefix, char text[IP_TEXT_SIZE])
{
	size_t length = strlen(ip_format(&prefix->address, text));

	snprintf(text + length, IP_TEXT_SIZE - length, "/%u", prefix->length);
	return text;
}

const char *ip_format_mask(const struct ip_prefix *prefix, char text[IP_TEXT_SIZE])
{
	struct ip_address mask = { .family = AF_INET };

	if (prefix->address.family != AF_INET) {
		snprintf(text, IP_TEXT_SIZE, "/%u", prefix->length);
		return text;
	}
	mask.v4.s_addr = htonl(prefix->length ? ~0u << (32 - prefix->length) : 0);
	return ip_format(&mask, text);
}

bool ip_equal(const struct ip_address *a, const struct ip_address *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, address_bits(a->family) / 8);
}

bool ip_is_unicast(const struct ip_address *address)
{
	static const uint8_t loopback[16] = { [15] = 1 }, any[16];

	if (address->family == AF_INET)
		return address->bytes[0] && address->bytes[0] != 127 && address->bytes[0] < 224;
	return address->bytes[0] != 0xff && memcmp(address->bytes, loopback, 16) &&
	       memcmp(address->bytes, any, 16);
}

bool ip_is_link_local(const struct ip_address *address)
{
	if (address->family == AF_INET)
		return address->bytes[0] == 169 && address->bytes[1] == 254;
	return address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}
