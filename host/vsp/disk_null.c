// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/vsp/disk.h"
#include "host/vsp/diskspec.h"

/* A disk of any size that forgets what is written and reads as zeros. */

static void null_submit(struct disk *disk, struct disk_io *io)
{
	unsigned int i;

	(void)disk;
	if (io->op == DISK_READ) {
		for (i = 0; i < io->iov_count; i++)
			memset(io->iov[i].iov_base, 0, io->iov[i].iov_len);
	}
	io->done(io, 0);
}

static int null_resize(struct disk *disk, uint64_t bytes, struct err *err)
{
	(void)disk;
	(void)bytes;
	(void)err;
	return 0;
}

static void null_close(struct disk *disk)
{
	free(disk);
}

static const struct disk_ops null_ops = {
	.submit	= null_submit,
	.resize	= null_resize,
	.close	= null_close,
};

int disk_null_open(struct disk **out, const struct disk_spec *spec, struct err *err)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (!disk)
		return err_set(err, -ENOMEM, "out of memory");
	disk->ops = &null_ops;
	disk->bytes = spec->bytes;
	disk->read_only = spec->read_only;
	*out = disk;
	return 0;
}
