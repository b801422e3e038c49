/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_POOL_JOURNAL_H
#define DAEMONS_COMMON_POOL_JOURNAL_H

#include <stddef.h>

/*
 * One change of a pool file, beside it: the range that changes, what is in it
 * before and after, and a checksum of the rest. A change that was cut off is
 * ended only if nobody else has written to the file since. For pool_file.c only.
 */

/* Where contents differ: [first, old_end) becomes [first, new_end). */
struct pool_range {
	size_t first, old_end, new_end;
};

struct pool_range pool_range_find(const char *old, size_t old_size, const char *bytes,
				  size_t size);

/**
 * pool_journal_write() - put a change on the disk, in a file of a folder
 * @folder:	descriptor
 */
int pool_journal_write(int folder, const char *name, const char *old, size_t old_size,
		       const char *bytes, size_t size);

/**
 * pool_journal_replay() - what a file is to have
 * @now:	what is in it, perhaps with a part of the change
 * @limit:	of the contents
 *
 * Return: 1 and the contents, malloc; 0 without a whole journal that fits @now;
 * or a negative errno.
 */
int pool_journal_replay(int folder, const char *name, const char *now, size_t now_size,
			size_t limit, char **bytes, size_t *size);

int pool_journal_remove(int folder, const char *name);

#endif
