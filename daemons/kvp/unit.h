/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_UNIT_H
#define DAEMONS_KVP_UNIT_H

#include <stdbool.h>

/**
 * unit_runs() - whether a service of the system runs
 * @name:	"systemd-networkd.service"
 *
 * Network managers leave their state in /run behind when they stop: it says
 * something only as long as they run. Starts no process.
 *
 * Return: true also where systemd does not rule the control groups: who knows
 */
bool unit_runs(const char *name);

#endif
