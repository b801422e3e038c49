// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/inet.h"

#define GROUPS	8u		/* of 16 bits in an IPv6 address */

static int digit_value(char c, u32 base)
{
	u32 value;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = 10 + c - 'a';
	else if (c >= 'A' && c <= 'F')
		value = 10 + c - 'A';
	else
		return -EINVAL;
	return value < base ? (int)value : -EINVAL;
}

/* Return: digits read, at most @digits_max, 0 when there is none. */
static u32 read_number(const char *text, u32 len, u32 base, u32 digits_max, u32 *number)
{
	u32 digits = 0;

	*number = 0;
	while (digits < len && digits < digits_max) {
		int value = digit_value(text[digits], base);

		if (value < 0)
			break;
		*number = *number * base + value;
		digits++;
	}
	return digits;
}

/* All of @text is one decimal number without leading zeros, at most @max. */
static int read_decimal(const char *text, u32 len, u32 max)
{
	u32 number;

	if (len == 0 || read_number(text, len, 10, 3, &number) != len || number > max)
		return -EINVAL;
	if (len > 1 && text[0] == '0')
		return -EINVAL;
	return number;
}

static u32 find(const char *text, u32 len, char wanted)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (text[i] == wanted)
			break;
	return i;
}

int hvp_ipv4_parse(const char *text, u32 len, u8 *address)
{
	u8 bytes[4];
	u32 i;

	for (i = 0; i < sizeof(bytes); i++) {
		u32 part = find(text, len, '.');
		int value = read_decimal(text, part, 255);

		/* A dot behind all parts but the last. */
		if (value < 0 || (part < len) != (i < sizeof(bytes) - 1))
			return -EINVAL;
		bytes[i] = value;
		if (part < len)
			part++;
		text += part;
		len -= part;
	}
	memcpy(address, bytes, sizeof(bytes));
	return 0;
}

/* What is read so far of an IPv6 address. */
struct ipv6_text {
	const char *at;
	u32 left;
	u8 bytes[16];
	u32 used;		/* bytes */
	u32 gap;		/* bytes in front of "::"; beyond the last when there is none */
};

static bool is_next(const struct ipv6_text *text, char wanted)
{
	return text->left && text->at[0] == wanted;
}

static void skip(struct ipv6_text *text, u32 count)
{
	text->at += count;
	text->left -= count;
}

static bool read_gap(struct ipv6_text *text)
{
	if (text->left < 2 || text->at[0] != ':' || text->at[1] != ':' ||
	    text->gap <= sizeof(text->bytes))
		return false;
	text->gap = text->used;
	skip(text, 2);
	return true;
}

static bool read_group(struct ipv6_text *text)
{
	u32 number;
	u32 digits = read_number(text->at, text->left, 16, 4, &number);

	if (digits == 0 || text->used + 2 > sizeof(text->bytes))
		return false;
	text->bytes[text->used++] = number >> 8;
	text->bytes[text->used++] = number & 0xff;
	skip(text, digits);
	return true;
}

/* The last 32 bits may be written as an IPv4 address. */
static bool read_ipv4_tail(struct ipv6_text *text)
{
	if (text->used + 4 > sizeof(text->bytes) ||
	    hvp_ipv4_parse(text->at, text->left, text->bytes + text->used))
		return false;
	text->used += 4;
	skip(text, text->left);
	return true;
}

static bool read_groups(struct ipv6_text *text)
{
	while (text->left) {
		if (!read_ipv4_tail(text) && !read_group(text))
			return false;
		if (text->left == 0)
			return true;
		if (read_gap(text))
			continue;
		if (!is_next(text, ':') || text->left == 1)
			return false;
		skip(text, 1);
	}
	return true;
}

int hvp_ipv6_parse(const char *text, u32 len, u8 *address)
{
	struct ipv6_text in = { .at = text, .left = len, .gap = ~0u };
	u32 behind;

	read_gap(&in);
	if (!read_groups(&in))
		return -EINVAL;
	if (in.gap > sizeof(in.bytes)) {
		if (in.used != sizeof(in.bytes))
			return -EINVAL;
		memcpy(address, in.bytes, sizeof(in.bytes));
		return 0;
	}
	/* "::" stands for one group at least. */
	if (in.used > sizeof(in.bytes) - 2)
		return -EINVAL;
	behind = in.used - in.gap;
	memset(address, 0, sizeof(in.bytes));
	memcpy(address, in.bytes, in.gap);
	memcpy(address + sizeof(in.bytes) - behind, in.bytes + in.gap, behind);
	return 0;
}

static u32 write_number(u64 number, u32 base, char *text)
{
	static const char digits[] = "0123456789abcdef";
	char reversed[20];
	u32 count = 0, i;

	do {
		reversed[count++] = digits[number % base];
		number /= base;
	} while (number);
	for (i = 0; i < count; i++)
		text[i] = reversed[count - 1 - i];
	text[count] = '\0';
	return count;
}

u32 hvp_number_format(u64 number, char *text)
{
	return write_number(number, 10, text);
}

u32 hvp_ipv4_format(const u8 *address, char *text)
{
	u32 used = 0, i;

	for (i = 0; i < 4; i++) {
		if (i)
			text[used++] = '.';
		used += write_number(address[i], 10, text + used);
	}
	return used;
}

static u32 group_at(const u8 *address, u32 index)
{
	return (u32)address[2 * index] << 8 | address[2 * index + 1];
}

/* The first of the longest runs of zero groups; of two at least. */
static void longest_gap(const u8 *address, u32 *start, u32 *count)
{
	u32 i, run = 0;

	*start = GROUPS;
	*count = 0;
	for (i = 0; i < GROUPS; i++) {
		run = group_at(address, i) ? 0 : run + 1;
		if (run > 1 && run > *count) {
			*start = i + 1 - run;
			*count = run;
		}
	}
}

u32 hvp_ipv6_format(const u8 *address, char *text)
{
	u32 used = 0, i = 0, gap, gap_count;

	longest_gap(address, &gap, &gap_count);
	while (i < GROUPS) {
		if (i == gap) {
			text[used++] = ':';
			text[used++] = ':';
			i += gap_count;
			continue;
		}
		if (i && i != gap + gap_count)
			text[used++] = ':';
		used += write_number(group_at(address, i++), 16, text + used);
	}
	text[used] = '\0';
	return used;
}

int hvp_prefix_parse(const char *text, u32 len, u32 max)
{
	if (len && text[0] == '/') {
		text++;
		len--;
	}
	return read_decimal(text, len, max);
}

int hvp_ipv4_mask_length(const u8 *mask)
{
	u32 bits = (u32)mask[0] << 24 | (u32)mask[1] << 16 | (u32)mask[2] << 8 | mask[3];
	u32 zeros = ~bits;
	int length = 0;

	/* The zeros of a mask are 2^n - 1. */
	if (zeros & (zeros + 1))
		return -EINVAL;
	while (bits) {
		bits <<= 1;
		length++;
	}
	return length;
}
