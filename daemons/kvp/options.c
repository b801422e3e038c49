// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/options.h"

#include "daemons/common/pool.h"

struct kvp_options kvp_options = {
	.pools = POOL_FOLDER,
	.root = "/",
	.scripts = "/usr/libexec/hypervkvpd",
	.helper = "/run/hv_kvp/address",
};

const struct option_row kvp_option_rows[] = {
	{ "pools", "DIR", "folder of the pool files (" POOL_FOLDER ")", &kvp_options.pools, NULL },
	{ "root", "DIR", "look below DIR for /etc, /run, /sys (/)", &kvp_options.root, NULL },
	{ "scripts", "DIR", "folder of hv_set_ifconfig (/usr/libexec/hypervkvpd)",
	  &kvp_options.scripts, NULL },
	{ "helper", "SOCKET", "of the helper that sets addresses (/run/hv_kvp/address)",
	  &kvp_options.helper, NULL },
	{ 0 },
};

void helper_arguments(const char *argv[HELPER_ARGS])
{
	const char *const all[HELPER_ARGS] = {
		"hv_kvp", HELPER_WORD, "--root", kvp_options.root, "--scripts",
		kvp_options.scripts, NULL,
	};
	unsigned int i;

	for (i = 0; i < HELPER_ARGS; i++)
		argv[i] = all[i];
}
