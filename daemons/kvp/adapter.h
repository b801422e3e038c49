/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_ADAPTER_H
#define DAEMONS_KVP_ADAPTER_H

#include "daemons/common/err.h"
#include "daemons/kvp/network.h"

/**
 * adapter_find() - the interface that the host means
 * @id:	the instance GUID of a synthetic NIC (with braces or without) as in
 *	/sys/class/net/NAME/device/device_id, or a MAC address in hex digits
 *	with ':', '-' or nothing between
 *
 * A virtual function has the MAC of the synthetic NIC above it, and so may a
 * bridge or bond: the synthetic NIC with an address wins, then whoever has an
 * address, then the synthetic NIC.
 *
 * Return: NULL for no such interface
 */
const struct network_link *adapter_find(const struct network *network, const char *id);

/**
 * adapter_read() - ask the kernel for it
 *
 * Return: 0 with @link in @network, and network_free() is due; -ENODEV for no
 * such interface, or a negative errno
 */
int adapter_read(const char *id, struct network *network, const struct network_link **link,
		 struct err *err);

#endif
