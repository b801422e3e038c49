// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/unit.h"

/*
 * systemd-networkd: a .network file that sorts before all others. It configures
 * interfaces anew whose file is another one, or has changed, when it reloads;
 * "networkctl reconfigure" would have it drop all of that and begin once more.
 */

#define PROGRAM		"/usr/bin/networkctl"
#define UNIT		"systemd-networkd.service"

static bool is_installed(void)
{
	return backend_has_program(PROGRAM);
}

static bool is_there(void)
{
	return is_installed() && !access(paths_at("/run/systemd/netif/state"), F_OK) &&
	       unit_runs(UNIT);
}

static bool serves(const struct network_link *link)
{
	const char *path = paths_at("/run/systemd/netif/links/%d", link->index);

	return !access(path, F_OK) && !backend_file_says(path, "ADMIN_STATE=unmanaged") &&
	       is_there();
}

static void write_file(FILE *out, const struct ip_config *config)
{
	char text[IP_TEXT_SIZE];
	size_t i;

	fprintf(out, "# Written by hv_kvp: these addresses come from the Hyper-V host.\n"
		"[Match]\nName=%s\nMACAddress=%02x:%02x:%02x:%02x:%02x:%02x\n\n"
		"[Network]\nDHCP=%s\n", config->name, config->mac[0], config->mac[1],
		config->mac[2], config->mac[3], config->mac[4], config->mac[5],
		config->dhcp4 ? "ipv4" : "no");
	for (i = 0; i < config->address_count; i++)
		fprintf(out, "Address=%s\n", ip_format_prefix(&config->addresses[i], text));
	for (i = 0; i < config->gateway_count; i++)
		fprintf(out, "Gateway=%s\n", ip_format(&config->gateways[i], text));
	for (i = 0; i < config->dns_count; i++)
		fprintf(out, "DNS=%s\n", ip_format(&config->dns[i], text));
	if (config->dhcp4 && config->dns_count)
		fprintf(out, "\n[DHCPv4]\nUseDNS=no\n");
}

static void undo(const char *interface, struct plan *plan)
{
	(void)interface;
	plan_run(plan, PLAN_RESTORE, false, PROGRAM, "reload", NULL);
}

static int make_plan(const struct ip_config *config, struct plan *plan, struct err *err)
{
	FILE *out;

	snprintf(plan->scratch, sizeof(plan->scratch), "/etc/systemd/network/00-hyperv-%s.network",
		 config->name);
	out = plan_write(plan, plan->scratch, 0644);
	if (out)
		write_file(out, config);
	plan_run(plan, PLAN_APPLY, false, PROGRAM, "reload", NULL);
	undo(config->name, plan);
	return plan_written(plan, err);
}

const struct backend backend_networkd = {
	.name = "systemd-networkd",
	.serves = serves,
	.is_there = is_there,
	.is_installed = is_installed,
	.unit = UNIT,
	.plan = make_plan,
	.undo = undo,
};
