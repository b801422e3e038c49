// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/kept.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemons/kvp/helper/file.h"
#include "daemons/kvp/paths.h"

#define REMOVE_FILES	16		/* descriptors that are open at a time */

static bool is_first(const struct plan *plan, const struct saved *saved)
{
	size_t i;

	for (i = 0; i < saved->count; i++) {
		if (plan->files[i].is_own && saved->files[i].text)
			return false;
	}
	return true;
}

static bool is_worth_it(const struct plan_file *file, const struct saved_file *saved)
{
	return !file->is_own && saved->text && !saved_is_as_before(saved);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static void remove_old(const char *interface)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", paths_at(KEPT_FOLDER "-%s", interface));
	nftw(path, remove_one, REMOVE_FILES, FTW_DEPTH | FTW_PHYS);
}

/* Those that are there already stay as they are. */
static void make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static int keep(const struct saved_file *file, const char *interface, struct err *err)
{
	size_t root = strlen(paths_at("%s", ""));
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", paths_at(KEPT_FOLDER "-%s%s", interface,
						    file->path + root));
	make_folders(path);
	return file_replace(path, file->text, file->length, &file->rights, err);
}

int kept_write(const struct plan *plan, const struct saved *saved, struct err *err)
{
	bool has_begun = false;
	int ret = 0;
	size_t i;

	if (!is_first(plan, saved))
		return 0;
	for (i = 0; i < saved->count && !ret; i++) {
		if (!is_worth_it(&plan->files[i], &saved->files[i]))
			continue;
		if (!has_begun)
			remove_old(saved->interface);
		has_begun = true;
		ret = keep(&saved->files[i], saved->interface, err);
	}
	return ret;
}
