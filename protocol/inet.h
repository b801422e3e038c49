/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_INET_H
#define PROTOCOL_INET_H

#include "protocol/types.h"

/* Internet addresses as text, for code that has no libc. Addresses are in network order. */

#define HVP_IPV4_STRLEN	16u	/* with the NUL */
#define HVP_IPV6_STRLEN	46u

/**
 * hvp_ipv4_parse() - read exactly "a.b.c.d", decimal, without leading zeros
 * @text:	@len bytes
 * @address:	4 bytes, written only on success
 *
 * Return: 0, or -EINVAL.
 */
int hvp_ipv4_parse(const char *text, u32 len, u8 *address);

/**
 * hvp_ipv6_parse() - read an IPv6 address (RFC 4291 section 2.2), no zone
 * @address:	16 bytes, written only on success
 *
 * Return: 0, or -EINVAL.
 */
int hvp_ipv6_parse(const char *text, u32 len, u8 *address);

/**
 * hvp_ipv4_format() - write the usual text
 * @text:	HVP_IPV4_STRLEN bytes
 *
 * Return: bytes without the NUL.
 */
u32 hvp_ipv4_format(const u8 *address, char *text);

/**
 * hvp_ipv6_format() - write the short text (RFC 5952)
 * @text:	HVP_IPV6_STRLEN bytes
 *
 * Return: bytes without the NUL.
 */
u32 hvp_ipv6_format(const u8 *address, char *text);

/**
 * hvp_prefix_parse() - read a prefix length, "64" or "/64"
 * @max:	128 or 32
 *
 * Return: the length, or -EINVAL.
 */
int hvp_prefix_parse(const char *text, u32 len, u32 max);

/**
 * hvp_ipv4_mask_length() - prefix length of a mask
 * Return: 0 ... 32, or -EINVAL when its ones do not stand together.
 */
int hvp_ipv4_mask_length(const u8 *mask);

/**
 * hvp_number_format() - write a number in decimal
 * @text:	21 bytes
 *
 * Return: bytes without the NUL.
 */
u32 hvp_number_format(u64 number, char *text);

#endif
