/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_HYPERV_CPUID_H
#define HOST_HYPERV_CPUID_H

#include "host/err.h"

struct vm;

/**
 * hyperv_add_cpuid() - tell every vCPU that it runs on Hyper-V
 *
 * Adds the leaves from 0x40000000 on. After synic_create(): KVM lists the
 * features of a vCPU only once its SynIC is on. Before vm_start().
 * Return: 0 or -errno.
 */
int hyperv_add_cpuid(struct vm *vm, struct err *err);

#endif
