// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "daemons/common/text.h"
#include "daemons/kvp/helper/backend.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/unit.h"

/* NetworkManager: a connection of our own, preferred to all others of the interface. */

#define PROGRAM		"/usr/bin/nmcli"
#define UNIT		"NetworkManager.service"
#define UUID_SIZE	37
#define UUID_KEY	"connection-uuid="
#define NOTHING		"-"

static bool is_installed(void)
{
	return backend_has_program(PROGRAM);
}

static bool is_there(void)
{
	return is_installed() && !access(paths_at("/run/NetworkManager"), F_OK) &&
	       unit_runs(UNIT);
}

static bool serves(const struct network_link *link)
{
	const char *path = paths_at("/run/NetworkManager/devices/%d", link->index);

	return !access(path, F_OK) && !backend_file_says(path, "managed=false") &&
	       !backend_file_says(path, "managed=0") && is_there();
}

/* The same for the same adapter, so that a second injection replaces the first. */
static void make_uuid(const struct ip_config *config, char uuid[UUID_SIZE])
{
	const uint8_t *m = config->mac;

	snprintf(uuid, UUID_SIZE, "68797065-7276-4b76-8070-%02x%02x%02x%02x%02x%02x",
		 m[0], m[1], m[2], m[3], m[4], m[5]);
}

static void write_family(FILE *out, const struct ip_config *config, int family,
			 const char *method)
{
	char text[IP_TEXT_SIZE];
	size_t i, count = 0;

	fprintf(out, "\n[%s]\nmethod=%s\n", family == AF_INET ? "ipv4" : "ipv6", method);
	/* A connection with more in such a family is refused as a whole. */
	if (!strcmp(method, "disabled"))
		return;
	for (i = 0; i < config->address_count; i++) {
		if (config->addresses[i].address.family == family)
			fprintf(out, "address%zu=%s\n", ++count,
				ip_format_prefix(&config->addresses[i], text));
	}
	for (i = 0; i < config->gateway_count && count; i++) {
		if (config->gateways[i].family == family) {
			fprintf(out, "gateway=%s\n", ip_format(&config->gateways[i], text));
			break;
		}
	}
	for (i = 0, count = 0; i < config->dns_count; i++) {
		if (config->dns[i].family == family)
			fprintf(out, "%s%s;", count++ ? "" : "dns=",
				ip_format(&config->dns[i], text));
	}
	if (count)
		fprintf(out, "\nignore-auto-dns=true\n");
}

void backend_write_keyfile(FILE *out, const struct ip_config *config, const char *uuid)
{
	fprintf(out, "[connection]\nid=hyperv-%s\n", config->name);
	if (uuid)
		fprintf(out, "uuid=%s\n", uuid);
	fprintf(out, "type=ethernet\ninterface-name=%s\nautoconnect-priority=999\n\n"
		"[ethernet]\nmac-address=%02X:%02X:%02X:%02X:%02X:%02X\n", config->name,
		config->mac[0], config->mac[1], config->mac[2], config->mac[3], config->mac[4],
		config->mac[5]);
	write_family(out, config, AF_INET, config->dhcp4 ? "auto" :
		     ip_config_has(config, AF_INET) ? "manual" : "disabled");
	write_family(out, config, AF_INET6, ip_config_has(config, AF_INET6) ? "manual" : "auto");
}

/*
 * The connection that is active now, for undo(): its UUID, or NOTHING. Before the manager
 * has said anything of the interface, as at boot, that is not known, and the note is empty.
 * One that is being activated, which it does not write there, is nothing, too.
 */
static void note_active(int index, char before[PLAN_BEFORE])
{
	char text[4096], *line, *lines;
	size_t length;

	if (text_read_file(paths_at("/run/NetworkManager/devices/%d", index), text,
			   sizeof(text)) < 0)
		return;
	snprintf(before, PLAN_BEFORE, NOTHING);
	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		if (strncmp(line, UUID_KEY, strlen(UUID_KEY)))
			continue;
		line += strlen(UUID_KEY);
		length = strspn(line, "0123456789abcdefABCDEF-");
		snprintf(before, PLAN_BEFORE, "%s",
			 length && !line[length] && *line != '-' && length < PLAN_BEFORE ? line : "");
	}
}

/*
 * To reload is to take back what the files say, ours of an earlier injection included, but
 * not what is active. The manager is never asked to choose (device connect): it may take
 * another connection then, or make one. A device that has nothing to disconnect or to apply
 * anew is as it should be; without its connection file, ours is no longer active. To
 * disconnect is to stop it from activating what it would by itself, so that is undone: it
 * may have been about to. The next request waits for its turn for 10 s: so short is this.
 */
static void undo(const char *interface, struct plan *plan)
{
	if (!strcmp(plan->before, NOTHING))
		plan_run(plan, PLAN_LEAVE, true, PROGRAM, "--wait", "5", "device", "disconnect",
			 interface, NULL);
	plan_run(plan, PLAN_RESTORE, false, PROGRAM, "connection", "reload", NULL);
	if (!*plan->before)
		plan_run(plan, PLAN_RESTORE, true, PROGRAM, "--wait", "5", "device", "reapply",
			 interface, NULL);
	else if (!strcmp(plan->before, NOTHING))
		plan_run(plan, PLAN_RESTORE, true, PROGRAM, "device", "set", interface,
			 "autoconnect", "yes", NULL);
	else
		plan_run(plan, PLAN_RESTORE, false, PROGRAM, "--wait", "4", "connection", "up",
			 "uuid", plan->before, "ifname", interface, NULL);
}

static int make_plan(const struct ip_config *config, struct plan *plan, struct err *err)
{
	char *uuid = plan->scratch, *path = plan->scratch + UUID_SIZE;
	FILE *out;

	make_uuid(config, uuid);
	snprintf(path, sizeof(plan->scratch) - UUID_SIZE,
		 "/etc/NetworkManager/system-connections/hyperv-%s.nmconnection", config->name);
	out = plan_write(plan, path, 0600);
	if (out)
		backend_write_keyfile(out, config, uuid);
	plan_run(plan, PLAN_APPLY, false, PROGRAM, "connection", "load", path, NULL);
	plan_run(plan, PLAN_APPLY, false, PROGRAM, "--wait", "8", "connection", "up", "uuid", uuid,
		 "ifname", config->name, NULL);
	note_active(config->index, plan->before);
	undo(config->name, plan);
	return plan_written(plan, err);
}

const struct backend backend_manager = {
	.name = "NetworkManager",
	.serves = serves,
	.is_there = is_there,
	.is_installed = is_installed,
	.unit = UNIT,
	.plan = make_plan,
	.undo = undo,
};
