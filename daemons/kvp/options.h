/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_OPTIONS_H
#define DAEMONS_KVP_OPTIONS_H

#include "daemons/common/options.h"

/* Own options, as plain values. The helper understands --root, --scripts and --state, too. */
struct kvp_options {
	const char *pools;	/* folder of the pool files */
	const char *root;	/* files of the system are below it */
	const char *scripts;	/* folder of the stock helper scripts */
	const char *helper;	/* socket of the helper for addresses */
};

extern struct kvp_options kvp_options;
extern const struct option_row kvp_option_rows[];

#define HELPER_WORD	"--apply-address"
#define HELPER_ARGS	8

/* How the daemon calls itself as the helper; ends with NULL. */
void helper_arguments(const char *argv[HELPER_ARGS]);

#endif
