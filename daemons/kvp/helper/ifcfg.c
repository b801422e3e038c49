// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <string.h>

#include "daemons/common/pool.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/helper/ifcfg.h"
#include "daemons/kvp/scripts.h"

/* The contract of the stock daemon: two files, and a script that makes of them what it likes. */

static bool is_there(void)
{
	return scripts_installed();
}

static bool serves(const struct network_link *link)
{
	(void)link;
	return scripts_installed();
}

/* KEY, KEY1, KEY2 ... (or KEY0 at first) */
static void write_numbered(FILE *out, const char *key, size_t number, bool from_zero,
			   const char *value)
{
	if (number || from_zero)
		fprintf(out, "%s%zu=%s\n", key, number, value);
	else
		fprintf(out, "%s=%s\n", key, value);
}

static void write_addresses(FILE *out, const struct ip_config *config)
{
	char text[IP_TEXT_SIZE];
	size_t i, count4 = 0, count6 = 0;

	for (i = 0; i < config->address_count; i++) {
		const struct ip_prefix *prefix = &config->addresses[i];

		if (prefix->address.family == AF_INET) {
			write_numbered(out, "IPADDR", count4, true,
				       ip_format(&prefix->address, text));
			write_numbered(out, "NETMASK", count4++, true,
				       ip_format_mask(prefix, text));
		} else {
			write_numbered(out, "IPV6ADDR", count6, false,
				       ip_format(&prefix->address, text));
			snprintf(text, sizeof(text), "%u", prefix->length);
			write_numbered(out, "IPV6NETMASK", count6++, false, text);
		}
	}
}

void ifcfg_write(FILE *out, const struct ip_config *config)
{
	char text[IP_TEXT_SIZE];
	size_t i, count4 = 0, count6 = 0;

	fprintf(out, "HWADDR=%02X:%02X:%02X:%02X:%02X:%02X\nDEVICE=%s\nBOOTPROTO=%s\n",
		config->mac[0], config->mac[1], config->mac[2], config->mac[3], config->mac[4],
		config->mac[5], config->name, config->dhcp4 ? "dhcp" : "none");
	write_addresses(out, config);
	for (i = 0; i < config->gateway_count; i++) {
		bool is4 = config->gateways[i].family == AF_INET;

		write_numbered(out, is4 ? "GATEWAY" : "IPV6_DEFAULTGW", is4 ? count4++ : count6++,
			       false, ip_format(&config->gateways[i], text));
	}
	for (i = 0; i < config->dns_count; i++)
		write_numbered(out, "DNS", i + 1, true, ip_format(&config->dns[i], text));
}

static int make_plan(const struct ip_config *config, struct plan *plan, struct err *err)
{
	char *ifcfg = plan->scratch, *keyfile = plan->scratch + 64;
	FILE *out;
	int ret;

	snprintf(ifcfg, 64, POOL_FOLDER "/ifcfg-%s", config->name);
	snprintf(keyfile, 64, POOL_FOLDER "/%s.nmconnection", config->name);
	out = plan_write(plan, ifcfg, 0600);
	if (out)
		ifcfg_write(out, config);
	ret = plan_written(plan, err);
	if (ret)
		return ret;
	out = plan_write(plan, keyfile, 0600);
	if (out)
		backend_write_keyfile(out, config, NULL);
	plan_run(plan, PLAN_APPLY, false, SCRIPT_WORD, ifcfg, keyfile, NULL);
	plan->is_trusted = true;
	return plan_written(plan, err);
}

const struct backend backend_scripts = {
	.name = "hv_set_ifconfig",
	.serves = serves,
	.is_there = is_there,
	.plan = make_plan,
};
