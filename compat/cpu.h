/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMPAT_CPU_H
#define COMPAT_CPU_H

#include "compat/config.h"

#include <linux/cpumask.h>
#include <linux/sched/isolation.h>

/* 5.18: housekeeping is asked by type. Interrupts that the kernel places belong to these CPUs. */
static inline const struct cpumask *compat_interrupt_cpus(void)
{
#ifdef HAVE_HK_TYPE
	return housekeeping_cpumask(HK_TYPE_MANAGED_IRQ);
#else
	return housekeeping_cpumask(HK_FLAG_MANAGED_IRQ);
#endif
}

#endif
