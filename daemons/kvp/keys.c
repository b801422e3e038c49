// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/keys.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemons/common/text.h"
#include "daemons/kvp/facts.h"
#include "daemons/kvp/fqdn.h"
#include "daemons/kvp/network.h"

/* Hosts show 1024 UTF-16 units with the NUL; addresses are ASCII. */
#define LIST_LIMIT	1024

static char driver_version[FACT_SIZE];

void keys_set_version(const char *version)
{
	snprintf(driver_version, sizeof(driver_version), "%s", version);
}

static void list_addresses(const struct network *network, int family, bool link_local, char *list)
{
	size_t i, k;

	for (i = 0; i < network->link_count; i++) {
		for (k = 0; k < network->address_count && !network->links[i].loopback; k++) {
			const struct network_address *address = &network->addresses[k];
			const struct ip_address *ip = &address->prefix.address;
			char text[IP_TEXT_SIZE];

			if (address->index == network->links[i].index && ip->family == family &&
			    address->is_usable && ip_is_link_local(ip) == link_local)
				text_list_add(list, LIST_LIMIT, ip_format(ip, text));
		}
	}
}

/* Those that others can reach come first: a long list is cut. */
static void put_addresses(int family, char *value)
{
	struct network network;

	if (network_read(&network))
		return;
	list_addresses(&network, family, false, value);
	list_addresses(&network, family, true, value);
	network_free(&network);
}

static void put_fqdn(const struct facts *facts, char *value)
{
	(void)facts;
	fqdn_get(value, POOL_VALUE_SIZE);
}

static void put_driver_version(const struct facts *facts, char *value)
{
	(void)facts;
	snprintf(value, POOL_VALUE_SIZE, "%s", driver_version);
}

static void put_ipv4(const struct facts *facts, char *value)
{
	(void)facts;
	put_addresses(AF_INET, value);
}

static void put_ipv6(const struct facts *facts, char *value)
{
	(void)facts;
	put_addresses(AF_INET6, value);
}

#define PUT_FACT(field)								\
static void put_##field(const struct facts *facts, char *value)		\
{										\
	snprintf(value, POOL_VALUE_SIZE, "%s", facts->field);			\
}

PUT_FACT(release)
PUT_FACT(name)
PUT_FACT(major)
PUT_FACT(minor)
PUT_FACT(version)
PUT_FACT(machine)
PUT_FACT(service_pack)

static void put_service_pack_text(const struct facts *facts, char *value)
{
	if (facts->service_pack[0])
		snprintf(value, POOL_VALUE_SIZE, "Service Pack %s", facts->service_pack);
}

static void put_no_minor_pack(const struct facts *facts, char *value)
{
	if (facts->service_pack[0])
		strcpy(value, "0");
}

/* As Windows counts: 1 a workstation, 3 a server. */
static void put_product_type(const struct facts *facts, char *value)
{
	if (!strcmp(facts->variant, "workstation") || !strcmp(facts->variant, "desktop"))
		strcpy(value, "1");
	else if (!strcmp(facts->variant, "server") || !strcmp(facts->variant, "cloud"))
		strcpy(value, "3");
}

static const struct row {
	const char *key;
	void (*put)(const struct facts *facts, char *value);
} rows[] = {
	[0] = { "FullyQualifiedDomainName", put_fqdn },
	[1] = { "IntegrationServicesVersion", put_driver_version },
	[2] = { "NetworkAddressIPv4", put_ipv4 },
	[3] = { "NetworkAddressIPv6", put_ipv6 },
	[4] = { "OSBuildNumber", put_release },
	[5] = { "OSName", put_name },
	[6] = { "OSMajorVersion", put_major },
	[7] = { "OSMinorVersion", put_minor },
	[8] = { "OSVersion", put_version },
	[9] = { "ProcessorArchitecture", put_machine },
	/* Not there when empty. */
	{ "CSDVersion", put_service_pack_text },
	{ "ServicePackMajor", put_service_pack },
	{ "ServicePackMinor", put_no_minor_pack },
	{ "ProductType", put_product_type },
};

#define ROWS		(sizeof(rows) / sizeof(rows[0]))
#define FIXED_ROWS	10

static void put(const struct row *row, const struct facts *facts, char value[POOL_VALUE_SIZE])
{
	memset(value, 0, POOL_VALUE_SIZE);
	row->put(facts, value);
}

int keys_at(unsigned int index, struct pool_record *record)
{
	struct facts facts;
	unsigned int i;

	facts_read(&facts);
	for (i = index < FIXED_ROWS ? index : FIXED_ROWS; i < ROWS; i++) {
		put(&rows[i], &facts, record->value);
		if (i < FIXED_ROWS || (record->value[0] && index-- == FIXED_ROWS)) {
			memset(record->key, 0, sizeof(record->key));
			strcpy(record->key, rows[i].key);
			return 0;
		}
	}
	return -ENOENT;
}

int keys_get(const char *key, char value[POOL_VALUE_SIZE])
{
	struct facts facts;
	unsigned int i;

	for (i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].key, key))
			continue;
		facts_read(&facts);
		put(&rows[i], &facts, value);
		return i < FIXED_ROWS || value[0] ? 0 : -ENOENT;
	}
	return -ENOENT;
}
