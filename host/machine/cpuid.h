/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_CPUID_H
#define HOST_MACHINE_CPUID_H

#include <linux/kvm.h>
#include <stdint.h>

#define CPUID_MAX_ENTRIES	256

/* A CPUID table of a vCPU, in the layout KVM takes. */
struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[CPUID_MAX_ENTRIES];
};

/* What KVM can give any guest, less its own hypervisor leaves. Return: 0 or -errno. */
int cpuid_read_supported(int kvm_fd, struct cpuid *cpuid);

/*
 * Hide XSAVE and everything that needs it, if the processor below cannot
 * virtualise it: QEMU's TCG offers it but loses the XSETBV intercept.
 */
void cpuid_hide_xsave(struct cpuid *cpuid);

/* Topology of vCPU @index: one socket, @cpus cores, one thread each; APIC id = index. */
void cpuid_set_topology(struct cpuid *cpuid, unsigned int index, unsigned int cpus);

/* Return: the entry, or NULL. */
struct kvm_cpuid_entry2 *cpuid_find(struct cpuid *cpuid, uint32_t function, uint32_t index);

/* Add a leaf at the end. Return: 0 or -ENOSPC. */
int cpuid_add(struct cpuid *cpuid, const struct kvm_cpuid_entry2 *entry);

#endif
