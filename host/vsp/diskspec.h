/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_DISKSPEC_H
#define HOST_VSP_DISKSPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"

/*
 * What `--disk` and `hvctl disk add` say:
 *
 *	file=PATH | ram=SIZE | null=SIZE
 *	[,controller=0|1] [,lun=N] [,ro] [,serial=TEXT] [,block=512|4096]
 *
 * SIZE is bytes, or a number with K, M, G or T behind it.
 */
#define DISKSPEC_CONTROLLERS	2
#define DISKSPEC_LUNS		64	/* per controller, as on Hyper-V */
#define DISKSPEC_LUN_ANY	(-1)
#define DISKSPEC_SERIAL_MAX	32
#define DISKSPEC_PATH_MAX	1024

enum disk_kind {
	DISK_KIND_FILE,
	DISK_KIND_RAM,
	DISK_KIND_NULL,
};

struct disk_spec {
	enum disk_kind kind;
	char path[DISKSPEC_PATH_MAX];		/* DISK_KIND_FILE */
	uint64_t bytes;				/* the others */
	unsigned int controller;
	int lun;				/* or DISKSPEC_LUN_ANY: the lowest free one */
	bool read_only;
	unsigned int block_size;
	char serial[DISKSPEC_SERIAL_MAX + 1];	/* empty: derived from the address */
};

/**
 * diskspec_parse() - read a disk specification
 *
 * Return: 0, or -EINVAL and one sentence in @err that names the wrong part.
 */
int diskspec_parse(const char *text, struct disk_spec *spec, struct err *err);

/**
 * diskspec_parse_size() - read a size
 * Return: 0, or -EINVAL: not a number, unknown suffix, zero, or above 2^62.
 */
int diskspec_parse_size(const char *text, uint64_t *bytes);

#endif
