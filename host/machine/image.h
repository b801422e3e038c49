/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_IMAGE_H
#define HOST_MACHINE_IMAGE_H

#include <asm/bootparam.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"

struct gmem;

/* Where a kernel was put, and what the boot protocol wants to know about it. */
struct image {
	uint64_t entry;			/* 64-bit entry point */
	uint64_t end;			/* first byte the kernel does not need */
	struct setup_header setup;	/* a bzImage's own; a minimal one for an ELF kernel */
};

/**
 * image_load_kernel() - load an ELF vmlinux or a bzImage
 *
 * Return: 0; -errno of the file; -ENOEXEC for what is not a 64-bit x86 kernel;
 * -ENOSPC when guest memory is too small.
 */
int image_load_kernel(struct gmem *gmem, const char *path, struct image *image, struct err *err);

/**
 * image_load_initrd() - load a file as high as it fits below @top, above @floor
 * Return: 0 with @gpa and @size set, -errno, or -ENOSPC.
 */
int image_load_initrd(struct gmem *gmem, const char *path, uint64_t floor, uint64_t top,
		      uint64_t *gpa, uint64_t *size, struct err *err);

#endif
