/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_GET_IP_H
#define DAEMONS_KVP_GET_IP_H

#include <linux/hyperv.h>

#include "daemons/common/err.h"
#include "daemons/kvp/network.h"

/**
 * get_ip() - fill in what the adapter of @value has
 *
 * Return: 0; -ENODEV without such an adapter; -EINVAL if it names none
 */
int get_ip(struct hv_kvp_ipaddr_value *value, struct err *err);

/* The part that asks nobody: addresses, masks, gateways, DHCP. */
void get_ip_from(const struct network *network, const struct network_link *link,
		 struct hv_kvp_ipaddr_value *value);

#endif
