/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_APPLY_H
#define DAEMONS_KVP_HELPER_APPLY_H

#include <linux/hyperv.h>

#include "daemons/common/err.h"

/**
 * apply() - give an adapter the addresses that the host wants
 * @client:	socket of who asked; once it is closed nothing is begun, and what was
 *		begun is taken back
 * @err:	what went wrong; what was done
 *
 * Return: 0; -EINVAL for a request that is none, -ENODEV without the adapter,
 * -ECANCELED when nobody waits for it any more, -EOPNOTSUPP without a known
 * system of network configuration, or what went wrong, after the old state was
 * brought back
 */
int apply(const struct hv_kvp_ipaddr_value *value, int client, struct err *err);

/* Takes back what a helper that was killed had begun, if anything; @err says so. */
int apply_recover(struct err *err);

#endif
