/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_VSS_IMAGE_H
#define HOST_VSP_VSS_IMAGE_H

#include <stdint.h>

#include "host/err.h"

/*
 * The image of a backup: all bytes of a virtual disk, read as they are at that
 * moment, written to a new file of the host. Loop thread only.
 */
struct loop;
struct lun;
struct uring;
struct vss_image;

struct vss_image_config {
	struct loop *loop;
	struct uring *uring;		/* NULL: the file is written without it */
	struct lun *lun;
	const char *path;		/* must not exist */
};

/* @result: 0 or -errno, with a sentence in @text. */
typedef void (*vss_image_cb)(void *opaque, int result, const char *text);

/**
 * vss_image_create() - make the file and everything that the copy needs
 *
 * Nothing is copied yet: what can fail early fails here, while the guest still runs.
 * Return: 0, or a negative errno with a sentence in @err.
 */
int vss_image_create(struct vss_image **out, const struct vss_image_config *config,
		     struct err *err);

/* Copy. @done is called once, later, unless the image is abandoned before. */
void vss_image_copy(struct vss_image *image, vss_image_cb done, void *opaque);

/* Let go of a finished image: the file stays. */
void vss_image_keep(struct vss_image *image);

/* Give up, at any time: no callback any more, the file is removed. NULL is fine. */
void vss_image_abandon(struct vss_image *image);

uint64_t vss_image_bytes(const struct vss_image *image);	/* of the whole disk */
uint64_t vss_image_copied(const struct vss_image *image);

#endif
