/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_IFCFG_H
#define DAEMONS_KVP_HELPER_IFCFG_H

#include <stdio.h>

#include "daemons/kvp/ip_config.h"

/* Stands in a plan for the script hv_set_ifconfig, which is not below the root. */
#define SCRIPT_WORD	"hv_set_ifconfig"

/* The file that hv_set_ifconfig gets first, as the stock daemon writes it. */
void ifcfg_write(FILE *out, const struct ip_config *config);

#endif
