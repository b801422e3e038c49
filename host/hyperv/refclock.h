/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_HYPERV_REFCLOCK_H
#define HOST_HYPERV_REFCLOCK_H

#include <stdint.h>

struct vm;

/*
 * Partition reference time in units of 100 ns: what the guest reads from
 * HV_X64_MSR_TIME_REF_COUNT or computes from the reference TSC page. Any thread.
 */
uint64_t hyperv_ref_time(const struct vm *vm);

#endif
