/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_STACK_H
#define DAEMONS_VSS_STACK_H

#include "daemons/vss/mounts.h"
#include "daemons/vss/plan.h"

/* What block devices rest on, from sysfs. */

struct stack {
	const struct mount_table *table;
	const char *folder;		/* NULL: /sys/dev/block */
};

/* plan_stack.below() with a struct stack as context. */
size_t stack_below(void *context, const struct mount *mount, int *ids, size_t max);

#endif
