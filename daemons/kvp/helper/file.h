/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_FILE_H
#define DAEMONS_KVP_HELPER_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "daemons/common/err.h"

/* Whose a file is, and who may do what with it. */
struct file_rights {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* Of a new file. */
struct file_rights file_rights_own(mode_t mode);

/**
 * file_replace() - give a file its contents, all or nothing, on the disk
 * @path:	absolute; its last folder is made if it is not there
 *
 * One at a time: until it has its name, the new file has another one, which is
 * always the same.
 */
int file_replace(const char *path, const char *text, size_t length,
		 const struct file_rights *rights, struct err *err);

/* Removes what is left of one that was cut off. */
void file_tidy(const char *path);

/* Removes it, on the disk, too; one that is not there is fine. */
int file_remove(const char *path, struct err *err);

#endif
