// SPDX-License-Identifier: GPL-2.0-only
#include "shape.h"

#include <stdbool.h>

#include "pattern.h"

#define PAGE	4096u

const char *const shape_names[SHAPE_COUNT] = {
	[SHAPE_FLAT] = "flat",
	[SHAPE_ODD] = "odd",
	[SHAPE_SECTORS] = "sectors",
	[SHAPE_MIXED] = "mixed",
	[SHAPE_BYTES] = "bytes",
};

/* The longest segment of the random shapes, in their own unit. */
#define MIXED_MAX_SECTORS	32u
#define BYTES_MAX		3000u

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*state >> 33);
}

static size_t round_up(size_t value, size_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* Where the next segment starts, and how long it is. */
static void next_segment(enum shape shape, uint64_t *state, size_t len, size_t *at, size_t *size)
{
	size_t least = round_up(len / (SHAPE_SEGMENTS_MAX / 2), SECTOR);

	switch (shape) {
	case SHAPE_SECTORS:
		*at += SECTOR;
		*size = SECTOR;
		break;
	case SHAPE_MIXED:
		*at = round_up(*at, PAGE) + next_random(state) % (PAGE / SECTOR) * SECTOR;
		*size = least + (1 + next_random(state) % MIXED_MAX_SECTORS) * SECTOR;
		break;
	case SHAPE_BYTES:
		*at += 1 + next_random(state) % 61;
		*size = least + 1 + next_random(state) % BYTES_MAX;
		break;
	case SHAPE_ODD:
		*at = SECTOR;
		*size = len;
		break;
	default:
		*at = 0;
		*size = len;
	}
}

size_t shape_arena(enum shape shape, size_t len)
{
	switch (shape) {
	case SHAPE_FLAT:
	case SHAPE_ODD:
		return len + PAGE;
	case SHAPE_SECTORS:
		return 2 * len + PAGE;
	default:
		/* A segment has at least one sector or byte, and skips less than two pages. */
		return len + (size_t)SHAPE_SEGMENTS_MAX * 2 * PAGE;
	}
}

unsigned int shape_build(enum shape shape, uint64_t salt, void *arena, size_t len,
			 struct iovec iov[SHAPE_SEGMENTS_MAX])
{
	uint64_t state = salt * 0x9e3779b97f4a7c15ull + 1;
	size_t left = len, at = 0, size;
	unsigned int count = 0;

	while (left) {
		if (count == SHAPE_SEGMENTS_MAX)
			return 0;
		next_segment(shape, &state, len, &at, &size);
		if (size > left)
			size = left;
		iov[count].iov_base = (char *)arena + at;
		iov[count].iov_len = size;
		count++;
		at += size;
		left -= size;
	}
	return count;
}
