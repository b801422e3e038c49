// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/get_ip.h"

#include <string.h>
#include <unistd.h>

#include "daemons/common/text.h"
#include "daemons/kvp/adapter.h"
#include "daemons/kvp/dns.h"
#include "daemons/kvp/ip_config.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/scripts.h"
#include "daemons/kvp/unit.h"

/*
 * Texts stand in fields of __u16, one byte a character. Their limit is that of
 * the wire, in UTF-16 units: what is longer would be cut in the middle.
 */
#define IP_LIMIT	MAX_IP_ADDR_SIZE
#define GATEWAY_LIMIT	MAX_GATEWAY_SIZE

static bool add(void *field, size_t limit, const char *item)
{
	return text_list_add(field, limit, item);
}

static void put_addresses(const struct network *network, int index, int family, bool link_local,
			  struct hv_kvp_ipaddr_value *value)
{
	char text[IP_TEXT_SIZE], mask[IP_TEXT_SIZE];
	size_t i;

	for (i = 0; i < network->address_count; i++) {
		const struct network_address *address = &network->addresses[i];
		const struct ip_address *ip = &address->prefix.address;

		if (address->index != index || ip->family != family || !address->is_usable ||
		    ip_is_link_local(ip) != link_local)
			continue;
		/* Masks are never longer than their addresses, but they come in a list of their own. */
		if (strlen((char *)value->sub_net) + IP_TEXT_SIZE > IP_LIMIT ||
		    !add(value->ip_addr, IP_LIMIT, ip_format(ip, text)))
			return;
		add(value->sub_net, IP_LIMIT, ip_format_mask(&address->prefix, mask));
		value->addr_family |= family == AF_INET ? ADDR_FAMILY_IPV4 : ADDR_FAMILY_IPV6;
		if (family == AF_INET && !address->is_permanent)
			value->dhcp_enabled = 1;
	}
}

void get_ip_from(const struct network *network, const struct network_link *link,
		 struct hv_kvp_ipaddr_value *value)
{
	char text[IP_TEXT_SIZE];
	size_t i;

	put_addresses(network, link->index, AF_INET, false, value);
	put_addresses(network, link->index, AF_INET, true, value);
	put_addresses(network, link->index, AF_INET6, false, value);
	put_addresses(network, link->index, AF_INET6, true, value);
	for (i = 0; i < network->gateway_count; i++) {
		if (network->gateways[i].index == link->index)
			add(value->gate_way, GATEWAY_LIMIT,
			    ip_format(&network->gateways[i].address, text));
	}
}

static void put_dns(int index, struct hv_kvp_ipaddr_value *value)
{
	struct ip_address servers[IP_CONFIG_SERVERS];
	size_t count = dns_servers(index, servers, IP_CONFIG_SERVERS), i;
	char text[IP_TEXT_SIZE];

	for (i = 0; i < count; i++)
		add(value->dns_addr, IP_LIMIT, ip_format(&servers[i], text));
}

static void put_rest(const struct network_link *link, struct hv_kvp_ipaddr_value *value)
{
	struct ip_address servers[IP_CONFIG_SERVERS];
	char text[IP_TEXT_SIZE];
	size_t count, i;

	if (!scripts_installed()) {
		put_dns(link->index, value);
		if (unit_runs("systemd-networkd.service") &&
		    !access(paths_at("/run/systemd/netif/leases/%d", link->index), F_OK))
			value->dhcp_enabled = 1;
		return;
	}
	count = scripts_get_dns(link->name, servers, IP_CONFIG_SERVERS);
	for (i = 0; i < count; i++)
		add(value->dns_addr, IP_LIMIT, ip_format(&servers[i], text));
	value->dhcp_enabled = scripts_get_dhcp(link->name);
}

int get_ip(struct hv_kvp_ipaddr_value *value, struct err *err)
{
	char id[MAX_ADAPTER_ID_SIZE];
	const struct network_link *link;
	struct network network;
	int ret = ip_config_adapter(value, id, err);

	if (!ret)
		ret = adapter_read(id, &network, &link, err);
	if (ret)
		return ret;
	memset(&value->addr_family, 0,
	       sizeof(*value) - offsetof(struct hv_kvp_ipaddr_value, addr_family));
	get_ip_from(&network, link, value);
	put_rest(link, value);
	network_free(&network);
	return 0;
}
