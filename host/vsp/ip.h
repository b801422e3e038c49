/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_IP_H
#define HOST_VSP_IP_H

#include "host/err.h"
#include "protocol/kvp_ip.h"

/*
 * The addresses of the guest's network adapters, over the key-value service:
 * read by MAC address, written by instance GUID. Loop thread only.
 */
struct kvp;

struct ip_outcome {
	int error;			/* as in struct kvp_outcome */
	u32 status;
	const struct hvp_kvp_ip *ip;	/* of a successful get; else NULL */
};

typedef void (*ip_cb)(void *opaque, const struct ip_outcome *outcome);

/*
 * What a set writes. Start with zeros, name the adapter, add what there is;
 * each takes text of a person and says in @err what is wrong with it.
 * Return: 0, -EINVAL, or -E2BIG when the message cannot hold more.
 */
int ip_put_mac(struct hvp_kvp_ip *ip, const char *mac, struct err *err);
int ip_put_device(struct hvp_kvp_ip *ip, const char *guid, struct err *err);
int ip_add_address(struct hvp_kvp_ip *ip, const char *address_and_prefix, struct err *err);
int ip_add_gateway(struct hvp_kvp_ip *ip, const char *gateway, struct err *err);
int ip_add_dns(struct hvp_kvp_ip *ip, const char *server, struct err *err);

/**
 * ip_get() - ask for the addresses of an adapter
 * @ip:		with its MAC address
 * @cb:		called once, later, unless kvp_forget() names @opaque
 *
 * Return: 0; -EOPNOTSUPP when the agreed version of the service has no
 * addresses; or as kvp_ask().
 */
int ip_get(struct kvp *kvp, const struct hvp_kvp_ip *ip, ip_cb cb, void *opaque);

/* Write all of them. Return: as ip_get(), or what hvp_kvp_ip_build() has against @ip. */
int ip_set(struct kvp *kvp, const struct hvp_kvp_ip *ip, ip_cb cb, void *opaque);

#endif
