/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_TARGET_H
#define DAEMONS_VSS_TARGET_H

#include <sys/types.h>

#include "daemons/vss/mounts.h"

/**
 * target_open() - a descriptor for the freeze of a file system
 * @point:	where it was opened, for messages; NULL: not wanted
 *
 * A path may lead to another file system that is mounted over it; that one is
 * never taken for the one wanted. Tries all mounts of the file system.
 *
 * Return: a descriptor, or a negative errno with @err
 */
int target_open(const struct mount_table *table, dev_t dev, const char **point, struct err *err);

#endif
