/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_KEPT_H
#define DAEMONS_KVP_HELPER_KEPT_H

#include "daemons/common/err.h"
#include "daemons/kvp/helper/plan.h"
#include "daemons/kvp/helper/saved.h"

/*
 * For who wants to undo injections: files of others, as they were before the
 * first one for an interface that changed them, below a folder with their whole
 * path; what was not there is an empty file with its path below KEPT_ABSENT.
 */
#define KEPT_FOLDER	SAVED_FOLDER "/before"	/* -NAME */
#define KEPT_ABSENT	"/absent"

/**
 * kept_write() - keep what a plan has changed
 * @plan:	has been carried out, and was the first for its interface if none
 *		of its own files was there
 * @saved:	the files as they were
 *
 * What was kept before an earlier first one goes. Nothing happens to what is
 * kept already, or if no file of others was changed.
 */
int kept_write(const struct plan *plan, const struct saved *saved, struct err *err);

#endif
