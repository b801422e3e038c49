/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "protocol/types.h"

/* libFuzzer's entry; replay.c calls it, too. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* What must hold whatever the input is. */
#define require(condition)							\
	do {									\
		if (!(condition)) {						\
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();						\
		}								\
	} while (0)

/* The input is read from front to back; what is missing is zero. */
struct input {
	const u8 *data;
	size_t left;
};

static inline void input_take(struct input *in, void *to, size_t len)
{
	size_t have = len < in->left ? len : in->left;

	memset(to, 0, len);
	if (have)
		memcpy(to, in->data, have);
	in->data += have;
	in->left -= have;
}

static inline u8 input_u8(struct input *in)
{
	u8 value;

	input_take(in, &value, sizeof(value));
	return value;
}

static inline u32 input_u32(struct input *in)
{
	u32 value;

	input_take(in, &value, sizeof(value));
	return value;
}

/* @len bytes in a heap block of just that length: a read past it is seen. */
static inline void *input_block(struct input *in, size_t len)
{
	void *block = malloc(len ? len : 1);

	require(block);
	input_take(in, block, len);
	return block;
}

#endif
