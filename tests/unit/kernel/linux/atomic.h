/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_UNIT_KERNEL_ATOMIC_H
#define TESTS_UNIT_KERNEL_ATOMIC_H

/* As much of the kernel as the table of commands needs. */

#include <stdlib.h>

#include "protocol/types.h"

#define ____cacheline_aligned_in_smp	__attribute__((aligned(64)))
#define U32_MAX				UINT32_MAX
#define GFP_KERNEL			0

#define READ_ONCE(x)			__atomic_load_n(&(x), __ATOMIC_RELAXED)
/* Nothing runs beside the test, so these only have to be there. */
#define smp_load_acquire(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)		__atomic_store_n(p, v, __ATOMIC_RELEASE)	/* ditto */
#define cmpxchg(p, old, new)		__sync_val_compare_and_swap(p, old, new)

#define kvcalloc(count, size, flags)	((void)(flags), calloc(count, size))
#define kvfree(memory)			free(memory)

/* The test's clock. */
extern unsigned long jiffies;

#endif
