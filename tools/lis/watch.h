/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_LIS_WATCH_H
#define TOOLS_LIS_WATCH_H

#include <stdbool.h>

#include "daemons/common/err.h"

/**
 * watch() - print each change of the pools as it happens, until killed
 * @pool:	its number, or -1 for all
 *
 * Return: a negative errno; it does not return otherwise
 */
int watch(const char *folder, int pool, bool json, struct err *err);

#endif
