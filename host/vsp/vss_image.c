// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/vss_image.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/machine/loop.h"
#include "host/vsp/disk.h"
#include "host/vsp/scsi.h"
#include "host/vsp/uring.h"

/*
 *	created --copy--> copying --all slots idle--> done
 *	any --abandon--> abandoned: freed with the last slot
 *
 * A few slots take the chunks in turn:
 *
 *	idle --next chunk--> reading --> writing --> idle
 *	                     reading --all zeros--> idle (the file has a hole there)
 *
 * No step works on more than one chunk, so that the loop is never busy with
 * the copy for long. The first error stops the slots one after the other.
 */
#define CHUNK		(1u << 20)
#define SLOTS		4u
#define ALIGNMENT	4096u	/* lets reads go straight to the device */

struct slot {
	struct disk_io io;
	struct uring_req write;
	struct vss_image *image;
	struct iovec iov;
	uint8_t *data;
	uint64_t offset;
	uint32_t len;
	uint32_t written;
	bool deferred;		/* its chunk is over, next_deferred() is on its way */
};

struct vss_image {
	struct loop *loop;
	struct uring *uring;
	struct lun *lun;	/* held */
	struct disk *disk;
	int fd;
	char *path;
	uint64_t bytes;
	uint64_t next;		/* offset of the next chunk nobody has taken */
	uint64_t copied;
	unsigned int busy;
	int error;
	const char *failed;	/* what could not be done */
	bool abandoned;
	vss_image_cb done;
	void *opaque;
	struct slot slots[SLOTS];
};

static void destroy(struct vss_image *image)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		loop_forget(image->loop, &image->slots[i]);
		free(image->slots[i].data);
	}
	if (image->fd >= 0)
		close(image->fd);
	if (image->lun)
		scsi_lun_release(image->lun);
	free(image->path);
	free(image);
}

/* ---- the copy ---- */

static void fail(struct vss_image *image, int error, const char *what)
{
	if (image->error)
		return;
	image->error = error;
	image->failed = what;
}

static void tell(void *opaque)
{
	struct vss_image *image = opaque;
	struct err err = { .text = "" };

	if (image->error)
		err_set(&err, image->error, "%s: %s", image->failed, strerror(-image->error));
	image->done(image->opaque, image->error, err.text);
}

static void take_chunk(struct slot *slot);

/* The slot is idle again. */
static void next(struct slot *slot)
{
	struct vss_image *image = slot->image;

	image->busy--;
	if (!image->error && !image->abandoned && image->next < image->bytes)
		return take_chunk(slot);
	if (image->busy)
		return;
	if (image->abandoned)
		return destroy(image);
	tell(image);
}

static void next_deferred(void *opaque)
{
	struct slot *slot = opaque;

	slot->deferred = false;
	next(slot);
}

/* Not at once: a disk in memory and a file without io_uring would recurse. */
static void finish_chunk(struct slot *slot)
{
	struct vss_image *image = slot->image;

	slot->deferred = !image->abandoned && !loop_defer(image->loop, next_deferred, slot);
	if (!slot->deferred)
		next(slot);
}

static void write_chunk(struct slot *slot);

static void chunk_written(struct slot *slot, int result)
{
	struct vss_image *image = slot->image;

	if (result == -EINTR || result == -EAGAIN)
		return write_chunk(slot);
	if (result <= 0) {
		fail(image, result ? result : -EIO, "cannot write the image");
		return finish_chunk(slot);
	}
	slot->written += (uint32_t)result;
	if (slot->written < slot->len)
		return write_chunk(slot);
	image->copied += slot->len;
	finish_chunk(slot);
}

static void uring_written(struct uring_req *req, int result)
{
	chunk_written((struct slot *)((char *)req - offsetof(struct slot, write)), result);
}

static void write_chunk(struct slot *slot)
{
	struct vss_image *image = slot->image;
	const uint8_t *data = slot->data + slot->written;
	uint32_t len = slot->len - slot->written;
	uint64_t offset = slot->offset + slot->written;
	struct io_uring_sqe *sqe = image->uring ? uring_get(image->uring) : NULL;
	ssize_t ret;

	if (sqe) {
		io_uring_prep_write(sqe, image->fd, data, len, offset);
		return uring_queue(image->uring, sqe, &slot->write);
	}
	ret = pwrite(image->fd, data, len, (off_t)offset);
	chunk_written(slot, ret < 0 ? -errno : (int)ret);
}

static bool all_zero(const uint8_t *data, uint32_t len)
{
	return !data[0] && !memcmp(data, data + 1, len - 1);
}

static void chunk_read(struct disk_io *io, int result)
{
	struct slot *slot = (struct slot *)((char *)io - offsetof(struct slot, io));
	struct vss_image *image = slot->image;

	if (result) {
		fail(image, result, "cannot read the disk");
		return finish_chunk(slot);
	}
	if (image->abandoned)
		return finish_chunk(slot);
	if (all_zero(slot->data, slot->len)) {
		image->copied += slot->len;
		return finish_chunk(slot);
	}
	slot->written = 0;
	write_chunk(slot);
}

static void take_chunk(struct slot *slot)
{
	struct vss_image *image = slot->image;
	uint64_t left = image->bytes - image->next;

	image->busy++;
	slot->offset = image->next;
	slot->len = left < CHUNK ? (uint32_t)left : CHUNK;
	image->next += slot->len;
	if (image->disk->bytes < slot->offset + slot->len) {
		fail(image, -ESTALE, "the disk became smaller");
		return finish_chunk(slot);
	}
	slot->iov = (struct iovec) { slot->data, slot->len };
	slot->io = (struct disk_io) {
		.op = DISK_READ, .offset = slot->offset, .length = slot->len,
		.iov = &slot->iov, .iov_count = 1, .done = chunk_read,
	};
	disk_submit(image->disk, &slot->io);
}

void vss_image_copy(struct vss_image *image, vss_image_cb done, void *opaque)
{
	unsigned int i;

	image->done = done;
	image->opaque = opaque;
	for (i = 0; i < SLOTS && image->next < image->bytes; i++)
		take_chunk(&image->slots[i]);
}

/* ---- the file ---- */

static int open_file(struct vss_image *image, struct err *err)
{
	int ret;

	image->fd = open(image->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (image->fd < 0)
		return err_set(err, -errno, "%s: %s", image->path, strerror(errno));
	if (!ftruncate(image->fd, (off_t)image->bytes))
		return 0;
	ret = err_set(err, -errno, "%s: %s", image->path, strerror(errno));
	unlink(image->path);
	return ret;
}

static int allocate(struct vss_image *image)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *slot = &image->slots[i];

		slot->image = image;
		slot->write.done = uring_written;
		slot->data = aligned_alloc(ALIGNMENT, CHUNK);
		if (!slot->data)
			return -ENOMEM;
	}
	return 0;
}

int vss_image_create(struct vss_image **out, const struct vss_image_config *config,
		     struct err *err)
{
	struct vss_image *image = calloc(1, sizeof(*image));
	int ret;

	if (!image)
		return err_set(err, -ENOMEM, "out of memory");
	image->loop = config->loop;
	image->uring = config->uring;
	image->fd = -1;
	image->path = strdup(config->path);
	if (!image->path || allocate(image)) {
		destroy(image);
		return err_set(err, -ENOMEM, "out of memory");
	}
	image->lun = config->lun;
	image->disk = scsi_lun_hold(config->lun);
	image->bytes = image->disk->bytes;
	ret = open_file(image, err);
	if (ret) {
		destroy(image);
		return ret;
	}
	*out = image;
	return 0;
}

void vss_image_keep(struct vss_image *image)
{
	destroy(image);
}

void vss_image_abandon(struct vss_image *image)
{
	unsigned int i;

	if (!image)
		return;
	unlink(image->path);
	image->abandoned = true;
	for (i = 0; i < SLOTS; i++) {
		if (image->slots[i].deferred)
			image->busy--;
	}
	if (!image->busy)
		return destroy(image);
	for (i = 0; i < SLOTS; i++)
		loop_forget(image->loop, &image->slots[i]);
}

uint64_t vss_image_bytes(const struct vss_image *image)
{
	return image->bytes;
}

uint64_t vss_image_copied(const struct vss_image *image)
{
	return image->copied;
}
