/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_KVP_IP_H
#define PROTOCOL_KVP_IP_H

#include "protocol/kvp.h"

/*
 * HVP_KVP_GET_IP and HVP_KVP_SET_IP: addresses of a network adapter. Message
 * version 4.0 carries them as lists in UTF-16, 5.0 in binary. Here both have one
 * native form, struct hvp_kvp_ip: lists in UTF-8, which is what daemons speak.
 *
 *   GET_IP  the adapter is a MAC address; the guest fills in the rest
 *   SET_IP  the adapter is the GUID of its VMBus instance
 */
#define HVP_KVP_ADAPTER_UNITS	128u	/* UTF-16, with the NUL */
#define HVP_KVP_LIST_UNITS	1024u
#define HVP_KVP_GATEWAY_UNITS	512u

#define HVP_KVP_FAMILY_NONE	0x0u
#define HVP_KVP_FAMILY_IPV4	0x1u
#define HVP_KVP_FAMILY_IPV6	0x2u
#define HVP_KVP_FAMILY_BOTH	0x3u

/* --- wire -------------------------------------------------------------------- */

/* 4.0. Lists are joined by ';' and end with a NUL. */
struct hvp_kvp_ip_text {
	u16 adapter[HVP_KVP_ADAPTER_UNITS];
	u8 families;		/* HVP_KVP_FAMILY_* */
	u8 dhcp;		/* IPv4 only */
	u16 addresses[HVP_KVP_LIST_UNITS];
	u16 subnets[HVP_KVP_LIST_UNITS];
	u16 gateways[HVP_KVP_GATEWAY_UNITS];
	u16 dns[HVP_KVP_LIST_UNITS];
} HVP_PACKED;
static_assert(sizeof(struct hvp_kvp_ip_text) == 7426, "KVP addresses, text");

struct hvp_kvp_ip_text_message {
	struct hvp_kvp_head head;
	struct hvp_kvp_ip_text ip;
} HVP_PACKED;
static_assert(offsetof(struct hvp_kvp_ip_text_message, ip) == 2, "KVP text addresses");
static_assert(sizeof(struct hvp_kvp_ip_text_message) == 7428, "KVP message of addresses");

#define HVP_KVP_IPS_MAX		64u	/* of a family: addresses, name servers */
#define HVP_KVP_GATEWAYS_MAX	5u	/* of a family */

enum hvp_kvp_origin {
	HVP_KVP_ORIGIN_UNKNOWN	= 0,
	HVP_KVP_ORIGIN_OTHER	= 1,	/* DHCP, router advertisement */
	HVP_KVP_ORIGIN_STATIC	= 2,
	HVP_KVP_ORIGIN_COUNT
};

struct hvp_ipv4 {
	u8 b[4];		/* network order */
} HVP_PACKED;

struct hvp_ipv6 {
	u8 b[16];
} HVP_PACKED;

/* 5.0 */
struct hvp_kvp_ip_binary {
	u32 ipv4_count;
	u32 ipv6_count;
	u32 ipv4_gateway_count;
	u32 ipv6_gateway_count;
	u32 ipv4_dns_count;
	u32 ipv6_dns_count;
	u16 adapter[HVP_KVP_ADAPTER_UNITS];
	u8 families;			/* HVP_KVP_FAMILY_* */
	u8 dhcp;			/* IPv4 only */
	u16 reserved;
	struct hvp_ipv4 ipv4[HVP_KVP_IPS_MAX];
	struct hvp_ipv6 ipv6[HVP_KVP_IPS_MAX];
	struct hvp_ipv4 ipv4_masks[HVP_KVP_IPS_MAX];
	u32 ipv6_prefixes[HVP_KVP_IPS_MAX];
	struct hvp_ipv4 ipv4_gateways[HVP_KVP_GATEWAYS_MAX];
	struct hvp_ipv6 ipv6_gateways[HVP_KVP_GATEWAYS_MAX];
	struct hvp_ipv4 ipv4_dns[HVP_KVP_IPS_MAX];
	struct hvp_ipv6 ipv6_dns[HVP_KVP_IPS_MAX];
	u16 origins[2 * HVP_KVP_IPS_MAX];	/* ipv4_count of them, then ipv6_count */
} HVP_PACKED;
static_assert(sizeof(struct hvp_kvp_ip_binary) == 3712, "KVP addresses, binary");

struct hvp_kvp_ip_binary_message {
	struct hvp_kvp_head head;
	u16 reserved;
	struct hvp_kvp_ip_binary ip;
} HVP_PACKED;
static_assert(offsetof(struct hvp_kvp_ip_binary_message, ip) == 4, "KVP binary addresses");
static_assert(sizeof(struct hvp_kvp_ip_binary_message) == 3716, "KVP binary addresses");

/* Hosts send this many bytes in either form. */
#define HVP_KVP_IP_MESSAGE_SIZE	7428u

/* --- native ------------------------------------------------------------------ */

/*
 * Each text is UTF-8 with a NUL. Lists are joined by ';'; the n-th subnet is of
 * the n-th address: a mask for IPv4, a prefix length ("64" or "/64") for IPv6.
 * The layout is that of struct hv_kvp_ipaddr_value in <linux/hyperv.h>.
 */
struct hvp_kvp_ip {
	char adapter[256];
	u8 families;
	u8 dhcp;
	char addresses[2048];
	char subnets[2048];
	char gateways[1024];
	char dns[2048];
} HVP_PACKED;
static_assert(sizeof(struct hvp_kvp_ip) == 7426, "as the daemons have it");

/**
 * hvp_kvp_ip_read() - the values of a GET_IP or SET_IP
 * @body:	that hvp_kvp_check() has accepted for @version
 * @version:	agreed message version
 * @ip:		partly written on failure; of a GET_IP the adapter only
 *
 * Of SET_IP every address is parsed, in both forms, so that nothing but
 * addresses, and as many subnets as addresses, gets to a daemon.
 *
 * Return: 0; -EINVAL for a text without an end or what is no address, -EILSEQ,
 * -EMSGSIZE. The answer is then HVP_HR_INVALID_ARGUMENT.
 */
int hvp_kvp_ip_read(const void *body, struct hvp_ic_version version, struct hvp_kvp_ip *ip);

/**
 * hvp_kvp_ip_reply() - put addresses into an answer to GET_IP, in place
 * @body:	of the request
 * @ip:		from a daemon; each text ends in its field. The adapter of the
 *		request is kept.
 *
 * What does not fit the message is cut between two addresses, and what is no
 * address among gateways and servers is left out: a name server with a zone
 * ("fe80::1%eth0") must not cost the host all the others. IPv4 addresses have
 * the origin OTHER with ip->dhcp and STATIC without; IPv6 UNKNOWN.
 *
 * Return: 0; -EINVAL for a text without an end, or addresses and subnets that
 * are not; the body is then unusable and the answer a failure.
 */
int hvp_kvp_ip_reply(void *body, struct hvp_ic_version version, const struct hvp_kvp_ip *ip);

/**
 * hvp_kvp_ip_build() - write a GET_IP or SET_IP
 * @body:	HVP_KVP_IP_MESSAGE_SIZE bytes
 * @version:	agreed with the guest
 * @ip:		of GET_IP the adapter only. Give a prefix as "64": in the lists of
 *		4.0, stock daemons do not read "/64".
 *
 * Return: bytes to send; -EOPNOTSUPP below 4.0; -EINVAL, -EILSEQ for what is no
 * address, -E2BIG or -EMSGSIZE for more than fits.
 */
int hvp_kvp_ip_build(void *body, struct hvp_ic_version version, enum hvp_kvp_op op,
		     const struct hvp_kvp_ip *ip);

/**
 * hvp_kvp_ip_reply_check() - read a successful answer to GET_IP
 * @body:	private copy
 * @len:	its bytes
 * @ip:		partly written on failure
 *
 * Return: 0, or -EBADMSG when it is no answer to GET_IP, or not proper.
 */
int hvp_kvp_ip_reply_check(const void *body, u32 len, struct hvp_ic_version version,
			   struct hvp_kvp_ip *ip);

/**
 * hvp_kvp_ip_check() - are all lists lists of addresses
 * Return: 0; -EINVAL for a text without an end, what is no address, or not as
 * many subnets as addresses.
 */
int hvp_kvp_ip_check(const struct hvp_kvp_ip *ip);

/**
 * hvp_kvp_ip_widen() - lists to the lists of the wire
 * @cut:	leave out what does not fit, and gateways and servers that are no
 *		addresses, instead of failing
 * @text:	its lists are filled whole, nothing else is written
 *
 * Return: 0; as hvp_kvp_ip_check(); -EMSGSIZE for more than fits without @cut.
 */
int hvp_kvp_ip_widen(const struct hvp_kvp_ip *ip, bool cut, struct hvp_kvp_ip_text *text);

/**
 * hvp_kvp_ip_pack() - lists to binary
 * @cut:	as for hvp_kvp_ip_widen()
 * @binary:	its counts, addresses, subnets, gateways and servers are filled,
 *		nothing else is written
 *
 * Return: 0; as hvp_kvp_ip_check(); -E2BIG for more than fits without @cut.
 */
int hvp_kvp_ip_pack(const struct hvp_kvp_ip *ip, bool cut, struct hvp_kvp_ip_binary *binary);

/**
 * hvp_kvp_ip_unpack() - binary to lists
 * @ip:		its lists are written, nothing else
 *
 * Return: 0; -EINVAL for a count, a mask or a prefix that cannot be; -EMSGSIZE
 * when the lists are too long, as 64 long IPv6 addresses would be.
 */
int hvp_kvp_ip_unpack(const struct hvp_kvp_ip_binary *binary, struct hvp_kvp_ip *ip);

#endif
