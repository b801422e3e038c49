/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_DNS_H
#define DAEMONS_KVP_DNS_H

#include <stddef.h>

#include "daemons/kvp/address.h"

/**
 * dns_servers() - the name servers that an interface uses
 *
 * What systemd-networkd or systemd-resolved has for the interface; else those
 * of resolv.conf, past the local stub.
 *
 * Return: how many of @servers were filled in
 */
size_t dns_servers(int index, struct ip_address *servers, size_t room);

#endif
