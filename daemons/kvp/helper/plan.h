/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_PLAN_H
#define DAEMONS_KVP_HELPER_PLAN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "daemons/common/err.h"
#include "daemons/kvp/helper/file.h"

/*
 * What a back end wants done: files with their new contents, and programs to
 * run. A back end only writes the plan; transaction.c carries it out, and back.
 */

#define PLAN_FILES	32
#define PLAN_COMMANDS	12
#define PLAN_WORDS	10
#define PLAN_TEXT	65536		/* bytes of one file, at most */
#define PLAN_BEFORE	48

struct plan_file {
	char path[PATH_MAX];		/* with the root before it */
	char *text;			/* NULL: stays as it is, but is saved and restored */
	struct file_rights rights;
	bool is_own;			/* nobody else writes it */
};

enum plan_phase {
	PLAN_PREPARE,			/* before the files are written */
	PLAN_APPLY,			/* after that */
	PLAN_LEAVE,			/* to roll back: before the old files are restored */
	PLAN_RESTORE,			/* after that */
};

struct plan_command {
	enum plan_phase phase;
	bool may_fail;
	const char *words[PLAN_WORDS];	/* words[0] is the path, without the root */
};

struct plan {
	struct plan_file files[PLAN_FILES];
	size_t file_count;
	struct plan_command commands[PLAN_COMMANDS];
	size_t command_count;
	const char *backend;		/* whose it is; static */
	const char *interface;
	bool is_trusted;		/* no read-back: what it does may take effect later */
	char before[PLAN_BEFORE];	/* a back end's note for its undo(), a later helper's, too */
	char scratch[512];		/* for words that a back end makes */
	FILE *stream;			/* of the file that is being written */
};

/**
 * plan_write() - begin a file of our own
 *
 * Return: a stream for its text, until plan_written(); NULL when there is no
 * room for one more
 */
FILE *plan_write(struct plan *plan, const char *path, mode_t mode);
/* One of others. It keeps its owner and mode if it is there: there may be passwords in it. */
FILE *plan_edit(struct plan *plan, const char *path, mode_t mode);
int plan_written(struct plan *plan, struct err *err);

/* A file that a program of the plan may change. */
int plan_keep(struct plan *plan, const char *path, struct err *err);

/* One more program; the words end with NULL and must live as long as the plan. */
void plan_run(struct plan *plan, enum plan_phase phase, bool may_fail, const char *path, ...)
	__attribute__((sentinel));

void plan_free(struct plan *plan);

#endif
