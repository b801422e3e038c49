// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Looks at what is there before it is opened: opening a device or a FIFO has effects. */
static int open_point(const struct mount *mount)
{
	char link[48];
	struct statx status;
	int path = open(mount->point, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	int fd = -1, error;

	if (path < 0)
		return -errno;
	if (statx(path, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MNT_ID,
		  &status)) {
		error = errno;
	} else if (!(status.stx_mask & STATX_MNT_ID) || (int)status.stx_mnt_id != mount->id) {
		error = ESTALE;
	} else if (!S_ISDIR(status.stx_mode) && !S_ISREG(status.stx_mode)) {
		error = ENOTDIR;
	} else {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", path);
		fd = open(link, O_RDONLY | O_CLOEXEC);
		error = errno;
	}
	close(path);
	return fd >= 0 ? fd : -error;
}

static const char *reason(int ret)
{
	return ret == -ESTALE ? "another file system is mounted over it" : strerror(-ret);
}

int target_open(const struct mount_table *table, dev_t dev, const char **point, struct err *err)
{
	const struct mount *first = NULL;
	int ret = -ENOENT;
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct mount *mount = &table->mounts[i];
		int fd;

		if (mount->dev != dev)
			continue;
		fd = open_point(mount);
		if (fd >= 0) {
			if (point)
				*point = mount->point;
			return fd;
		}
		if (!first || ret == -ESTALE) {
			first = mount;
			ret = fd;
		}
	}
	if (!first)
		return err_set(err, ret, "a file system that was frozen is mounted nowhere");
	return err_set(err, ret, "cannot open %.120s (%.32s on %.60s): %s", first->point,
		       first->type, first->source, reason(ret));
}
