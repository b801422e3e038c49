/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_POLICY_H
#define DAEMONS_VSS_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "daemons/common/err.h"

#define POLICY_PATH		"/etc/openlis/vss.conf"
#define POLICY_PATTERNS_MAX	64

/* Shell patterns, in the order they were given. */
struct policy_patterns {
	char *pattern[POLICY_PATTERNS_MAX];
	size_t count;
};

/* What the administrator decided; hv-vss.conf(5) explains each. */
struct policy {
	struct policy_patterns include;		/* mount points */
	struct policy_patterns exclude;		/* mount points */
	struct policy_patterns exclude_type;	/* of file systems */
	bool strict;			/* a file system that cannot be frozen fails the backup */
	bool skip_loop;			/* leave out what is on loop devices */
	bool ignore_hooks;		/* a pre-freeze hook that fails does not fail the backup */
	unsigned int sync_s;		/* limit for writing back before the freeze */
	unsigned int frozen_s;		/* limit from the first freeze to the thaw */
	unsigned int hook_s;		/* limit of one hook */
	unsigned int hooks_s;		/* limit of all hooks of one phase */
};

/* Defaults; nothing to free yet. */
void policy_init(struct policy *policy);

/**
 * policy_read() - the file over the defaults
 * @policy:	not initialised; untouched after an error
 *
 * No file is no error.
 */
int policy_read(struct policy *policy, const char *path, struct err *err);

/* The same of @length bytes of text, changed in place; [@length] must be writable. */
int policy_parse(struct policy *policy, const char *name, char *text, size_t length,
		 struct err *err);

void policy_free(struct policy *policy);

bool policy_matches(const struct policy_patterns *patterns, const char *text);

#endif
