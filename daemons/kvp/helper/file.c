// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_rights file_rights_own(mode_t mode)
{
	return (struct file_rights){ .mode = mode, .uid = geteuid(), .gid = getegid() };
}

/* A change of the owner takes bits from the mode, so that comes after it. */
static int set_rights(int fd, const struct file_rights *rights)
{
	struct stat status;

	if (fstat(fd, &status))
		return -1;
	if ((status.st_uid != rights->uid || status.st_gid != rights->gid) &&
	    fchown(fd, rights->uid, rights->gid))
		return -1;
	return fchmod(fd, rights->mode);
}

static int write_text(int fd, const char *text, size_t length, const struct file_rights *rights)
{
	if (set_rights(fd, rights) || write(fd, text, length) != (ssize_t)length || fsync(fd))
		return errno ? -errno : -EIO;
	return 0;
}

static void folder_of(const char *path, char folder[PATH_MAX])
{
	snprintf(folder, PATH_MAX, "%s", path);
	*strrchr(folder, '/') = '\0';
}

static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	folder_of(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* Hidden, and without the ending that it has: no back end's program reads such a name. */
static bool name_temporary(const char *path, char temporary[PATH_MAX])
{
	const char *name = strrchr(path, '/') + 1;

	return snprintf(temporary, PATH_MAX, "%.*s.%s.hv_kvp", (int)(name - path), path, name) <
	       PATH_MAX;
}

void file_tidy(const char *path)
{
	char temporary[PATH_MAX];

	if (name_temporary(path, temporary))
		unlink(temporary);
}

static int open_new(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* With the last folder, which packages may leave to the administrator. */
static int open_temporary(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	unlink(path);
	fd = open_new(path);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	folder_of(path, folder);
	if (mkdir(folder, 0755) || chmod(folder, 0755))
		return -1;
	sync_folder(folder);
	return open_new(path);
}

int file_replace(const char *path, const char *text, size_t length,
		 const struct file_rights *rights, struct err *err)
{
	char temporary[PATH_MAX];
	int fd, ret;

	if (!name_temporary(path, temporary))
		return err_set(err, -ENAMETOOLONG, "%s: too long", path);
	fd = open_temporary(temporary);
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", temporary, strerror(errno));
	errno = 0;
	ret = write_text(fd, text, length, rights);
	close(fd);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret) {
		unlink(temporary);
		return err_set(err, ret, "%s: %s", path, strerror(-ret));
	}
	sync_folder(path);
	return 0;
}

int file_remove(const char *path, struct err *err)
{
	if (unlink(path) && errno != ENOENT)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	sync_folder(path);
	return 0;
}
