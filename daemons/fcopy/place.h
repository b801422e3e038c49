/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_FCOPY_PLACE_H
#define DAEMONS_FCOPY_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemons/fcopy/names.h"
#include "daemons/fcopy/policy.h"

#define PLACE_TEMPORARY_BYTES	26	/* ".openlis-" and 16 digits */

/*
 * The folder that a file comes into, below one of the roots. What is in a root
 * belongs to users who may put symbolic links there at any time, so every step
 * is made by the kernel under openat2(2)'s RESOLVE_BENEATH and _NO_SYMLINKS.
 */
struct place {
	char root[NAMES_FIELD_BYTES];
	char path[NAMES_FIELD_BYTES];	/* below the root, without a leading slash; "" is the root */
	unsigned int made;		/* how many of the last components were made for this copy */
	char temporary[PLACE_TEMPORARY_BYTES];	/* in the folder, while the file is not complete */
};

/**
 * place_find() - which root, and what below it
 * @path:	as the host sent it
 *
 * Return: 0, -EINVAL, or -EPERM when it is in none of the roots
 */
int place_find(struct place *place, const struct policy *policy, const char *path,
	       struct err *err);

/* A name that nothing has yet. */
int place_name_temporary(struct place *place, struct err *err);
bool place_is_temporary(const char *name);

/**
 * place_open() - the folder
 *
 * Return: a descriptor; -ENOENT when it is not there
 */
int place_open(const struct place *place, struct err *err);

/* How many of the last components are not there yet. */
int place_count_missing(struct place *place, struct err *err);

/* Makes the last place->made components; then as place_open(). */
int place_make(const struct place *place, const struct policy *policy, struct err *err);

/* Removes the temporary file, and of the last place->made folders those that are empty. */
void place_clean(const struct place *place);

/* Gives a new file or folder the owner of the policy; @parent is the folder around it. */
int place_own(int fd, int parent, const struct policy *policy, struct err *err);

#endif
