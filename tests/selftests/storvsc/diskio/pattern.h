/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DISKIO_PATTERN_H
#define DISKIO_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is written: every sector says which sector it is and which run wrote
 * it, then follow pseudo-random words made of both. So a misplaced, stale or
 * torn sector is not only found but named.
 */
#define SECTOR	512u

/* Fill @buf with what the bytes at @offset of a disk should be. */
void pattern_fill(void *buf, uint64_t offset, size_t len, uint64_t seed);

/**
 * pattern_check() - compare with what should be there
 * @why:	set to a sentence about the first difference
 *
 * Return: is it the same?
 */
bool pattern_check(const void *buf, uint64_t offset, size_t len, uint64_t seed,
		   char *why, size_t why_size);

#endif
