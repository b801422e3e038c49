// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/disk.h"

#include <errno.h>

#include "host/vsp/diskspec.h"

int disk_open(struct disk **out, struct uring *uring, const struct disk_spec *spec,
	      struct err *err)
{
	switch (spec->kind) {
	case DISK_KIND_FILE:
		return disk_file_open(out, uring, spec, err);
	case DISK_KIND_RAM:
		return disk_ram_open(out, spec, err);
	case DISK_KIND_NULL:
		return disk_null_open(out, spec, err);
	}
	return err_set(err, -EINVAL, "unknown kind of disk");
}

void disk_close(struct disk *disk)
{
	if (disk)
		disk->ops->close(disk);
}

void disk_submit(struct disk *disk, struct disk_io *io)
{
	io->disk = disk;
	disk->ops->submit(disk, io);
}

int disk_resize(struct disk *disk, uint64_t bytes, struct err *err)
{
	int ret = disk->ops->resize(disk, bytes, err);

	if (!ret)
		disk->bytes = bytes;
	return ret;
}
