/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_NETWORK_H
#define DAEMONS_KVP_NETWORK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemons/kvp/address.h"

/* What the kernel says about interfaces, addresses and default routes, at one moment. */
struct network_link {
	int index;
	char name[IF_NAMESIZE];
	uint8_t mac[6];
	bool has_mac;
	bool loopback;
	bool has_carrier;
	int master;			/* index of the bridge, bond, ... it is part of; or 0 */
};

struct network_address {
	int index;			/* of the link */
	struct ip_prefix prefix;
	bool is_permanent;		/* false: it has a lifetime, as from DHCP */
	bool is_automatic;		/* IPv6, made from what a router announces */
	bool is_usable;			/* false: duplicate detection failed */
	bool is_tentative;		/* duplicate detection is not over */
	uint32_t created;		/* when, 10 ms: one that was removed and came back has another */
};

struct network_gateway {
	int index;
	struct ip_address address;
	uint32_t metric;
};

struct network {
	struct network_link *links;
	struct network_address *addresses;
	struct network_gateway *gateways;	/* best metric first */
	size_t link_count, address_count, gateway_count;
};

/* More of each are left out. */
#define NETWORK_LIMIT	16384

/**
 * network_read() - ask the kernel (rtnetlink)
 *
 * Return: 0, and network_free() is due; or a negative errno
 */
int network_read(struct network *network);
void network_free(struct network *network);

const struct network_link *network_find(const struct network *network, const char *name);
bool network_has_address(const struct network *network, int index, int family);

#endif
