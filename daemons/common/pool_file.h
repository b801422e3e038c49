/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_POOL_FILE_H
#define DAEMONS_COMMON_POOL_FILE_H

#include "daemons/common/pool.h"

/* A pool file, open and locked; see the page in pool_file.c. For pool.c only. */
struct pool_file {
	int folder;			/* descriptors */
	int fd;
	bool writable;
	enum pool_number number;
	char name[32];			/* in the folder */
	char journal[48];
	char *bytes;			/* what is in the file; malloc */
	size_t size;
	bool is_cut;			/* there is more in it: not to be written */
};

/**
 * pool_file_open() - open, lock, and read
 * @writable:	lock it for oneself alone, create it if there is none
 *
 * Return: 0, and pool_file_close() is due; -ENOENT without a file;
 * -ETIMEDOUT when others keep a writer out; or another negative errno.
 */
int pool_file_open(struct pool_file *file, const struct pool *pool, bool writable,
		   struct err *err);

/**
 * pool_file_store() - replace the contents, all or nothing
 *
 * Return: 0: they are on the disk. A negative errno: the old ones are there.
 */
int pool_file_store(struct pool_file *file, const void *bytes, size_t size, struct err *err);

void pool_file_close(struct pool_file *file);

#endif
