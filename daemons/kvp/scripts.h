/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_SCRIPTS_H
#define DAEMONS_KVP_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemons/common/err.h"
#include "daemons/kvp/address.h"

/*
 * The helper scripts of the stock daemon. Who installs hv_set_ifconfig has made
 * them fit the system, and all three are used instead of what is built in; the
 * two that only read come with distributions' packages and do not count alone.
 */

/* Their folder; the default is that of the stock daemon. */
void scripts_set_folder(const char *folder);

/* Whether hv_set_ifconfig is there. */
bool scripts_installed(void);

/* hv_get_dns_info NAME: one address a line. Return: how many */
size_t scripts_get_dns(const char *name, struct ip_address *servers, size_t room);

/* hv_get_dhcp_info NAME: whether it says "Enabled" */
bool scripts_get_dhcp(const char *name);

/* hv_set_ifconfig IFCFG KEYFILE */
int scripts_set(const char *ifcfg, const char *keyfile, unsigned int limit_ms, struct err *err);

#endif
