/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_PLAN_H
#define DAEMONS_VSS_PLAN_H

#include "daemons/vss/mounts.h"
#include "daemons/vss/policy.h"

/* Which file systems are frozen, and in which order. Decided from values only. */

enum plan_verdict {
	PLAN_FREEZE,
	PLAN_NO_DEVICE,		/* not on a block device of this machine: proc, tmpfs, nfs, ... */
	PLAN_READ_ONLY,
	PLAN_EXCLUDED,		/* by the administrator */
	PLAN_LOOP,		/* by the administrator's rule for loop devices */
	PLAN_UNFREEZABLE,	/* a type that is known to have no freeze */
};

/* A file system (superblock), however many mounts it has. */
struct plan_fs {
	dev_t dev;
	const struct mount *mount;	/* the one nearest to the root */
	enum plan_verdict verdict;
	unsigned int depth;		/* mounts between it and the root */
};

struct plan {
	struct plan_fs *fs;
	size_t count;
	size_t *order;		/* indices into fs of what is frozen: freeze forwards, thaw backwards */
	size_t frozen;		/* how many those are */
};

/**
 * struct plan_stack - what lies under a file system's block device
 * @below:	puts the ids of mounts that hold the backing files of loop
 *		devices under @mount's device into @ids, at most @max, however
 *		many layers (device-mapper, partitions) are between; returns how many
 */
struct plan_stack {
	size_t (*below)(void *context, const struct mount *mount, int *ids, size_t max);
	void *context;
};

/**
 * plan_make() - which and in which order
 * @table:	must outlive @plan
 *
 * A file system comes before the one that holds its backing file (a must), then
 * before those it is mounted on, the root last.
 *
 * Return: 0, -ENOTSUP when the policy is strict and something cannot be
 * frozen, -ELOOP when file systems hold each other, -ENOMEM
 */
int plan_make(struct plan *plan, const struct mount_table *table, const struct policy *policy,
	      const struct plan_stack *stack, struct err *err);

void plan_free(struct plan *plan);

/* For people: "is read-only", ... */
const char *plan_verdict_text(enum plan_verdict verdict);

#endif
