// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/scripts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemons/common/child.h"

#define GET_LIMIT_MS	3000

static const char *folder = "/usr/libexec/hypervkvpd";

void scripts_set_folder(const char *path)
{
	folder = path;
}

static const char *script(const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

bool scripts_installed(void)
{
	char path[PATH_MAX];

	return !access(script("hv_set_ifconfig", path), X_OK);
}

static int get(const char *name, const char *interface, char *output, size_t size)
{
	char path[PATH_MAX];
	const char *const argv[] = { script(name, path), interface, NULL };
	struct child child = { .path = path, .argv = argv, .limit_ms = GET_LIMIT_MS,
			       .output = output, .output_size = size };

	return child_run(&child, NULL);
}

size_t scripts_get_dns(const char *name, struct ip_address *servers, size_t room)
{
	char output[4096], *line, *lines;
	size_t count = 0;

	if (get("hv_get_dns_info", name, output, sizeof(output)))
		return 0;
	for (line = strtok_r(output, "\n", &lines); line && count < room;
	     line = strtok_r(NULL, "\n", &lines)) {
		if (!ip_parse(line, &servers[count]))
			count++;
	}
	return count;
}

bool scripts_get_dhcp(const char *name)
{
	char output[256];

	return !get("hv_get_dhcp_info", name, output, sizeof(output)) &&
	       !strncmp(output, "Enabled", 7);
}

int scripts_set(const char *ifcfg, const char *keyfile, unsigned int limit_ms, struct err *err)
{
	char path[PATH_MAX];
	const char *const argv[] = { script("hv_set_ifconfig", path), ifcfg, keyfile, NULL };
	struct child child = { .path = path, .argv = argv, .limit_ms = limit_ms };

	return child_run(&child, err);
}
