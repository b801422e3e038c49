/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "protocol/types.h"

/* splitmix64: each seed gives the same sequence everywhere. */
struct random {
	u64 state;
};

static inline u64 random_next(struct random *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static inline u32 random_below(struct random *r, u32 bound)
{
	return random_next(r) % bound;
}

/* A new seed each run, printed; UNIT_SEED repeats a run. */
static inline struct random random_start(const char *what)
{
	const char *given = getenv("UNIT_SEED");
	u64 seed = given ? strtoull(given, NULL, 0) : (u64)time(NULL);

	fprintf(stderr, "# %s: UNIT_SEED=%llu\n", what, (unsigned long long)seed);
	return (struct random){ .state = seed };
}

#endif
