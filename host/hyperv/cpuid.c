// SPDX-License-Identifier: GPL-2.0-only
#include "host/hyperv/cpuid.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/machine/cpuid.h"
#include "host/machine/vm.h"

/* TLFS, "Feature and Interface Discovery". */
#define LEAF_VENDOR		0x40000000u
#define LEAF_FEATURES		0x40000003u
#define LEAF_RECOMMENDATIONS	0x40000004u
#define LEAF_NESTED		0x4000000au
#define LEAF_LAST		LEAF_NESTED

/* Not offered: kernel debugging and syndbg (KVM lists them, nothing is behind them). */
#define FEATURES_EBX_DEBUGGING	(1u << 11)
#define FEATURES_EDX_DEBUGGING	(1u << 1)
#define FEATURES_EDX_DEBUG_MSRS	(1u << 11)
/* A nested hypervisor's business: no guest here runs one. */
#define RECOMMEND_EVMCS		(1u << 14)
#define SPIN_RETRIES_NEVER	UINT32_MAX

static void set_vendor(struct kvm_cpuid_entry2 *entry)
{
	static const char vendor[12] = "Microsoft Hv";

	entry->eax = LEAF_LAST;
	memcpy(&entry->ebx, vendor, 4);
	memcpy(&entry->ecx, vendor + 4, 4);
	memcpy(&entry->edx, vendor + 8, 4);
}

static void adapt(struct kvm_cpuid_entry2 *entry)
{
	switch (entry->function) {
	case LEAF_VENDOR:
		set_vendor(entry);
		break;
	case LEAF_FEATURES:
		entry->ebx &= ~FEATURES_EBX_DEBUGGING;
		entry->edx &= ~(FEATURES_EDX_DEBUGGING | FEATURES_EDX_DEBUG_MSRS);
		break;
	case LEAF_RECOMMENDATIONS:
		entry->eax &= ~RECOMMEND_EVMCS;
		entry->ebx = SPIN_RETRIES_NEVER;
		break;
	case LEAF_NESTED:
		entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
		break;
	}
}

static int add_leaves(struct cpuid *to, const struct cpuid *from)
{
	int ret = 0;

	for (uint32_t i = 0; i < from->head.nent && !ret; i++) {
		struct kvm_cpuid_entry2 entry = from->entries[i];

		if (entry.function > LEAF_LAST)
			continue;
		adapt(&entry);
		ret = cpuid_add(to, &entry);
	}
	return ret;
}

int hyperv_add_cpuid(struct vm *vm, struct err *err)
{
	for (unsigned int vp = 0; vp < vm_cpus(vm); vp++) {
		struct cpuid leaves = { .head.nent = CPUID_MAX_ENTRIES };

		if (ioctl(vm_vcpu_fd(vm, vp), KVM_GET_SUPPORTED_HV_CPUID, &leaves))
			return err_set(err, -errno, "KVM_GET_SUPPORTED_HV_CPUID: %s", strerror(errno));
		if (add_leaves(vm_vcpu_cpuid(vm, vp), &leaves))
			return err_set(err, -ENOSPC, "too many CPUID leaves");
	}
	return 0;
}
