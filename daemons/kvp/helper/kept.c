// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/kept.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	if (file->is_own)
		return false;
	return saved->text ? !saved_is_as_before(saved) : !access(saved->path, F_OK);
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

/* @part: "" for its contents, KEPT_ABSENT for there having been none */
static void find_place(char path[PATH_MAX], const struct saved_file *file, const char *interface,
		       const char *part)
{
	size_t root = strlen(paths_at("%s", ""));

	snprintf(path, PATH_MAX, "%s", paths_at(KEPT_FOLDER "-%s%s%s", interface, part,
						file->path + root));
}

/* What there is of it is older: what a later injection finds may be what an earlier one wrote. */
static bool is_kept(const struct saved_file *file, const char *interface)
{
	char contents[PATH_MAX], absent[PATH_MAX];

	find_place(contents, file, interface, "");
	find_place(absent, file, interface, KEPT_ABSENT);
	return !access(contents, F_OK) || !access(absent, F_OK);
}

static int keep(const struct saved_file *file, const char *interface, struct err *err)
{
	struct file_rights rights = file->text ? file->rights : file_rights_own(0600);
	char path[PATH_MAX];

	find_place(path, file, interface, file->text ? "" : KEPT_ABSENT);
	make_folders(path);
	return file_replace(path, file->text ? file->text : "", file->length, &rights, err);
}

int kept_write(const struct plan *plan, const struct saved *saved, struct err *err)
{
	bool is_new = is_first(plan, saved);
	int ret = 0;
	size_t i;

	for (i = 0; i < saved->count && !ret; i++) {
		if (!is_worth_it(&plan->files[i], &saved->files[i]))
			continue;
		if (is_new)
			remove_old(saved->interface);
		is_new = false;
		if (!is_kept(&saved->files[i], saved->interface))
			ret = keep(&saved->files[i], saved->interface, err);
	}
	return ret;
}
