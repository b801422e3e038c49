// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/hyperv.h>
#include <stdio.h>
#include <sys/stat.h>

#include "daemons/kvp/adapter.h"
#include "daemons/kvp/dns.h"
#include "daemons/kvp/get_ip.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/ip_config.h"
#include "daemons/kvp/paths.h"
#include "tests/daemons/kvp.h"
#include "tests/unit/unit.h"

/* Addresses as values: what hosts send, whom they mean, what they are told. */

static struct kvp kvp;
static char root[96];

static int setup(void **state)
{
	(void)state;
	kvp_setup(&kvp);
	snprintf(root, sizeof(root), "%s/root", kvp.device.folder);
	paths_set_root(root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kvp_teardown(&kvp);
	return 0;
}

static void masks_have_many_spellings(void **state)
{
	static const struct {
		const char *text;
		int family;
		int length;		/* -1: refused */
	} cases[] = {
		{ "255.255.255.0", AF_INET, 24 }, { "255.255.255.255", AF_INET, 32 },
		{ "0.0.0.0", AF_INET, 0 }, { "/24", AF_INET, 24 }, { "24", AF_INET, 24 },
		{ "ffff:ffff:ffff:ffff::", AF_INET6, 64 }, { "/64", AF_INET6, 64 },
		{ "128", AF_INET6, 128 }, { "129", AF_INET6, -1 }, { "33", AF_INET, -1 },
		{ "255.0.255.0", AF_INET, -1 }, { "255.255.255.0", AF_INET6, -1 },
		{ "", AF_INET, -1 }, { "/", AF_INET, -1 }, { "-1", AF_INET, -1 },
		{ "24 ", AF_INET, -1 }, { "0x18", AF_INET, -1 }, { "//24", AF_INET, -1 },
		{ "00024", AF_INET, -1 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t length = 99;
		int ret = ip_parse_length(cases[i].text, cases[i].family, &length);

		assert_case(i, cases[i].length < 0 ? ret == -EINVAL && length == 99 :
			    !ret && length == cases[i].length);
	}
}

struct sent {
	const char *address, *mask, *gateway, *dns;
	bool dhcp;
};

static int read_config(const struct sent *sent, struct ip_config *config, struct err *err)
{
	struct hv_kvp_ipaddr_value *value = exact_block(sizeof(*value));
	int ret;

	strcpy((char *)value->ip_addr, sent->address);
	strcpy((char *)value->sub_net, sent->mask);
	strcpy((char *)value->gate_way, sent->gateway);
	strcpy((char *)value->dns_addr, sent->dns);
	value->dhcp_enabled = sent->dhcp;
	ret = ip_config_read(value, config, err);
	free(value);
	return ret;
}

static void proper_requests_are_read(void **state)
{
	static const struct {
		struct sent sent;
		unsigned int addresses, gateways, dns;
	} cases[] = {
		{ { "192.0.2.5", "255.255.255.0", "192.0.2.1", "192.0.2.2;192.0.2.3", false }, 1, 1, 2 },
		{ { "192.0.2.5;2001:db8::5", "255.255.255.0;64", "192.0.2.1;fe80::1", "", false },
		  2, 2, 0 },
		{ { "2001:db8::5;", "/64;", "", "2001:db8::53", false }, 1, 0, 1 },
		{ { " 192.0.2.5 ; 192.0.2.6", "24;24", "", "", false }, 2, 0, 0 },
		{ { "", "", "", "", true }, 0, 0, 0 },
		/* DHCP is for IPv4 only */
		{ { "192.0.2.5;2001:db8::5", "24;64", "192.0.2.1;fe80::1", "192.0.2.2", true },
		  1, 1, 1 },
	};
	struct ip_config config;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_case(i, !read_config(&cases[i].sent, &config, NULL));
		assert_case(i, config.address_count == cases[i].addresses);
		assert_case(i, config.gateway_count == cases[i].gateways);
		assert_case(i, config.dns_count == cases[i].dns);
	}
}

static void junk_is_refused(void **state)
{
	static const struct {
		struct sent sent;
		const char *says;
	} cases[] = {
		{ { "", "", "", "", false }, "neither DHCP nor an address" },
		{ { "192.0.2.5", "", "", "", false }, "192.0.2.5 has no subnet mask" },
		{ { "192.0.2.5", "255.0.255.0", "", "", false }, "'255.0.255.0' is no subnet mask" },
		{ { "192.0.2.5", "0", "", "", false }, "'0' is no subnet mask" },
		{ { "192.0.2.5", "255.255.255.0;255.0.0.0", "", "", false },
		  "'255.0.0.0' is the subnet mask of no address" },
		{ { "192.0.2.5", "255.255.255.0;$(reboot)", "", "", false },
		  "'$(reboot)' is the subnet mask of no address" },
		{ { "192.0.2", "24", "", "", false }, "'192.0.2' among the IP addresses" },
		{ { "192.0.2.5\nGATEWAY=1", "24", "", "", false }, "among the IP addresses" },
		{ { "$(reboot)", "24", "", "", false }, "'$(reboot)' among the IP addresses" },
		{ { "192.0.2.5'; reboot", "24;24", "", "", false }, "among the IP addresses" },
		{ { "127.0.0.1", "8", "", "", false }, "no address of a machine" },
		{ { "224.0.0.1", "8", "", "", false }, "no address of a machine" },
		{ { "0.0.0.0", "8", "", "", false }, "no address of a machine" },
		{ { "::1", "128", "", "", false }, "no address of a machine" },
		{ { "ff02::1", "64", "", "", false }, "no address of a machine" },
		{ { "fe80::1%eth0", "64", "", "", false }, "no address of a machine" },
		{ { "192.0.2.5", "24", "gate", "", false }, "'gate' among the gateways" },
		{ { "192.0.2.5", "24", "", "`id`", false }, "'`id`' among the name servers" },
	};
	struct ip_config config;
	struct err err;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_case(i, read_config(&cases[i].sent, &config, &err) == -EINVAL);
		if (!strstr(err.text, cases[i].says))
			fail_msg("case %u: %s", i, err.text);
	}
}

/* Where the stock daemon overflows: one token of 2000 bytes; no NUL anywhere; too many. */
static void long_lists_are_refused(void **state)
{
	struct hv_kvp_ipaddr_value *value = exact_block(sizeof(*value));
	struct ip_config config;
	unsigned int i;

	(void)state;
	memset(value->ip_addr, '1', 2000);
	assert_int_equal(ip_config_read(value, &config, NULL), -EINVAL);
	memset(value, '1', sizeof(*value));
	assert_int_equal(ip_config_read(value, &config, NULL), -EINVAL);
	memset(value, 0, sizeof(*value));
	for (i = 1; i <= 65; i++) {
		snprintf((char *)value->ip_addr + strlen((char *)value->ip_addr), 32, "10.0.0.%u;", i);
		strcat((char *)value->sub_net, "24;");
	}
	assert_int_equal(ip_config_read(value, &config, NULL), -EINVAL);
	memset(value->ip_addr, 0xff, sizeof(value->ip_addr));
	assert_int_equal(ip_config_read(value, &config, NULL), -EINVAL);
	free(value);
}

/* Of each family the first has to be there; more are as the back end likes it. */
static void first_gateways_are_looked_for(void **state)
{
	static const struct sent sent = {
		"192.0.2.5;2001:db8::5", "24;64", "192.0.2.1;fe80::1;192.0.2.2;fe80::2", "", false,
	};
	struct network_link link = { .index = 2, .name = "eth0" };
	struct network_address addresses[2];
	struct network_gateway gateways[2];
	struct network network = { &link, addresses, gateways, 1, 2, 2 }, before = { 0 };
	struct ip_config config;
	struct err err;
	unsigned int i;

	(void)state;
	assert_int_equal(read_config(&sent, &config, NULL), 0);
	strcpy(config.name, "eth0");
	for (i = 0; i < 2; i++) {
		addresses[i] = (struct network_address){
			.index = 2, .prefix = config.addresses[i], .is_permanent = true,
			.is_usable = true,
		};
		gateways[i] = (struct network_gateway){ 2, config.gateways[i], 0 };
	}
	assert_true(ip_config_matches(&config, &before, &network, &err));
	gateways[1].address = config.gateways[3];
	assert_false(ip_config_matches(&config, &before, &network, &err));
	assert_string_equal(err.text, "eth0 did not get the gateway fe80::1");
}

/* NetworkManager refuses name servers of a family that is off. */
static void disabled_family_has_no_name_servers(void **state)
{
	static const struct sent sent = {
		"2001:db8::5", "64", "", "192.0.2.2;2001:db8::53", false,
	};
	struct ip_config config;
	size_t size;
	char *text;
	FILE *out;

	(void)state;
	assert_int_equal(read_config(&sent, &config, NULL), 0);
	out = open_memstream(&text, &size);
	backend_write_keyfile(out, &config, NULL);
	fclose(out);
	assert_non_null(strstr(text, "\n[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=manual\n"
			       "address1=2001:db8::5/64\ndns=2001:db8::53;\n"));
	free(text);
}

/* --- adapters ------------------------------------------------------------------ */

#define GUID_A "{f8615163-df3e-46c5-913f-f2d2f965ed0e}"

static struct network_link links[] = {
	{ .index = 1, .name = "lo", .loopback = true, .has_mac = true },
	{ .index = 2, .name = "eth0", .has_mac = true, .mac = { 0, 0x15, 0x5d, 1, 2, 3 } },
	{ .index = 3, .name = "vf0", .has_mac = true, .mac = { 0, 0x15, 0x5d, 1, 2, 3 }, .master = 2 },
	{ .index = 4, .name = "br0", .has_mac = true, .mac = { 0, 0x15, 0x5d, 1, 2, 3 } },
	{ .index = 5, .name = "eth1", .has_mac = true, .mac = { 0, 0x15, 0x5d, 1, 2, 4 } },
};

static struct network_address addresses[] = {
	{ 4, { { AF_INET, { .bytes = { 192, 0, 2, 4 } } }, 24 }, true, false, true, false, 0 },
	{ 2, { { AF_INET, { .bytes = { 192, 0, 2, 2 } } }, 24 }, true, false, true, false, 0 },
};

static const char *found(const struct network *network, const char *id)
{
	const struct network_link *link = adapter_find(network, id);

	return link ? link->name : "none";
}

static void adapters_are_found(void **state)
{
	struct network network = { .links = links, .addresses = addresses, .link_count = 5,
				   .address_count = 2 };

	(void)state;
	kvp_file(&kvp, "/sys/class/net/eth0/device/device_id", GUID_A "\n");
	assert_string_equal(found(&network, GUID_A), "eth0");
	assert_string_equal(found(&network, "F8615163-DF3E-46C5-913F-F2D2F965ED0E"), "eth0");
	assert_string_equal(found(&network, "f8615163-df3e-46c5-913f-f2d2f965ed0f"), "none");
	assert_string_equal(found(&network, GUID_A "/../lo"), "none");
	assert_string_equal(found(&network, GUID_A "}"), "none");
	assert_string_equal(found(&network, "{f8615163-df3e-46c5-913f-f2d2f965ed0e"), "none");
	assert_string_equal(found(&network, "f8615163-df3e-46c5-913f-f2d2f965ed0e}"), "none");
	assert_string_equal(found(&network, "00:15:5D:01:02:04"), "eth1");
	assert_string_equal(found(&network, "00-15-5d-01-02-04"), "eth1");
	assert_string_equal(found(&network, "00155D010204"), "eth1");
	assert_string_equal(found(&network, "00:15:5D:01:02"), "none");
	assert_string_equal(found(&network, "00:15:5D:01:02:04:05"), "none");
	assert_string_equal(found(&network, ""), "none");
	/* the synthetic NIC with an address; else the bridge above it; else itself, never its VF */
	assert_string_equal(found(&network, "00:15:5D:01:02:03"), "eth0");
	network.address_count = 1;
	assert_string_equal(found(&network, "00:15:5D:01:02:03"), "br0");
	network.address_count = 0;
	assert_string_equal(found(&network, "00:15:5D:01:02:03"), "eth0");
	/* the loopback's zeros are nobody's */
	assert_string_equal(found(&network, "00:00:00:00:00:00"), "none");
}

static void answers_are_complete(void **state)
{
	struct network_address all[] = {
		{ 2, { { AF_INET6, { .bytes = { 0xfe, 0x80, [15] = 1 } } }, 64 }, true, false, true, false, 0 },
		{ 2, { { AF_INET6, { .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 5 } } }, 64 },
		  true, false, true, false, 0 },
		{ 2, { { AF_INET, { .bytes = { 192, 0, 2, 5 } } }, 20 }, false, false, true, false, 0 },
		{ 2, { { AF_INET, { .bytes = { 192, 0, 2, 6 } } }, 24 }, true, false, false, false, 0 },
		{ 5, { { AF_INET, { .bytes = { 192, 0, 2, 7 } } }, 24 }, true, false, true, false, 0 },
	};
	struct network_gateway gateways[] = {
		{ 2, { AF_INET, { .bytes = { 192, 0, 2, 1 } } }, 0 },
		{ 5, { AF_INET, { .bytes = { 192, 0, 2, 9 } } }, 0 },
	};
	struct network network = { links, all, gateways, 5, 5, 2 };
	struct hv_kvp_ipaddr_value *value = exact_block(sizeof(*value));

	(void)state;
	get_ip_from(&network, &links[1], value);
	assert_string_equal((char *)value->ip_addr, "192.0.2.5;2001:db8::5;fe80::1");
	assert_string_equal((char *)value->sub_net, "255.255.240.0;/64;/64");
	assert_string_equal((char *)value->gate_way, "192.0.2.1");
	assert_int_equal(value->addr_family, ADDR_FAMILY_IPV4 | ADDR_FAMILY_IPV6);
	assert_int_equal(value->dhcp_enabled, 1);
	free(value);
}

/* What does not fit is left out whole, and every address has its mask. */
static void long_answers_end_at_an_address(void **state)
{
	static struct network_address all[1000];
	struct network network = { links, all, NULL, 5, 1000, 0 };
	struct hv_kvp_ipaddr_value *value = exact_block(sizeof(*value));
	unsigned int i, commas[2] = { 0, 0 };
	const char *at;

	(void)state;
	for (i = 0; i < 1000; i++)
		all[i] = (struct network_address){ 2, { { AF_INET, { .bytes = { 100, 100,
			100 + i / 100, 100 + i % 100 } } }, 24 }, true, false, true, false, 0 };
	get_ip_from(&network, &links[1], value);
	for (at = (char *)value->ip_addr; *at; at++)
		commas[0] += *at == ';';
	for (at = (char *)value->sub_net; *at; at++)
		commas[1] += *at == ';';
	assert_true(strlen((char *)value->ip_addr) < MAX_IP_ADDR_SIZE);
	assert_true(commas[0] > 50);
	assert_int_equal(commas[0], commas[1]);
	at = strrchr((char *)value->ip_addr, ';');
	assert_int_equal(strlen(at + 1), strlen("100.100.100.100"));
	free(value);
}

static void name_servers_are_found(void **state)
{
	struct ip_address servers[4];
	char text[IP_TEXT_SIZE];

	(void)state;
	kvp_file(&kvp, "/etc/resolv.conf", "nameserver 127.0.0.53\nsearch example.com\n");
	kvp_file(&kvp, "/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.9\n");
	assert_int_equal(dns_servers(7, servers, 4), 1);
	assert_string_equal(ip_format(&servers[0], text), "192.0.2.9");
	kvp_file(&kvp, "/run/systemd/netif/links/7",
		 "ADMIN_STATE=configured\nDNS=192.0.2.1 2001:db8::1#dns.example junk 192.0.2.1\n");
	assert_int_equal(dns_servers(7, servers, 4), 2);
	assert_string_equal(ip_format(&servers[1], text), "2001:db8::1");
	assert_int_equal(dns_servers(7, servers, 1), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_have_many_spellings),
		cmocka_unit_test(proper_requests_are_read),
		cmocka_unit_test(junk_is_refused),
		cmocka_unit_test(long_lists_are_refused),
		cmocka_unit_test(first_gateways_are_looked_for),
		cmocka_unit_test(disabled_family_has_no_name_servers),
		CASE(adapters_are_found),
		CASE(answers_are_complete),
		CASE(long_answers_end_at_an_address),
		CASE(name_servers_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
