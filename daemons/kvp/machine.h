/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_MACHINE_H
#define DAEMONS_KVP_MACHINE_H

#include <stdbool.h>

/**
 * machine_is_new() - is /etc/machine-id another one than the remembered one
 * @folder:	where it is remembered, in .kvp_machine_id
 *
 * Return: false, too, if there is no machine id, or none was known.
 */
bool machine_is_new(const char *folder);

/* From now on it is the known one. */
void machine_remember(const char *folder);

#endif
