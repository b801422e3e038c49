// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/cpuid.h"

#include <cpuid.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#define HYPERVISOR_LEAVES	0x40000000u
#define HYPERVISOR_LEAVES_END	0x40010000u
#define LEAF1_ECX_VMX		(1u << 5)
#define LEAF_EXTENDED		0x80000001u
#define EXTENDED_ECX_SVM	(1u << 2)
#define LEAF1_ECX_XSAVE		(1u << 26)
#define LEAF1_ECX_HYPERVISOR	(1u << 31)
#define LEAF1_EDX_HTT		(1u << 28)
#define LEAF_XSAVE		0xd

/* Features that need the state XSAVE saves: leaf, register, bits to hide. */
static const struct xsave_user {
	uint32_t function;
	uint32_t index;
	uint32_t eax, ebx, ecx, edx;
} xsave_users[] = {
	/* FMA, XSAVE, OSXSAVE, AVX, F16C */
	{ .function = 1, .ecx = 1u << 12 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 29 },
	/* AVX2, MPX, AVX512 F DQ IFMA PF ER CD BW VL; VBMI, PKU, OSPKE, VBMI2, VAES,
	 * VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS, VP2INTERSECT, AMX, FP16
	 */
	{ .function = 7,
	  .ebx = 1u << 5 | 1u << 14 | 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 |
		 1u << 28 | 1u << 30 | 1u << 31,
	  .ecx = 1u << 1 | 1u << 3 | 1u << 4 | 1u << 6 | 1u << 9 | 1u << 10 | 1u << 11 |
		 1u << 12 | 1u << 14,
	  .edx = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25 },
	/* AVX-VNNI, AVX512-BF16, AVX-IFMA */
	{ .function = 7, .index = 1, .eax = 1u << 4 | 1u << 5 | 1u << 23 },
	/* FMA4, XOP, LWP */
	{ .function = LEAF_EXTENDED, .ecx = 1u << 11 | 1u << 15 | 1u << 16 },
};

struct kvm_cpuid_entry2 *cpuid_find(struct cpuid *cpuid, uint32_t function, uint32_t index)
{
	for (uint32_t i = 0; i < cpuid->head.nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		if (entry->function == function && entry->index == index)
			return entry;
	}
	return NULL;
}

int cpuid_add(struct cpuid *cpuid, const struct kvm_cpuid_entry2 *entry)
{
	if (cpuid->head.nent == CPUID_MAX_ENTRIES)
		return -ENOSPC;
	cpuid->entries[cpuid->head.nent++] = *entry;
	return 0;
}

static void remove_leaves(struct cpuid *cpuid, uint32_t first, uint32_t end)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < cpuid->head.nent; i++)
		if (cpuid->entries[i].function < first || cpuid->entries[i].function >= end)
			cpuid->entries[kept++] = cpuid->entries[i];
	cpuid->head.nent = kept;
}

/* Runs under QEMU's TCG? Its signature is visible to the host we run in. */
static bool host_is_tcg(void)
{
	uint32_t eax, ebx, ecx, edx;
	char signature[12];

	__cpuid(1, eax, ebx, ecx, edx);
	if (!(ecx & LEAF1_ECX_HYPERVISOR))
		return false;
	__cpuid(HYPERVISOR_LEAVES, eax, ebx, ecx, edx);
	memcpy(signature, &ebx, 4);
	memcpy(signature + 4, &ecx, 4);
	memcpy(signature + 8, &edx, 4);
	return !memcmp(signature, "TCGTCGTCGTCG", sizeof(signature));
}

void cpuid_hide_xsave(struct cpuid *cpuid)
{
	struct kvm_cpuid_entry2 *leaf1 = cpuid_find(cpuid, 1, 0);

	if (leaf1 && leaf1->ecx & LEAF1_ECX_XSAVE && !host_is_tcg())
		return;
	for (size_t i = 0; i < sizeof(xsave_users) / sizeof(xsave_users[0]); i++) {
		const struct xsave_user *user = &xsave_users[i];
		struct kvm_cpuid_entry2 *entry = cpuid_find(cpuid, user->function, user->index);

		if (!entry)
			continue;
		entry->eax &= ~user->eax;
		entry->ebx &= ~user->ebx;
		entry->ecx &= ~user->ecx;
		entry->edx &= ~user->edx;
	}
	remove_leaves(cpuid, LEAF_XSAVE, LEAF_XSAVE + 1);
}

int cpuid_read_supported(int kvm_fd, struct cpuid *cpuid)
{
	struct kvm_cpuid_entry2 *leaf1, *extended;

	*cpuid = (struct cpuid){ .head.nent = CPUID_MAX_ENTRIES };
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid))
		return -errno;
	remove_leaves(cpuid, HYPERVISOR_LEAVES, HYPERVISOR_LEAVES_END);
	leaf1 = cpuid_find(cpuid, 1, 0);
	if (!leaf1)
		return -ENODEV;
	leaf1->ecx |= LEAF1_ECX_HYPERVISOR;
	/* No guest here runs guests of its own; half of it is configured in MSRs we do not set. */
	leaf1->ecx &= ~LEAF1_ECX_VMX;
	extended = cpuid_find(cpuid, LEAF_EXTENDED, 0);
	if (extended)
		extended->ecx &= ~EXTENDED_ECX_SVM;
	return 0;
}

/* Bits of an APIC id that number the cores of a socket. */
static uint32_t core_bits(unsigned int cpus)
{
	uint32_t bits = 0;

	while (1u << bits < cpus)
		bits++;
	return bits;
}

static void set_extended_topology(struct kvm_cpuid_entry2 *entry, unsigned int index,
				  unsigned int cpus)
{
	enum { LEVEL_NONE, LEVEL_THREAD, LEVEL_CORE };
	uint32_t level = entry->index == 0 ? LEVEL_THREAD : entry->index == 1 ? LEVEL_CORE : LEVEL_NONE;

	entry->eax = level == LEVEL_CORE ? core_bits(cpus) : 0;
	entry->ebx = level == LEVEL_CORE ? cpus : level == LEVEL_THREAD ? 1 : 0;
	entry->ecx = level << 8 | entry->index;
	entry->edx = index;
}

static void set_leaf_topology(struct kvm_cpuid_entry2 *entry, unsigned int index,
			      unsigned int cpus)
{
	switch (entry->function) {
	case 1:
		entry->ebx = (entry->ebx & 0xffff) | cpus << 16 | index << 24;
		entry->edx &= ~LEAF1_EDX_HTT;
		entry->edx |= cpus > 1 ? LEAF1_EDX_HTT : 0;
		break;
	case 4:		/* caches are private, cores share the socket */
		entry->eax &= 0x3fff;
		entry->eax |= ((1u << core_bits(cpus)) - 1) << 26;
		break;
	case 0xb:
	case 0x1f:
		set_extended_topology(entry, index, cpus);
		break;
	case 0x80000008:
		entry->ecx = (entry->ecx & ~0xf0ffu) | (cpus - 1) | core_bits(cpus) << 12;
		break;
	case 0x8000001e:
		entry->eax = index;
		entry->ebx = index;	/* core id; one thread per core */
		entry->ecx = 0;
		break;
	}
}

/* The leaf needs its sub-leaves 0 (thread) and 1 (core), whatever KVM listed. */
static void complete_leaf(struct cpuid *cpuid, uint32_t function)
{
	for (uint32_t index = 0; index < 2; index++) {
		struct kvm_cpuid_entry2 entry = {
			.function = function, .index = index,
			.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		};

		if (!cpuid_find(cpuid, function, index))
			cpuid_add(cpuid, &entry);
	}
}

void cpuid_set_topology(struct cpuid *cpuid, unsigned int index, unsigned int cpus)
{
	struct kvm_cpuid_entry2 *leaf0 = cpuid_find(cpuid, 0, 0);

	if (leaf0 && leaf0->eax >= 0xb)
		complete_leaf(cpuid, 0xb);
	if (leaf0 && leaf0->eax >= 0x1f)
		complete_leaf(cpuid, 0x1f);
	for (uint32_t i = 0; i < cpuid->head.nent; i++)
		set_leaf_topology(&cpuid->entries[i], index, cpus);
}
