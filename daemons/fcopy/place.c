// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/fcopy/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEMPORARY_START	".openlis-"

/* --- names only --------------------------------------------------------------- */

/* What of @path is below @root, or NULL. */
static const char *below(const char *path, const char *root)
{
	size_t length = strlen(root);

	if (strncmp(path, root, length) || (path[length] && path[length] != '/'))
		return NULL;
	return path + length + (path[length] == '/');
}

int place_find(struct place *place, const struct policy *policy, const char *path,
	       struct err *err)
{
	char clean[NAMES_FIELD_BYTES];
	const char *root = NULL;
	size_t i;
	int ret = names_clean_path(path, clean, sizeof(clean), err);

	if (ret)
		return ret;
	for (i = 0; i < policy->roots; i++) {
		if (below(clean, policy->root[i]) &&
		    (!root || strlen(policy->root[i]) > strlen(root)))
			root = policy->root[i];
	}
	if (!root)
		return err_set(err, -EPERM, "%.160s is in none of the roots of the settings", path);
	*place = (struct place) { .made = 0 };
	strcpy(place->root, root);
	strcpy(place->path, below(clean, root));
	return 0;
}

int place_name_temporary(struct place *place, struct err *err)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return err_set(err, -EIO, "no random number for the temporary file");
	snprintf(place->temporary, sizeof(place->temporary), TEMPORARY_START "%016llx",
		 (unsigned long long)number);
	return 0;
}

bool place_is_temporary(const char *name)
{
	size_t start = strlen(TEMPORARY_START);

	return strlen(name) == PLACE_TEMPORARY_BYTES - 1 &&
	       !strncmp(name, TEMPORARY_START, start) &&
	       strspn(name + start, "0123456789abcdef") == 16;
}

/* The first @count components of the path. */
static void first_components(const struct place *place, unsigned int count, char *path)
{
	size_t length = 0;

	for (; count && place->path[length]; count--) {
		length += place->path[length] == '/';
		length += strcspn(place->path + length, "/");
	}
	memcpy(path, place->path, length);
	path[length] = '\0';
}

static unsigned int count_components(const struct place *place)
{
	unsigned int count = place->path[0] != '\0';
	const char *at;

	for (at = place->path; *at; at++)
		count += *at == '/';
	return count;
}

/* --- the file system ------------------------------------------------------------ */

static int open_root(const struct place *place, struct err *err)
{
	int fd = open(*place->root ? place->root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, -errno, "root %.160s: %s", place->root, strerror(errno));
	return fd;
}

static int open_beneath(int root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int fail_path(const struct place *place, const char *path, int ret, struct err *err)
{
	return err_set(err, ret, "%.80s/%.120s: %s", place->root, path,
		       ret == -ELOOP ? "a symbolic link on the way" : strerror(-ret));
}

/* The folder of the first @count components. */
static int open_first(const struct place *place, int root, unsigned int count, struct err *err)
{
	char path[NAMES_FIELD_BYTES];
	int fd;

	first_components(place, count, path);
	fd = open_beneath(root, path);
	return fd < 0 ? fail_path(place, path, fd, err) : fd;
}

int place_open(const struct place *place, struct err *err)
{
	int root = open_root(place, err);
	int fd;

	if (root < 0)
		return root;
	fd = open_first(place, root, count_components(place), err);
	close(root);
	return fd;
}

int place_count_missing(struct place *place, struct err *err)
{
	int root = open_root(place, err);
	unsigned int all = count_components(place), there;
	int fd = root;

	if (root < 0)
		return root;
	for (there = all; there; there--) {
		fd = open_first(place, root, there, err);
		if (fd != -ENOENT)
			break;
	}
	if (fd >= 0 && fd != root)
		close(fd);
	close(root);
	place->made = all - there;
	return there && fd < 0 ? fd : 0;
}

int place_own(int fd, int parent, const struct policy *policy, struct err *err)
{
	struct stat folder = { .st_uid = policy->uid, .st_gid = policy->gid };
	struct stat now;

	if (policy->owner == POLICY_OWNER_FOLDER && fstat(parent, &folder))
		return err_set(err, -errno, "owner of the folder: %s", strerror(errno));
	if (!fstat(fd, &now) && now.st_uid == folder.st_uid && now.st_gid == folder.st_gid)
		return 0;
	if (fchown(fd, folder.st_uid, folder.st_gid))
		return err_set(err, -errno, "owner %u:%u: %s", folder.st_uid, folder.st_gid,
			       strerror(errno));
	return 0;
}

static bool is_empty(int fd)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;
	bool is_so;

	if (!dir) {
		if (own >= 0)
			close(own);
		return false;
	}
	do {
		errno = 0;
		entry = readdir(dir);
	} while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
	is_so = !entry && !errno;
	closedir(dir);
	return is_so;
}

/*
 * Opens the folder that was just made. The owner of @parent may have put another
 * one in its place, and that must not get the owner and the mode of the policy:
 * ours belongs to us, is open to nobody else, is no mount, and has nothing in it.
 */
static int open_made(int parent, const char *name)
{
	int fd = open_beneath(parent, name);
	struct stat around, made;

	if (fd < 0)
		return fd;
	if (!fstat(parent, &around) && !fstat(fd, &made) && made.st_uid == geteuid() &&
	    !(made.st_mode & 0077) && made.st_dev == around.st_dev && is_empty(fd))
		return fd;
	close(fd);
	return -EBUSY;
}

/* @path has @count components; the last one is new. */
static int make_folder(const struct place *place, int root, unsigned int count,
		       const struct policy *policy, struct err *err)
{
	char path[NAMES_FIELD_BYTES];
	const char *name;
	int parent = open_first(place, root, count - 1, err);
	int fd, ret;

	if (parent < 0)
		return parent;
	first_components(place, count, path);
	name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	if (mkdirat(parent, name, 0700)) {
		/* Somebody was faster: it is not ours to own. */
		ret = fail_path(place, path, errno == EEXIST ? -EBUSY : -errno, err);
		close(parent);
		return ret;
	}
	fd = open_made(parent, name);
	ret = fd < 0 ? fail_path(place, path, fd, err) : place_own(fd, parent, policy, err);
	if (!ret && fchmod(fd, policy->folder_mode))
		ret = fail_path(place, path, -errno, err);
	/* The name of the new folder must outlive a power cut as the file in it does. */
	if (!ret && fsync(parent))
		ret = fail_path(place, path, -errno, err);
	if (fd >= 0)
		close(fd);
	close(parent);
	return ret;
}

int place_make(const struct place *place, const struct policy *policy, struct err *err)
{
	unsigned int all = count_components(place), count;
	int root = open_root(place, err);
	int ret = root < 0 ? root : 0;

	for (count = all - place->made + 1; !ret && count <= all; count++)
		ret = make_folder(place, root, count, policy, err);
	if (!ret)
		ret = open_first(place, root, all, err);
	if (root >= 0)
		close(root);
	return ret;
}

static void remove_folder(const struct place *place, int root, unsigned int count)
{
	char path[NAMES_FIELD_BYTES];
	char *slash;
	int parent;

	first_components(place, count, path);
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	parent = open_beneath(root, slash ? path : "");
	if (parent < 0)
		return;
	unlinkat(parent, slash ? slash + 1 : path, AT_REMOVEDIR);
	close(parent);
}

void place_clean(const struct place *place)
{
	unsigned int count = count_components(place), i;
	int root = open_root(place, NULL);
	int folder;

	if (root < 0)
		return;
	folder = open_first(place, root, count, NULL);
	if (folder >= 0) {
		if (place_is_temporary(place->temporary))
			unlinkat(folder, place->temporary, 0);
		close(folder);
	}
	for (i = 0; i < place->made && i < count; i++)
		remove_folder(place, root, count - i);
	close(root);
}
