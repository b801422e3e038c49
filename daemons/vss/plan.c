// SPDX-License-Identifier: GPL-2.0-only
/*
 *     mounts                 file systems           order
 *
 *     /        8:1  ext4 --> 8:1   depth 0    --->  3. 8:1   root last
 *     /srv     8:17 xfs  --> 8:17  depth 1    --->  2. 8:17  holds the file under 7:0
 *     /srv/b   8:17 xfs  ----^   (a bind mount)
 *     /mnt     7:0  ext4 --> 7:0   depth 1    --->  1. 7:0   loop device on /srv/image
 *     /proc    0:21 proc --> skipped: no device
 *
 * A thaw goes backwards: the thaw of a file system writes to its device, which
 * must not rest on a frozen one.
 */
#include "daemons/vss/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BELOW_MAX	16

/* Types on block devices that the kernel cannot freeze. Others are found out by trying. */
static const char * const unfreezable[] = {
	"exfat", "fuseblk", "hfsplus", "minix", "msdos", "ntfs", "ntfs3", "udf", "vfat", "zfs",
};

struct maker {
	struct plan *plan;
	const struct mount_table *table;
	const struct policy *policy;
	const struct plan_stack *stack;
	bool *above;		/* [a * frozen + b]: a must be frozen before b */
};

const char *plan_verdict_text(enum plan_verdict verdict)
{
	switch (verdict) {
	case PLAN_FREEZE:
		return "is frozen";
	case PLAN_NO_DEVICE:
		return "is not on a block device";
	case PLAN_READ_ONLY:
		return "is read-only";
	case PLAN_EXCLUDED:
		return "is excluded by the policy";
	case PLAN_LOOP:
		return "is on a loop device";
	case PLAN_UNFREEZABLE:
		return "is of a type without freeze";
	}
	return "?";
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool is_unfreezable(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(unfreezable) / sizeof(unfreezable[0]); i++) {
		if (!strcmp(unfreezable[i], type))
			return true;
	}
	return false;
}

static bool is_on_device(const struct mount *mount)
{
	/* FUSE servers and automounters write what they like there, and must not be touched. */
	if (!strcmp(mount->type, "fuse") || starts_with(mount->type, "fuse.") ||
	    !strcmp(mount->type, "autofs") || !strcmp(mount->type, "devtmpfs"))
		return false;
	return starts_with(mount->source, "/dev/") || !strcmp(mount->type, "zfs");
}

static unsigned int depth_of(const struct mount_table *table, const struct mount *mount)
{
	unsigned int depth = 0;
	const struct mount *parent;

	/* Bounded: the table may have been torn while it was read. */
	while (depth < table->count && mount->parent != mount->id) {
		parent = mounts_by_id(table, mount->parent);
		if (!parent)
			break;
		mount = parent;
		depth++;
	}
	return depth;
}

static struct plan_fs *find_fs(const struct plan *plan, dev_t dev)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		if (plan->fs[i].dev == dev)
			return &plan->fs[i];
	}
	return NULL;
}

static bool is_at_root(const struct plan_fs *fs)
{
	return !strcmp(fs->mount->point, "/");
}

/* --- verdicts --------------------------------------------------------------- */

/* What of @path is below @folder, "" for nothing; NULL: it is elsewhere. */
static const char *part_below(const char *path, const char *folder)
{
	size_t length = strcmp(folder, "/") ? strlen(folder) : 0;

	if (strncmp(path, folder, length) || (path[length] && path[length] != '/'))
		return NULL;
	return strcmp(path + length, "/") ? path + length : "";
}

/* Whether the same would be there without it: so a sandbox makes a folder of ours read-only. */
static bool is_bound_to_itself(const struct mount_table *table, const struct mount *mount)
{
	const struct mount *parent = mounts_by_id(table, mount->parent);
	const char *point, *root;

	if (!parent || parent == mount || parent->dev != mount->dev)
		return false;
	point = part_below(mount->point, parent->point);
	root = part_below(mount->root, parent->root);
	return point && root && !strcmp(point, root);
}

static bool any_point_matches(const struct maker *maker, const struct plan_fs *fs,
			      const struct policy_patterns *patterns)
{
	size_t i;

	for (i = 0; i < maker->table->count; i++) {
		const struct mount *mount = &maker->table->mounts[i];

		if (mount->dev == fs->dev && policy_matches(patterns, mount->point) &&
		    !is_bound_to_itself(maker->table, mount))
			return true;
	}
	return false;
}

static enum plan_verdict judge(const struct maker *maker, const struct plan_fs *fs)
{
	const struct mount *mount = fs->mount;
	int ids[BELOW_MAX];

	if (mount->read_only)
		return PLAN_READ_ONLY;
	if (any_point_matches(maker, fs, &maker->policy->include))
		return PLAN_FREEZE;
	if (!is_on_device(mount))
		return PLAN_NO_DEVICE;
	if (any_point_matches(maker, fs, &maker->policy->exclude) ||
	    policy_matches(&maker->policy->exclude_type, mount->type))
		return PLAN_EXCLUDED;
	if (is_unfreezable(mount->type))
		return PLAN_UNFREEZABLE;
	if (maker->policy->skip_loop &&
	    maker->stack->below(maker->stack->context, mount, ids, BELOW_MAX))
		return PLAN_LOOP;
	return PLAN_FREEZE;
}

static void collect(struct maker *maker)
{
	struct plan *plan = maker->plan;
	size_t i;

	for (i = 0; i < maker->table->count; i++) {
		const struct mount *mount = &maker->table->mounts[i];
		unsigned int depth = depth_of(maker->table, mount);
		struct plan_fs *fs = find_fs(plan, mount->dev);

		if (!fs) {
			fs = &plan->fs[plan->count++];
			*fs = (struct plan_fs) { mount->dev, mount, PLAN_NO_DEVICE, depth };
		} else if (depth < fs->depth) {
			fs->mount = mount;
			fs->depth = depth;
		}
	}
	for (i = 0; i < plan->count; i++)
		plan->fs[i].verdict = judge(maker, &plan->fs[i]);
}

static int refuse_unfreezable(const struct maker *maker, struct err *err)
{
	size_t i;

	for (i = 0; maker->policy->strict && i < maker->plan->count; i++) {
		const struct plan_fs *fs = &maker->plan->fs[i];

		if (fs->verdict == PLAN_UNFREEZABLE)
			return err_set(err, -ENOTSUP, "%.120s (%.32s) %s, and the policy is strict",
				       fs->mount->point, fs->mount->type,
				       plan_verdict_text(fs->verdict));
	}
	return 0;
}

/* --- order ------------------------------------------------------------------ */

/* Before they are put in order, plan->order lists what is frozen as it was found. */
static void list_frozen(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		if (plan->fs[i].verdict == PLAN_FREEZE)
			plan->order[plan->frozen++] = i;
	}
}

static void note_above(struct maker *maker, size_t upper, dev_t lower_dev)
{
	struct plan *plan = maker->plan;
	size_t lower;

	for (lower = 0; lower < plan->frozen; lower++) {
		if (lower != upper && plan->fs[plan->order[lower]].dev == lower_dev)
			maker->above[upper * plan->frozen + lower] = true;
	}
}

static void find_above(struct maker *maker)
{
	struct plan *plan = maker->plan;
	size_t upper, count, i;
	int ids[BELOW_MAX];

	for (upper = 0; upper < plan->frozen; upper++) {
		count = maker->stack->below(maker->stack->context,
					    plan->fs[plan->order[upper]].mount, ids, BELOW_MAX);
		for (i = 0; i < count; i++) {
			const struct mount *mount = mounts_by_id(maker->table, ids[i]);

			if (mount)
				note_above(maker, upper, mount->dev);
		}
	}
}

static bool is_waiting(const struct maker *maker, const bool *placed, size_t lower)
{
	size_t upper;

	for (upper = 0; upper < maker->plan->frozen; upper++) {
		if (!placed[upper] && maker->above[upper * maker->plan->frozen + lower])
			return true;
	}
	return false;
}

/* Whether @a goes before @b when both may. */
static bool goes_first(const struct plan_fs *a, const struct plan_fs *b)
{
	if (is_at_root(a) != is_at_root(b))
		return is_at_root(b);
	if (a->depth != b->depth)
		return a->depth > b->depth;
	return a->mount->id > b->mount->id;
}

/* @sorted and @placed have room for plan->frozen. */
static int put_in_order(struct maker *maker, size_t *sorted, bool *placed, struct err *err)
{
	const struct plan *plan = maker->plan;
	size_t done, i;

	for (done = 0; done < plan->frozen; done++) {
		size_t next = plan->frozen;

		for (i = 0; i < plan->frozen; i++) {
			if (placed[i] || is_waiting(maker, placed, i))
				continue;
			if (next == plan->frozen || goes_first(&plan->fs[plan->order[i]],
							       &plan->fs[plan->order[next]]))
				next = i;
		}
		if (next == plan->frozen)
			return err_set(err, -ELOOP, "file systems hold each other's backing files");
		placed[next] = true;
		sorted[done] = plan->order[next];
	}
	return 0;
}

static int sort(struct maker *maker, struct err *err)
{
	struct plan *plan = maker->plan;
	size_t *sorted = calloc(plan->frozen + 1, sizeof(*sorted));
	bool *placed = calloc(plan->frozen + 1, sizeof(*placed));
	int ret = -ENOMEM;

	maker->above = calloc(plan->frozen * plan->frozen + 1, sizeof(*maker->above));
	if (sorted && placed && maker->above) {
		find_above(maker);
		ret = put_in_order(maker, sorted, placed, err);
	}
	if (!ret) {
		free(plan->order);
		plan->order = sorted;
		sorted = NULL;
	}
	free(maker->above);
	free(placed);
	free(sorted);
	return ret;
}

int plan_make(struct plan *plan, const struct mount_table *table, const struct policy *policy,
	      const struct plan_stack *stack, struct err *err)
{
	struct maker maker = { plan, table, policy, stack, NULL };
	int ret = -ENOMEM;

	*plan = (struct plan) {
		.fs = calloc(table->count + 1, sizeof(*plan->fs)),
		.order = calloc(table->count + 1, sizeof(*plan->order)),
	};
	if (plan->fs && plan->order) {
		collect(&maker);
		list_frozen(plan);
		ret = refuse_unfreezable(&maker, err);
	}
	if (!ret)
		ret = sort(&maker, err);
	if (ret == -ENOMEM)
		err_set(err, ret, "no memory for the plan");
	if (ret)
		plan_free(plan);
	return ret;
}

void plan_free(struct plan *plan)
{
	free(plan->fs);
	free(plan->order);
	*plan = (struct plan) { 0 };
}
