/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "protocol/types.h"

static inline void *exact_block(size_t len)
{
	void *block = calloc(1, len ? len : 1);

	assert_non_null(block);
	return block;
}

/*
 * A copy that ends where the heap block ends, so that AddressSanitizer sees a
 * read of even one byte too many.
 */
static inline void *exact_copy(const void *bytes, size_t len)
{
	void *copy = exact_block(len);

	memcpy(copy, bytes, len);
	return copy;
}

/* Cases of a table say which one failed. */
#define assert_case(index, condition)						\
	do {									\
		if (!(condition))						\
			fail_msg("case %u: %s", (unsigned int)(index), #condition);	\
	} while (0)

#endif
