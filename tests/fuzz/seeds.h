/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include "tests/fuzz/fuzz.h"

#define SEED_MAX 16384

struct seed {
	u8 bytes[SEED_MAX];
	size_t len;
};

static inline void add(struct seed *seed, const void *bytes, size_t len)
{
	require(len <= SEED_MAX - seed->len);
	memcpy(seed->bytes + seed->len, bytes, len);
	seed->len += len;
}

static inline void add_u8(struct seed *seed, u8 value)
{
	add(seed, &value, sizeof(value));
}

static inline void add_u32(struct seed *seed, u32 value)
{
	add(seed, &value, sizeof(value));
}

/* Becomes the file <name>-<number> in the folder of the target. */
void save(const struct seed *seed, const char *target, const char *name, u32 number);

/* seeds_services.c: the integration services */
void seed_services(void);

#endif
