// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/vsp/disk.h"
#include "host/vsp/diskspec.h"

/* A disk in memory. Pages appear when they are written; every request ends at once. */
struct ram_disk {
	struct disk disk;
	uint8_t *data;
};

#define RAM_PAGE	4096u

static void copy_read(const struct ram_disk *ram, const struct disk_io *io)
{
	const uint8_t *from = ram->data + io->offset;
	unsigned int i;

	for (i = 0; i < io->iov_count; i++) {
		memcpy(io->iov[i].iov_base, from, io->iov[i].iov_len);
		from += io->iov[i].iov_len;
	}
}

static void copy_write(struct ram_disk *ram, const struct disk_io *io)
{
	uint8_t *to = ram->data + io->offset;
	unsigned int i;

	for (i = 0; i < io->iov_count; i++) {
		memcpy(to, io->iov[i].iov_base, io->iov[i].iov_len);
		to += io->iov[i].iov_len;
	}
}

/* Whole pages go back to the kernel, the ragged ends are cleared. */
static int discard(struct ram_disk *ram, uint64_t offset, uint64_t length)
{
	uint64_t first = (offset + RAM_PAGE - 1) & ~(uint64_t)(RAM_PAGE - 1);
	uint64_t end = offset + length;
	uint64_t last = end & ~(uint64_t)(RAM_PAGE - 1);

	if (first >= last) {
		memset(ram->data + offset, 0, length);
		return 0;
	}
	memset(ram->data + offset, 0, first - offset);
	memset(ram->data + last, 0, end - last);
	return madvise(ram->data + first, last - first, MADV_DONTNEED) ? -errno : 0;
}

static void ram_submit(struct disk *disk, struct disk_io *io)
{
	struct ram_disk *ram = (struct ram_disk *)disk;
	int ret = 0;

	switch (io->op) {
	case DISK_READ:
		copy_read(ram, io);
		break;
	case DISK_WRITE:
		copy_write(ram, io);
		break;
	case DISK_DISCARD:
		ret = discard(ram, io->offset, io->length);
		break;
	case DISK_FLUSH:
		break;
	}
	io->done(io, ret);
}

/* A disk that shrinks and grows again shows zeros in the new part, so cut pages are dropped. */
static int ram_resize(struct disk *disk, uint64_t bytes, struct err *err)
{
	struct ram_disk *ram = (struct ram_disk *)disk;
	void *data;

	if (bytes < disk->bytes)
		discard(ram, bytes, disk->bytes - bytes);
	data = mremap(ram->data, disk->bytes, bytes, MREMAP_MAYMOVE);
	if (data == MAP_FAILED)
		return err_set(err, -errno, "cannot resize the RAM disk: %s", strerror(errno));
	ram->data = data;
	return 0;
}

static void ram_close(struct disk *disk)
{
	munmap(((struct ram_disk *)disk)->data, disk->bytes);
	free(disk);
}

static const struct disk_ops ram_ops = {
	.submit	= ram_submit,
	.resize	= ram_resize,
	.close	= ram_close,
};

int disk_ram_open(struct disk **out, const struct disk_spec *spec, struct err *err)
{
	struct ram_disk *ram = calloc(1, sizeof(*ram));

	if (!ram)
		return err_set(err, -ENOMEM, "out of memory");
	ram->data = mmap(NULL, spec->bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram->data == MAP_FAILED) {
		/* It is the size that is wrong: this much no host has. */
		int ret = err_set(err, -EFBIG, "cannot map %llu bytes for a RAM disk: %s",
				  (unsigned long long)spec->bytes, strerror(errno));

		free(ram);
		return ret;
	}
	ram->disk.ops = &ram_ops;
	ram->disk.bytes = spec->bytes;
	ram->disk.read_only = spec->read_only;
	*out = &ram->disk;
	return 0;
}
