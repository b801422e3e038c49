/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_FILE_H
#define DAEMONS_KVP_HELPER_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "daemons/common/err.h"

/**
 * file_replace() - give a file its contents, all or nothing, on the disk
 * @path:	absolute
 */
int file_replace(const char *path, const char *text, size_t length, mode_t mode, struct err *err);

/* Removes it, on the disk, too; one that is not there is fine. */
int file_remove(const char *path, struct err *err);

#endif
