/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMPAT_PANIC_H
#define COMPAT_PANIC_H

#include "compat/config.h"

#include <asm/mshyperv.h>
#include <asm/ptrace.h>

#ifdef HAVE_PANIC_NOTIFIER_H			/* 5.14 */
#include <linux/panic_notifier.h>
#else
#include <linux/kernel.h>
#endif

/* 5.19: the kernel itself tells the host of a panic; before, the bus does. */
static inline void compat_report_panic(void)
{
#ifdef HAVE_PANIC_BY_BUS
	struct pt_regs regs = { };

	if (ms_hyperv.misc_features & HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE)
		hyperv_report_panic(&regs, 0, false);
#endif
}

#endif
