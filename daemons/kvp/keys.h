/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_KEYS_H
#define DAEMONS_KVP_KEYS_H

#include "daemons/common/pool.h"

/*
 * The keys of pool "auto", which are made when they are asked for. The first
 * ten have fixed indices (docs/decisions/, "Automatic keys"); those after them
 * are there only if they have a meaning on this system.
 */

/* What the driver said it is; published as IntegrationServicesVersion. */
void keys_set_version(const char *version);

/* Return: 0, or -ENOENT past the last one. */
int keys_at(unsigned int index, struct pool_record *record);

/* Return: 0, or -ENOENT for a key that is none of them. */
int keys_get(const char *key, char value[POOL_VALUE_SIZE]);

#endif
