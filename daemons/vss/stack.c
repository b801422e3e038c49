// SPDX-License-Identifier: GPL-2.0-only
/*
 * <folder>/M:m is a block device:
 *
 *   loop/backing_file    a loop device: the file's mount is what we look for
 *   partition            a partition: look at the folder above it
 *   slaves/ * /dev       device-mapper or md: look at each
 */
#include "daemons/vss/stack.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LAYERS_MAX	8

struct walk {
	const struct stack *stack;
	int *ids;
	size_t max, count;
};

/* The first line of a file in sysfs; false if there is none. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool is_there;

	if (!file)
		return false;
	is_there = fgets(line, (int)size, file);
	fclose(file);
	if (is_there)
		line[strcspn(line, "\n")] = '\0';
	return is_there;
}

static bool is_below_point(const char *path, const char *point)
{
	size_t length = strlen(point);

	return !strcmp(point, "/") ||
	       (!strncmp(path, point, length) && (path[length] == '/' || !path[length]));
}

/* For a file that is deleted, or covered by another mount. */
static const struct mount *mount_by_path(const struct mount_table *table, const char *path)
{
	const struct mount *best = NULL;
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct mount *mount = &table->mounts[i];

		if (is_below_point(path, mount->point) &&
		    (!best || strlen(mount->point) >= strlen(best->point)))
			best = mount;
	}
	return best;
}

static void note_file(struct walk *walk, const char *path)
{
	const struct mount *mount = NULL;
	struct statx status;

	if (!statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) &&
	    (status.stx_mask & STATX_MNT_ID))
		mount = mounts_by_id(walk->stack->table, (int)status.stx_mnt_id);
	if (!mount)
		mount = mount_by_path(walk->stack->table, path);
	if (mount && walk->count < walk->max)
		walk->ids[walk->count++] = mount->id;
}

static void walk_device(struct walk *walk, const char *name, unsigned int layer);

/* @path is that of a file with "M:m" in it. */
static void walk_named(struct walk *walk, const char *path, unsigned int layer)
{
	char name[32];

	if (read_line(path, name, sizeof(name)))
		walk_device(walk, name, layer);
}

static void walk_slaves(struct walk *walk, const char *folder, unsigned int layer)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/slaves", folder);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/slaves/%s/dev", folder, entry->d_name);
		walk_named(walk, path, layer);
	}
	closedir(dir);
}

static void walk_device(struct walk *walk, const char *name, unsigned int layer)
{
	const char *base = walk->stack->folder ? walk->stack->folder : "/sys/dev/block";
	char folder[PATH_MAX / 2], path[PATH_MAX], file[PATH_MAX];

	if (layer == LAYERS_MAX)
		return;
	snprintf(folder, sizeof(folder), "%s/%s", base, name);
	snprintf(path, sizeof(path), "%s/loop/backing_file", folder);
	if (read_line(path, file, sizeof(file))) {
		note_file(walk, file);
		return;
	}
	snprintf(path, sizeof(path), "%s/partition", folder);
	if (!access(path, F_OK)) {
		snprintf(path, sizeof(path), "%s/../dev", folder);
		walk_named(walk, path, layer + 1);
		return;
	}
	walk_slaves(walk, folder, layer + 1);
}

size_t stack_below(void *context, const struct mount *mount, int *ids, size_t max)
{
	struct walk walk = { context, ids, max, 0 };
	dev_t dev = mount->dev;
	struct stat status;
	char name[32];

	/* btrfs and its like have a number of their own, and name a device as the source. */
	if (!major(dev) && !stat(mount->source, &status) && S_ISBLK(status.st_mode))
		dev = status.st_rdev;
	snprintf(name, sizeof(name), "%u:%u", major(dev), minor(dev));
	walk_device(&walk, name, 0);
	return walk.count;
}
