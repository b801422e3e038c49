/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_HOOKS_H
#define DAEMONS_VSS_HOOKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemons/common/err.h"

/*
 * Programs of the administrator, run before the freeze and after the thaw.
 * What runs is every executable file of a folder, by name; names that begin
 * with '.', end with '~' or contain ".dpkg-" are left out. A folder or a file
 * that others than root may change is a failure, not a hook.
 */
#define HOOKS_PRE_FREEZE	"pre-freeze.d"
#define HOOKS_POST_THAW		"post-thaw.d"

struct hooks_phase {
	const char *folder;	/* absolute; a folder that is not there has no hooks */
	const char *argument;	/* given to each: "freeze", "thaw" or "abort" */
	unsigned int each_ms;	/* limit of one */
	unsigned int all_ms;	/* limit of all */
	bool stop_at_failure;
	bool outlives_stop;	/* SIGTERM to all of the service ends none for good: what it hit runs again */
};

struct hooks {
	pid_t pid;		/* of the process that runs them one by one; 0: none */
	int pipe;		/* readable when hooks_report() has something */
};

/* Starts with the first one. */
int hooks_start(struct hooks *hooks, const struct hooks_phase *phase, struct err *err);

enum hooks_report {
	HOOKS_NOTHING,
	HOOKS_FAILED,		/* one of them; @err says which and how */
	HOOKS_ENDED,		/* all; hooks_finish() */
};

/* Does not block. */
enum hooks_report hooks_report(struct hooks *hooks, struct err *err);

/* Return: whether all went well. Ends what still runs. */
bool hooks_finish(struct hooks *hooks);

#endif
