/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_FCOPY_POLICY_H
#define DAEMONS_FCOPY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemons/common/err.h"

#define POLICY_PATH		"/etc/openlis/fcopy.conf"
#define POLICY_ROOTS_MAX	32

enum policy_owner {
	POLICY_OWNER_FIXED,	/* .uid and .gid */
	POLICY_OWNER_FOLDER,	/* as the folder the file comes into */
};

/* What the administrator decided; hv-fcopy.conf(5) explains each. */
struct policy {
	char *root[POLICY_ROOTS_MAX];	/* absolute, without a trailing slash, "." and ".." */
	size_t roots;
	enum policy_owner owner;
	uid_t uid;
	gid_t gid;
	mode_t mode;			/* of files */
	mode_t folder_mode;		/* of folders that are made on the way */
	uint64_t max_bytes;		/* of one file */
	uint64_t reserve_bytes;		/* what must stay free */
	bool deny_overwrite, deny_create_path;
	unsigned int idle_s;		/* a copy without a message for so long is given up */
};

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

#endif
