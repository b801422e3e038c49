/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_IP_CONFIG_H
#define DAEMONS_KVP_IP_CONFIG_H

#include <linux/hyperv.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemons/common/err.h"
#include "daemons/kvp/address.h"
#include "daemons/kvp/network.h"

#define IP_CONFIG_ADDRESSES	128	/* 64 of each family */
#define IP_CONFIG_SERVERS	128	/* as many as the host can name */

/* What one interface is to have. */
struct ip_config {
	char name[IF_NAMESIZE];		/* of the interface */
	int index;
	uint8_t mac[6];
	bool dhcp4;			/* then it has no IPv4 addresses and gateways here */
	struct ip_prefix addresses[IP_CONFIG_ADDRESSES];
	struct ip_address gateways[IP_CONFIG_SERVERS];
	struct ip_address dns[IP_CONFIG_SERVERS];
	size_t address_count, gateway_count, dns_count;
};

/**
 * ip_config_read() - what the host sent, as typed values
 * @value:	texts in UTF-8, one byte after the other in fields of __u16, as
 *		the driver has them
 * @config:	all but name, index and mac are filled in
 *
 * Every token must be an address, each address needs a mask, no interface may
 * have none of both families.
 *
 * Return: 0, or -EINVAL with a sentence that names the token
 */
int ip_config_read(const struct hv_kvp_ipaddr_value *value, struct ip_config *config,
		   struct err *err);

/* The adapter's id. Return: -EINVAL if it is no text. */
int ip_config_adapter(const struct hv_kvp_ipaddr_value *value,
		      char id[MAX_ADAPTER_ID_SIZE], struct err *err);

/**
 * ip_config_replaces() - has an address to go
 * @index:	of the interface
 *
 * Return: whether it is one that somebody configured there, of a family that
 * @config is about, and @config has it not
 */
bool ip_config_replaces(const struct ip_config *config, int index,
			const struct network_address *address);

/**
 * ip_config_matches() - does an interface have what it is to have
 * @before:	the network when it did not
 * @network:	the network now
 * @err:	what is missing, or still there
 *
 * All addresses of @config are there without an end, the first gateways are
 * there, and static addresses of before are not, unless @config has them, too.
 * With DHCP there is a lease. One that was removed and came back is of somebody
 * else, who keeps it there.
 */
bool ip_config_matches(const struct ip_config *config, const struct network *before,
		       const struct network *network, struct err *err);

bool ip_config_has(const struct ip_config *config, int family);

#endif
