/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_MACHINE_H
#define DAEMONS_KVP_MACHINE_H

#include "daemons/common/err.h"
#include "daemons/common/pool.h"

/*
 * Facts about the host of another machine: an image may come from one that has
 * run. In .kvp_machine_id beside the pools is whose they are, and which of them
 * could not be emptied when it became another one's.
 */

/**
 * machine_begin() - at the start: if /etc/machine-id is another one than before,
 * empty the pools that describe the host; else, what is left of that
 *
 * Nothing happens if there is no machine id, or none was known.
 */
void machine_begin(const char *folder);

/**
 * machine_before_set() - the host is about to write to a pool: what is left in it goes
 *
 * Return: 0: what is in it stays from now on. Or as pool_clear(): what would be
 * written now could be lost with the rest.
 */
int machine_before_set(const struct pool *pool, struct err *err);

#endif
