// SPDX-License-Identifier: GPL-2.0-only
#include "pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORDS	(SECTOR / sizeof(uint64_t))

/* A bijective mixer of 64 bits: two multiplications and three shifts. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static void make_sector(uint64_t words[WORDS], uint64_t sector, uint64_t seed)
{
	uint64_t state = mix(sector ^ mix(seed));
	unsigned int i;

	words[0] = sector;
	words[1] = seed;
	for (i = 2; i < WORDS; i++) {
		state += 0x9e3779b97f4a7c15ull;
		words[i] = mix(state);
	}
}

/* The part of a sector that [@offset, @offset + @len) starts with. */
static size_t part(uint64_t offset, size_t len)
{
	size_t room = SECTOR - offset % SECTOR;

	return len < room ? len : room;
}

void pattern_fill(void *buf, uint64_t offset, size_t len, uint64_t seed)
{
	uint8_t *to = buf;
	uint64_t words[WORDS];

	while (len) {
		size_t now = part(offset, len);

		make_sector(words, offset / SECTOR, seed);
		memcpy(to, (uint8_t *)words + offset % SECTOR, now);
		to += now;
		offset += now;
		len -= now;
	}
}

static bool is_zero(const uint8_t *buf, size_t len)
{
	return !len || (!buf[0] && !memcmp(buf, buf + 1, len - 1));
}

static void explain(const uint8_t *buf, uint64_t offset, size_t len, uint64_t seed,
		    char *why, size_t why_size)
{
	uint64_t found[2];

	if (is_zero(buf, len)) {
		snprintf(why, why_size, "sector %" PRIu64 " is all zeros", offset / SECTOR);
		return;
	}
	if (offset % SECTOR == 0 && len == SECTOR) {
		memcpy(found, buf, sizeof(found));
		if (found[1] == seed && found[0] != offset / SECTOR) {
			snprintf(why, why_size, "sector %" PRIu64 " holds sector %" PRIu64,
				 offset / SECTOR, found[0]);
			return;
		}
		if (found[0] == offset / SECTOR && found[1] != seed) {
			snprintf(why, why_size,
				 "sector %" PRIu64 " is of another run: seed %" PRIu64 ", not %"
				 PRIu64, found[0], found[1], seed);
			return;
		}
	}
	snprintf(why, why_size, "sector %" PRIu64 " is damaged", offset / SECTOR);
}

bool pattern_check(const void *buf, uint64_t offset, size_t len, uint64_t seed,
		   char *why, size_t why_size)
{
	const uint8_t *from = buf;
	uint64_t words[WORDS];

	while (len) {
		size_t now = part(offset, len);

		make_sector(words, offset / SECTOR, seed);
		if (memcmp(from, (uint8_t *)words + offset % SECTOR, now)) {
			explain(from, offset, now, seed, why, why_size);
			return false;
		}
		from += now;
		offset += now;
		len -= now;
	}
	return true;
}
