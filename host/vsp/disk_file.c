// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/vsp/disk.h"
#include "host/vsp/diskspec.h"
#include "host/vsp/uring.h"

/*
 * A raw image: a file or a block device, read and written through io_uring.
 *
 * Two descriptors are open on it. Requests whose place and memory are aligned
 * go straight between the guest's pages and the device (O_DIRECT); the others,
 * and images on file systems without O_DIRECT, go through the page cache,
 * which the kernel keeps coherent with direct I/O.
 *
 * An image is locked while it is open, so that two hosts cannot share it by
 * accident.
 */
struct file_disk {
	struct disk disk;
	struct uring *uring;
	int fd;
	int direct_fd;		/* -1: not possible here */
	uint64_t direct_align;	/* power of two */
	bool block_device;
};

/* Carries one disk_io through the ring. */
struct file_io {
	struct uring_req req;
	struct disk_io *io;
	bool write_zeros;	/* DISK_DISCARD: holes are not to be had here */
};

static void issue(struct file_disk *file, struct file_io *fio);

static void finish(struct file_io *fio, int result)
{
	struct disk_io *io = fio->io;

	free(io->rest);
	io->rest = NULL;
	free(fio);
	io->done(io, result);
}

static bool aligned(const struct file_disk *file, uint64_t offset, const struct iovec *iov,
		    unsigned int count)
{
	uint64_t bits = offset;
	unsigned int i;

	for (i = 0; i < count; i++)
		bits |= (uint64_t)(uintptr_t)iov[i].iov_base | iov[i].iov_len;
	return !(bits & (file->direct_align - 1));
}

static const struct iovec *vector(const struct disk_io *io, unsigned int *count)
{
	*count = io->rest ? io->rest_count : io->iov_count;
	return io->rest ? io->rest : io->iov;
}

static void prepare_transfer(struct file_disk *file, struct io_uring_sqe *sqe, struct disk_io *io)
{
	uint64_t offset = io->offset + io->finished;
	unsigned int count;
	const struct iovec *iov = vector(io, &count);
	bool direct = file->direct_fd >= 0 && aligned(file, offset, iov, count);
	int fd = direct ? file->direct_fd : file->fd;

	if (io->op == DISK_READ)
		io_uring_prep_readv(sqe, fd, iov, count, offset);
	else
		io_uring_prep_writev2(sqe, fd, iov, count, offset, io->fua ? RWF_DSYNC : 0);
}

static void prepare(struct file_disk *file, struct io_uring_sqe *sqe, const struct file_io *fio)
{
	struct disk_io *io = fio->io;
	int mode = fio->write_zeros ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;

	switch (io->op) {
	case DISK_READ:
	case DISK_WRITE:
		prepare_transfer(file, sqe, io);
		break;
	case DISK_FLUSH:
		io_uring_prep_fsync(sqe, file->fd, IORING_FSYNC_DATASYNC);
		break;
	case DISK_DISCARD:
		io_uring_prep_fallocate(sqe, file->fd, mode | FALLOC_FL_KEEP_SIZE,
					(off_t)io->offset, (off_t)io->length);
		break;
	}
}

/* Step over @done bytes of what is left. Return: 0 or -ENOMEM. */
static int advance(struct disk_io *io, uint64_t done)
{
	struct iovec *rest = io->rest;

	if (!rest) {
		rest = malloc(io->iov_count * sizeof(*rest));
		if (!rest)
			return -ENOMEM;
		memcpy(rest, io->iov, io->iov_count * sizeof(*rest));
		io->rest = rest;
		io->rest_count = io->iov_count;
	}
	io->finished += done;
	while (io->rest_count && done >= rest->iov_len) {
		done -= rest->iov_len;
		io->rest_count--;
		memmove(rest, rest + 1, io->rest_count * sizeof(*rest));
	}
	if (io->rest_count) {
		rest->iov_base = (char *)rest->iov_base + done;
		rest->iov_len -= done;
	}
	return 0;
}

static void transfer_done(struct file_disk *file, struct file_io *fio, int result)
{
	struct disk_io *io = fio->io;
	int ret;

	if (io->finished + (uint64_t)result == io->length)
		return finish(fio, 0);
	if (result == 0)	/* the file is shorter than the disk */
		return finish(fio, -EIO);
	ret = advance(io, (uint64_t)result);
	if (ret)
		return finish(fio, ret);
	issue(file, fio);
}

static void file_done(struct uring_req *req, int result)
{
	struct file_io *fio = (struct file_io *)req;
	struct file_disk *file = (struct file_disk *)fio->io->disk;

	if (result == -EINTR || result == -EAGAIN)
		return issue(file, fio);
	if (result == -EOPNOTSUPP && fio->io->op == DISK_DISCARD && !fio->write_zeros) {
		fio->write_zeros = true;
		return issue(file, fio);
	}
	if (result < 0)
		return finish(fio, result);
	if (fio->io->op == DISK_READ || fio->io->op == DISK_WRITE)
		return transfer_done(file, fio, result);
	finish(fio, 0);
}

static void issue(struct file_disk *file, struct file_io *fio)
{
	struct io_uring_sqe *sqe = uring_get(file->uring);

	if (!sqe)
		return finish(fio, -EBUSY);
	prepare(file, sqe, fio);
	uring_queue(file->uring, sqe, &fio->req);
}

static void file_submit(struct disk *disk, struct disk_io *io)
{
	struct file_io *fio = malloc(sizeof(*fio));

	io->rest = NULL;
	io->rest_count = 0;
	io->finished = 0;
	if (!fio)
		return io->done(io, -ENOMEM);
	*fio = (struct file_io) { .req.done = file_done, .io = io };
	issue((struct file_disk *)disk, fio);
}

static int file_resize(struct disk *disk, uint64_t bytes, struct err *err)
{
	struct file_disk *file = (struct file_disk *)disk;
	off_t end;

	if (!file->block_device) {
		if (ftruncate(file->fd, (off_t)bytes))
			return err_set(err, -errno, "cannot resize the image: %s",
				       strerror(errno));
		return 0;
	}
	end = lseek(file->fd, 0, SEEK_END);
	if (end < 0 || bytes > (uint64_t)end)
		return err_set(err, -ENOSPC, "the block device behind the disk is smaller");
	return 0;
}

static void file_close(struct disk *disk)
{
	struct file_disk *file = (struct file_disk *)disk;

	if (file->direct_fd >= 0)
		close(file->direct_fd);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

static const struct disk_ops file_ops = {
	.submit	= file_submit,
	.resize	= file_resize,
	.close	= file_close,
};

static int open_fds(struct file_disk *file, const struct disk_spec *spec, struct err *err)
{
	int flags = (spec->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC;
	struct stat st;

	/* Before it is opened: to open a FIFO may take for ever. */
	if (!stat(spec->path, &st) && !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return err_set(err, -EINVAL, "%s is neither a file nor a block device", spec->path);
	file->fd = open(spec->path, flags);
	if (file->fd < 0)
		return err_set(err, -errno, "cannot open the image %s: %s", spec->path,
			       strerror(errno));
	if (flock(file->fd, (spec->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB))
		return err_set(err, -EBUSY, "the image %s is in use already, here or by another host",
			       spec->path);
	file->direct_fd = open(spec->path, flags | O_DIRECT);
	return 0;
}

/* Which places and memory addresses O_DIRECT takes. */
static uint64_t direct_alignment(int fd, bool block_device)
{
	int sector = 0;
#ifdef STATX_DIOALIGN
	struct statx stx;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &stx) &&
	    (stx.stx_mask & STATX_DIOALIGN) && stx.stx_dio_offset_align) {
		uint32_t mem = stx.stx_dio_mem_align, offset = stx.stx_dio_offset_align;

		return mem > offset ? mem : offset;
	}
#endif
	if (block_device && !ioctl(fd, BLKSSZGET, &sector) && sector >= 512)
		return (uint64_t)sector;
	return 4096;
}

static int measure(struct file_disk *file, const struct disk_spec *spec, struct err *err)
{
	struct stat st;
	off_t end;

	if (fstat(file->fd, &st))
		return err_set(err, -errno, "cannot look at the image %s: %s", spec->path,
			       strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return err_set(err, -EINVAL, "%s is neither a file nor a block device",
			       spec->path);
	file->block_device = S_ISBLK(st.st_mode);
	end = lseek(file->fd, 0, SEEK_END);
	if (end < (off_t)spec->block_size)
		return err_set(err, -EINVAL, "the image %s is smaller than one block", spec->path);
	file->disk.bytes = (uint64_t)end / spec->block_size * spec->block_size;
	file->direct_align = direct_alignment(file->fd, file->block_device);
	return 0;
}

int disk_file_open(struct disk **out, struct uring *uring, const struct disk_spec *spec,
		   struct err *err)
{
	struct file_disk *file = calloc(1, sizeof(*file));
	int ret;

	if (!uring) {
		free(file);
		return err_set(err, -ENOSYS, "file= needs io_uring, which this system refuses");
	}
	if (!file)
		return err_set(err, -ENOMEM, "out of memory");
	file->disk.ops = &file_ops;
	file->disk.read_only = spec->read_only;
	file->uring = uring;
	file->fd = -1;
	file->direct_fd = -1;
	ret = open_fds(file, spec, err);
	if (!ret)
		ret = measure(file, spec, err);
	if (ret) {
		file_close(&file->disk);
		return ret;
	}
	*out = &file->disk;
	return 0;
}
