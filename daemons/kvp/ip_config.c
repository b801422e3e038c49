// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/ip_config.h"

#include <errno.h>
#include <string.h>

#include "daemons/common/text.h"

#define FAMILY_LIMIT	64
#define TOKEN_SIZE	64

/* A list "a;b;c" in a field of the message. */
struct list {
	const char *what;
	const char *at;		/* what is left; NULL at the end */
};

static int open_list(struct list *list, const char *what, const void *field, size_t size,
		     struct err *err)
{
	list->what = what;
	list->at = field;
	if (text_from_field(field, size) < 0)
		return err_set(err, -EINVAL, "the list of %s is no text", what);
	return 0;
}

/* Return: 1 and the next token without blanks around it, 0 at the end, -EINVAL if too long. */
static int next_token(struct list *list, char token[TOKEN_SIZE], struct err *err)
{
	size_t length;

	while (list->at) {
		const char *start = list->at + strspn(list->at, "; ");

		length = strcspn(start, ";");
		list->at = start[length] ? start + length + 1 : NULL;
		while (length && start[length - 1] == ' ')
			length--;
		if (!length)
			continue;
		if (length >= TOKEN_SIZE)
			return err_set(err, -EINVAL, "an entry of %zu bytes among the %s", length,
				       list->what);
		memcpy(token, start, length);
		token[length] = '\0';
		return 1;
	}
	return 0;
}

static int next_address(struct list *list, struct ip_address *address, struct err *err)
{
	char token[TOKEN_SIZE];
	int ret = next_token(list, token, err);

	if (ret <= 0)
		return ret;
	if (ip_parse(token, address) || !ip_is_unicast(address))
		return err_set(err, -EINVAL, "'%s' among the %s is no address of a machine", token,
			       list->what);
	return 1;
}

static size_t count_family(const struct ip_config *config, int family)
{
	size_t i, count = 0;

	for (i = 0; i < config->address_count; i++)
		count += config->addresses[i].address.family == family;
	return count;
}

bool ip_config_has(const struct ip_config *config, int family)
{
	return count_family(config, family) > 0;
}

static int read_addresses(const struct hv_kvp_ipaddr_value *value, struct ip_config *config,
			  struct err *err)
{
	struct list addresses, masks;
	struct ip_prefix prefix;
	char mask[TOKEN_SIZE], text[IP_TEXT_SIZE];
	int ret = open_list(&addresses, "IP addresses", value->ip_addr, sizeof(value->ip_addr),
			    err);

	if (!ret)
		ret = open_list(&masks, "subnet masks", value->sub_net, sizeof(value->sub_net),
				err);
	if (ret)
		return ret;
	while ((ret = next_address(&addresses, &prefix.address, err)) > 0) {
		ret = next_token(&masks, mask, err);
		if (ret < 0)
			return ret;
		ip_format(&prefix.address, text);
		if (!ret)
			return err_set(err, -EINVAL, "%s has no subnet mask", text);
		if (ip_parse_length(mask, prefix.address.family, &prefix.length) || !prefix.length)
			return err_set(err, -EINVAL, "'%s' is no subnet mask for %s", mask, text);
		if (prefix.address.family == AF_INET && config->dhcp4)
			continue;
		if (count_family(config, prefix.address.family) >= FAMILY_LIMIT)
			return err_set(err, -EINVAL, "more than %d addresses of one family",
				       FAMILY_LIMIT);
		config->addresses[config->address_count++] = prefix;
	}
	if (!ret)
		ret = next_token(&masks, mask, err);
	return ret > 0 ? err_set(err, -EINVAL, "'%s' is the subnet mask of no address", mask) : ret;
}

static int read_servers(const char *what, const void *field, size_t size,
			struct ip_address *servers, size_t *count, struct err *err)
{
	struct ip_address address;
	struct list list;
	int ret = open_list(&list, what, field, size, err);

	if (ret)
		return ret;
	while ((ret = next_address(&list, &address, err)) > 0) {
		if (*count >= IP_CONFIG_SERVERS)
			return err_set(err, -EINVAL, "more than %d %s", IP_CONFIG_SERVERS, what);
		servers[(*count)++] = address;
	}
	return ret;
}

/* DHCP brings the gateway of IPv4; without an address of a family its gateway is of no use. */
static void drop_gateways(struct ip_config *config)
{
	size_t i, kept = 0;

	for (i = 0; i < config->gateway_count; i++) {
		int family = config->gateways[i].family;

		if (family == AF_INET6 || !config->dhcp4)
			config->gateways[kept++] = config->gateways[i];
	}
	config->gateway_count = kept;
}

int ip_config_read(const struct hv_kvp_ipaddr_value *value, struct ip_config *config,
		   struct err *err)
{
	int ret;

	memset(config, 0, sizeof(*config));
	config->dhcp4 = value->dhcp_enabled;
	ret = read_addresses(value, config, err);
	if (!ret)
		ret = read_servers("gateways", value->gate_way, sizeof(value->gate_way),
				   config->gateways, &config->gateway_count, err);
	if (!ret)
		ret = read_servers("name servers", value->dns_addr, sizeof(value->dns_addr),
				   config->dns, &config->dns_count, err);
	if (ret)
		return ret;
	drop_gateways(config);
	if (!config->dhcp4 && !config->address_count)
		return err_set(err, -EINVAL, "neither DHCP nor an address");
	return 0;
}

int ip_config_adapter(const struct hv_kvp_ipaddr_value *value,
		      char id[MAX_ADAPTER_ID_SIZE], struct err *err)
{
	int length = text_from_field(value->adapter_id, sizeof(value->adapter_id));

	if (length <= 0 || length >= MAX_ADAPTER_ID_SIZE)
		return err_set(err, -EINVAL, "the adapter has no proper name");
	memcpy(id, value->adapter_id, (size_t)length + 1);
	return 0;
}

/* Nobody else has it, as far as can be known: without a carrier there is nobody to ask. */
static bool is_settled(const struct network_link *link, const struct network_address *address)
{
	return address->is_usable && !(address->is_tentative && link->has_carrier);
}

/* The lease that it has now may be for the same address: that one ends. */
static bool has_prefix(const struct network *network, const struct network_link *link,
		       const struct ip_prefix *prefix)
{
	size_t i;

	for (i = 0; i < network->address_count; i++) {
		const struct network_address *address = &network->addresses[i];

		if (address->index == link->index && address->is_permanent &&
		    is_settled(link, address) && address->prefix.length == prefix->length &&
		    ip_equal(&address->prefix.address, &prefix->address))
			return true;
	}
	return false;
}

static bool has_gateway(const struct network *network, int index, const struct ip_address *gateway)
{
	size_t i;

	for (i = 0; i < network->gateway_count; i++) {
		if (network->gateways[i].index == index &&
		    ip_equal(&network->gateways[i].address, gateway))
			return true;
	}
	return false;
}

/* Somebody configured it: no lease, no router, not the kernel. */
static bool is_static(const struct network_address *address)
{
	return address->is_permanent && !address->is_automatic &&
	       !ip_is_link_local(&address->prefix.address);
}

/* @created: only if it has been there all the time. */
static bool was_static(const struct network *before, const struct network_address *now,
		       bool created)
{
	size_t i;

	for (i = 0; i < before->address_count; i++) {
		const struct network_address *address = &before->addresses[i];

		if (address->index == now->index && is_static(address) &&
		    (!created || address->created == now->created) &&
		    address->prefix.length == now->prefix.length &&
		    ip_equal(&address->prefix.address, &now->prefix.address))
			return true;
	}
	return false;
}

static bool is_wanted(const struct ip_config *config, const struct ip_prefix *prefix)
{
	size_t i;

	for (i = 0; i < config->address_count; i++) {
		if (config->addresses[i].length == prefix->length &&
		    ip_equal(&config->addresses[i].address, &prefix->address))
			return true;
	}
	return false;
}

/* IPv6 without an address from the host is left to the back end, which may leave it alone. */
bool ip_config_replaces(const struct ip_config *config, int index,
			const struct network_address *address)
{
	int family = address->prefix.address.family;

	return address->index == index && is_static(address) &&
	       (family == AF_INET || ip_config_has(config, family)) &&
	       !is_wanted(config, &address->prefix);
}

static const struct network_address *find_old(const struct ip_config *config, int index,
					      const struct network *before,
					      const struct network *network)
{
	size_t i;

	for (i = 0; i < network->address_count; i++) {
		const struct network_address *address = &network->addresses[i];

		if (ip_config_replaces(config, index, address) && was_static(before, address, true))
			return address;
	}
	return NULL;
}

/* A lease has an end, or is one for ever that was not there before. */
static bool has_lease(int index, const struct network *before, const struct network *network)
{
	size_t i;

	for (i = 0; i < network->address_count; i++) {
		const struct network_address *address = &network->addresses[i];

		if (address->index == index && address->is_usable &&
		    address->prefix.address.family == AF_INET &&
		    !ip_is_link_local(&address->prefix.address) &&
		    (!address->is_permanent || !was_static(before, address, false)))
			return true;
	}
	return false;
}

/* Of several gateways of a family some back ends install the first only. */
static bool is_first_gateway(const struct ip_config *config, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++) {
		if (config->gateways[i].family == config->gateways[index].family)
			return false;
	}
	return true;
}

bool ip_config_matches(const struct ip_config *config, const struct network *before,
		       const struct network *network, struct err *err)
{
	const struct network_address *old;
	const struct network_link *link = network_find(network, config->name);
	char text[IP_TEXT_SIZE];
	size_t i;

	if (!link) {
		err_set(err, -ENODEV, "%s is gone", config->name);
		return false;
	}
	for (i = 0; i < config->address_count; i++) {
		if (has_prefix(network, link, &config->addresses[i]))
			continue;
		err_set(err, -EAGAIN, "%s did not get the address %s", config->name,
			ip_format_prefix(&config->addresses[i], text));
		return false;
	}
	old = find_old(config, link->index, before, network);
	if (old) {
		err_set(err, -EAGAIN, "%s still has the address %s", config->name,
			ip_format_prefix(&old->prefix, text));
		return false;
	}
	if (config->dhcp4 && !has_lease(link->index, before, network)) {
		err_set(err, -EAGAIN, "%s did not get a lease", config->name);
		return false;
	}
	for (i = 0; i < config->gateway_count; i++) {
		const struct ip_address *gateway = &config->gateways[i];

		if (!is_first_gateway(config, i) || !ip_config_has(config, gateway->family) ||
		    has_gateway(network, link->index, gateway))
			continue;
		err_set(err, -EAGAIN, "%s did not get the gateway %s", config->name,
			ip_format(gateway, text));
		return false;
	}
	return true;
}
