/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_ADDRESS_H
#define DAEMONS_KVP_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Addresses as values. Text becomes one of these, or nothing. */
struct ip_address {
	int family;			/* AF_INET or AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];
	};
};

struct ip_prefix {
	struct ip_address address;
	uint8_t length;			/* of the prefix, in bits */
};

#define IP_TEXT_SIZE	64		/* an address, a slash, a length */

/* Return: 0, or -EINVAL for anything inet_pton() does not take. */
int ip_parse(const char *text, struct ip_address *address);

/**
 * ip_parse_length() - the length of a subnet mask of any spelling
 * @text:	"255.255.255.0", "ffff:ffff::", "/24" or "24"
 *
 * Return: 0, or -EINVAL for what is none, or none of @family
 */
int ip_parse_length(const char *text, int family, uint8_t *length);

/* "192.0.2.1"; "2001:db8::1" */
const char *ip_format(const struct ip_address *address, char text[IP_TEXT_SIZE]);
/* "192.0.2.1/24" */
const char *ip_format_prefix(const struct ip_prefix *prefix, char text[IP_TEXT_SIZE]);
/* "255.255.255.0"; for IPv6 "/64", as the stock daemon has it */
const char *ip_format_mask(const struct ip_prefix *prefix, char text[IP_TEXT_SIZE]);

bool ip_equal(const struct ip_address *a, const struct ip_address *b);
/* One interface may have it: not any, loopback, multicast or broadcast. */
bool ip_is_unicast(const struct ip_address *address);
bool ip_is_link_local(const struct ip_address *address);

#endif
