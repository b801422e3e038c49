/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_MOUNTS_H
#define DAEMONS_VSS_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "daemons/common/err.h"

/* What is mounted where, as /proc/self/mountinfo has it; see proc(5). */

struct mount {
	int id;
	int parent;		/* id of the mount it is on; its own or a foreign one at the top */
	dev_t dev;		/* of the superblock: one file system, however often mounted */
	const char *root;	/* what of the file system it shows: a path in it, mostly "/" */
	const char *point;
	const char *type;
	const char *source;
	bool read_only;		/* the superblock, not this mount of it */
};

struct mount_table {
	struct mount *mounts;	/* a mount comes after the one it is on */
	size_t count;
	char *text;		/* what the strings above are in */
};

/**
 * mounts_parse() - make a table of the text of a mountinfo file
 * @text:	from malloc(), ends with a NUL; belongs to @table from now on, also after an error
 */
int mounts_parse(struct mount_table *table, char *text, struct err *err);

/* mounts_parse() of a file. */
int mounts_read(struct mount_table *table, const char *path, struct err *err);

void mounts_free(struct mount_table *table);

/* NULL if there is none. */
const struct mount *mounts_by_id(const struct mount_table *table, int id);

#endif
