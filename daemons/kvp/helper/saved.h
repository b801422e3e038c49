/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_SAVED_H
#define DAEMONS_KVP_HELPER_SAVED_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "daemons/common/err.h"
#include "daemons/kvp/helper/file.h"
#include "daemons/kvp/helper/plan.h"

/*
 * The files of a plan as they were, in memory and in a record on the disk, from
 * which a later helper takes back what one that was killed had begun.
 */

/* Not in the folder of the pools: hv_kvp, which has no rights, writes that one. */
#define SAVED_FOLDER	"/var/lib/hv_kvp"
#define SAVED_RECORD	SAVED_FOLDER "/rollback"

struct saved_file {
	char path[PATH_MAX];
	char *text;			/* NULL: there was none */
	size_t length;
	struct file_rights rights;
};

struct saved {
	char backend[24];		/* whose plan it is */
	char interface[IF_NAMESIZE];
	char before[PLAN_BEFORE];
	struct saved_file files[PLAN_FILES];
	size_t count;
};

/**
 * saved_take() - read the files that a plan may change, and write the record
 *
 * Return: 0: both are done, the record is on the disk; saved_free() is due
 * whatever it is
 */
int saved_take(struct saved *saved, const struct plan *plan, struct err *err);

/**
 * saved_load() - read the record
 *
 * Return: 1, and saved_free() is due; 0 without a record; -EBADMSG for one that
 * is none, which is then removed; or another negative errno
 */
int saved_load(struct saved *saved, struct err *err);

/* Removes a record that was not whole when its helper was killed: nothing had been begun. */
void saved_tidy(void);

/* All files are tried, whatever happens to one; what nobody has changed is left alone. */
int saved_restore(const struct saved *saved, struct err *err);

/* Whether a file has now what it had then: contents, owner and mode. */
bool saved_is_as_before(const struct saved_file *file);

/* Whether there is a record, or that cannot be told. */
bool saved_is_there(void);

/* Removes the record: all is done, or back. */
int saved_forget(struct err *err);

void saved_free(struct saved *saved);

#endif
