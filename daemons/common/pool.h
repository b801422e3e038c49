/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_POOL_H
#define DAEMONS_COMMON_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "daemons/common/err.h"

/*
 * The pools of key-value pairs that guest and host share. A pool is a file of
 * records, in a format that other programs know (docs/decisions/, "KVP pool
 * files"). Every operation opens the file, locks it, and reads it anew: others
 * write it, too.
 */

#define POOL_FOLDER	"/var/lib/hyperv"
#define POOL_KEY_SIZE	512	/* bytes of UTF-8, with the NUL */
#define POOL_VALUE_SIZE	2048
#define POOL_RECORDS	2048	/* more are neither read nor written */

enum pool_number {
	POOL_EXTERNAL,		/* the host's administrator writes, the guest reads */
	POOL_GUEST,		/* the guest writes, the host reads */
	POOL_AUTO,		/* facts of the guest, made when asked for; its file stays empty */
	POOL_AUTO_EXTERNAL,	/* facts of the host */
	POOL_AUTO_INTERNAL,	/* unused by hosts */
	POOL_COUNT,
};

/* One record of the file: texts in UTF-8, the rest of each field is NUL. */
struct pool_record {
	char key[POOL_KEY_SIZE];
	char value[POOL_VALUE_SIZE];
};
_Static_assert(sizeof(struct pool_record) == 2560, "record of a pool file");

struct pool {
	const char *folder;
	enum pool_number number;
};

/* Names: external guest auto auto-external auto-internal, or 0 to 4. Return: -EINVAL for others. */
int pool_parse(const char *name);
const char *pool_name(enum pool_number number);

/**
 * pool_create() - make the file if there is none, end what a crash interrupted
 */
int pool_create(const struct pool *pool, struct err *err);

/**
 * pool_get() - the value of a key
 *
 * Return: 0; -ENOENT without such a key or file; -EINVAL for a key that cannot
 * be one; or another negative errno. Who keeps the file locked is waited for
 * once, then it is read without its lock.
 */
int pool_get(const struct pool *pool, const char *key, char value[POOL_VALUE_SIZE],
	     struct err *err);

/**
 * pool_at() - the record with an index; records that are none do not count
 *
 * Return: 0; -ENOENT past the last one; as pool_get().
 */
int pool_at(const struct pool *pool, size_t index, struct pool_record *record, struct err *err);

/**
 * pool_list() - all records
 * @records:	free() it
 *
 * Return: 0 or as pool_get(); no file is no record.
 */
int pool_list(const struct pool *pool, struct pool_record **records, size_t *count,
	      struct err *err);

/**
 * pool_set() - add a key or change its value
 *
 * Return: 0: it is on the disk. -EINVAL, -ENOSPC (disk, or POOL_RECORDS),
 * -ETIMEDOUT (somebody holds the lock), -EROFS, ...: nothing has changed.
 */
int pool_set(const struct pool *pool, const char *key, const char *value, struct err *err);

/* Return: 0, -ENOENT without such a key, or as pool_set(). */
int pool_delete(const struct pool *pool, const char *key, struct err *err);

/* Removes all records. */
int pool_clear(const struct pool *pool, struct err *err);

#endif
