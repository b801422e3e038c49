// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <string.h>

#include "daemons/common/text.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/paths.h"

/*
 * netplan merges its files, lists included, so what the others say about the
 * interface has to go: netplan itself removes it from them. It takes seconds to
 * start and writes files anew without their comments, so only if there is need.
 */

#define PROGRAM		"/usr/sbin/netplan"

static int find_files(glob_t *files)
{
	return glob(paths_at("/etc/netplan/*.yaml"), 0, NULL, files);
}

static bool is_there(void)
{
	glob_t files;

	if (!backend_has_program(PROGRAM) || find_files(&files))
		return false;
	globfree(&files);
	return true;
}

static bool serves(const struct network_link *link)
{
	(void)link;
	return is_there();
}

static void write_list(FILE *out, const char *head, const char *item, const char *tail)
{
	fprintf(out, "%s\"%s\"%s", head, item, tail);
}

static void write_file(FILE *out, const struct ip_config *config)
{
	char text[IP_TEXT_SIZE];
	size_t i;

	fprintf(out, "# Written by hv_kvp: these addresses come from the Hyper-V host.\n"
		"network:\n  version: 2\n  ethernets:\n    %s:\n      dhcp4: %s\n", config->name,
		config->dhcp4 ? "true" : "false");
	if (config->dhcp4 && config->dns_count)
		fprintf(out, "      dhcp4-overrides:\n        use-dns: false\n");
	for (i = 0; i < config->address_count; i++)
		write_list(out, i ? "        - " : "      addresses:\n        - ",
			   ip_format_prefix(&config->addresses[i], text), "\n");
	for (i = 0; i < config->gateway_count; i++) {
		fprintf(out, "%s        - to: \"%s\"\n", i ? "" : "      routes:\n",
			config->gateways[i].family == AF_INET ? "0.0.0.0/0" : "::/0");
		write_list(out, "          via: ", ip_format(&config->gateways[i], text), "\n");
	}
	for (i = 0; i < config->dns_count; i++)
		write_list(out, i ? "          - " :
			   "      nameservers:\n        addresses:\n          - ",
			   ip_format(&config->dns[i], text), "\n");
}

static bool mentions(const char *path, const char *name)
{
	static char text[PLAN_TEXT];

	/* Too long, or not to be read: who knows. */
	return text_read_file(path, text, sizeof(text)) < 0 || strstr(text, name);
}

/*
 * Every file there is, but our own from the last time: that one is written anew.
 * Return: 1 if one of them speaks of the interface, 0 if none does, or a negative errno
 */
static int keep_files(struct plan *plan, const char *own, const char *name, struct err *err)
{
	size_t root = strlen(paths_at("%s", "")), i;
	bool found = false;
	glob_t files;
	int ret = 0;

	if (find_files(&files))
		return 0;
	for (i = 0; i < files.gl_pathc && !ret; i++) {
		if (!strcmp(files.gl_pathv[i] + root, own))
			continue;
		ret = plan_keep(plan, files.gl_pathv[i] + root, err);
		found |= mentions(files.gl_pathv[i], name);
	}
	globfree(&files);
	return ret ? ret : found;
}

/* What it made of all its files, for either renderer. */
static bool gives(const struct ip_address *address)
{
	return backend_files_give("/run/systemd/network/*netplan*.network", address) ||
	       backend_files_give("/run/NetworkManager/system-connections/netplan-*", address);
}

static void undo(const char *interface, struct plan *plan)
{
	(void)interface;
	plan_run(plan, PLAN_RESTORE, false, PROGRAM, "apply", NULL);
}

static int make_plan(const struct ip_config *config, struct plan *plan, struct err *err)
{
	char *setting = plan->scratch, *path = plan->scratch + 64;
	FILE *out;
	int found;

	snprintf(setting, 64, "ethernets.%s=null", config->name);
	snprintf(path, sizeof(plan->scratch) - 64, "/etc/netplan/95-hyperv-%s.yaml", config->name);
	found = keep_files(plan, path, config->name, err);
	if (found < 0)
		return found;
	out = plan_write(plan, path, 0600);
	if (out)
		write_file(out, config);
	if (found)
		plan_run(plan, PLAN_PREPARE, false, PROGRAM, "set", setting, NULL);
	plan_run(plan, PLAN_APPLY, false, PROGRAM, "apply", NULL);
	undo(config->name, plan);
	return plan_written(plan, err);
}

const struct backend backend_netplan = {
	.name = "netplan",
	.serves = serves,
	.is_there = is_there,
	.plan = make_plan,
	.gives = gives,
	.undo = undo,
};
