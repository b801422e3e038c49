/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_RECORD_H
#define DAEMONS_VSS_RECORD_H

#include <sys/types.h>

#include "daemons/common/err.h"

/*
 * What a killed daemon may have left frozen. The file is there from before the
 * first freeze until after the last thaw, in a file system that is never frozen.
 */
#define RECORD_PATH	"/run/openlis/vss-frozen"
#define RECORD_MAX	1024

struct record {
	pid_t freezer;		/* the process that freezes, and thaws when its parent dies */
	size_t count;
	dev_t dev[RECORD_MAX];	/* in the order of the freeze */
};

/* All or nothing: a temporary file, renamed. */
int record_write(const struct record *record, const char *path, struct err *err);

/* Return: -ENOENT when nothing is recorded, -EINVAL when the file is not one of ours */
int record_read(struct record *record, const char *path, struct err *err);

/*
 * Only if it is the record of this freezer: one that hung may come back when the
 * file is another's, whose id differs as both live. That, or no file, is no error.
 */
int record_remove(const char *path, pid_t freezer);

#endif
