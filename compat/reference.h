/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMPAT_REFERENCE_H
#define COMPAT_REFERENCE_H

/* The reference counter of the partition: 100 ns, declared in one header until 5.14, then in another. */
#include <asm/mshyperv.h>
#include <clocksource/hyperv_timer.h>

static inline bool compat_has_reference_counter(void)
{
	return hv_read_reference_counter;
}

static inline u64 compat_reference_counter(void)
{
	return hv_read_reference_counter();
}

#endif
