/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_HOST_FAKE_VM_H
#define TESTS_HOST_FAKE_VM_H

#include <linux/kvm.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include "host/machine/memory.h"
#include "host/machine/vm.h"
#include "tests/unit/unit.h"

/*
 * A machine without KVM, for the tests of the hyperv layer: they include the
 * source they test after this header, so that its ioctls come here.
 */
#define FAKE_MEMORY	(1u << 20)
#define FAKE_CPUS	2
#define FAKE_FDS	16

struct vm {
	struct gmem *gmem;
	unsigned int interrupts[256];	/* by GSI */
	int resample_fd[256];		/* by GSI */
	unsigned int routes;
	uint32_t bound[FAKE_FDS];
	int bound_fd[FAKE_FDS];
	unsigned int bound_count;
};

static struct vm fake;

int vm_fd(const struct vm *vm)
{
	(void)vm;
	return 1000;
}

int vm_vcpu_fd(const struct vm *vm, unsigned int vp)
{
	(void)vm;
	return 2000 + (int)vp;
}

unsigned int vm_cpus(const struct vm *vm)
{
	(void)vm;
	return FAKE_CPUS;
}

struct gmem *vm_memory(const struct vm *vm)
{
	return vm->gmem;
}

int vm_irq_line(struct vm *vm, unsigned int gsi, bool high)
{
	vm->interrupts[gsi] += high;
	return 0;
}

static int fake_bind(const struct kvm_hyperv_eventfd *args)
{
	if (args->flags & KVM_HYPERV_EVENTFD_DEASSIGN) {
		fake.bound_count--;
		return 0;
	}
	fake.bound[fake.bound_count] = args->conn_id;
	fake.bound_fd[fake.bound_count++] = args->fd;
	return 0;
}

static int fake_crash_msrs(struct kvm_msrs *msrs)
{
	for (u32 i = 0; i < msrs->nmsrs; i++)
		msrs->entries[i].data = msrs->entries[i].index;
	return (int)msrs->nmsrs;
}

static int fake_ioctl(int fd, unsigned long request, ...)
{
	const struct kvm_irqfd *irqfd;
	va_list args;
	void *arg;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case KVM_SET_GSI_ROUTING:
		fake.routes = ((struct kvm_irq_routing *)arg)->nr;
		return 0;
	case KVM_IRQFD:
		irqfd = arg;
		fake.resample_fd[irqfd->gsi] = (int)irqfd->resamplefd;
		return 0;
	case KVM_HYPERV_EVENTFD:
		return fake_bind(arg);
	case KVM_GET_MSRS:
		return fake_crash_msrs(arg);
	default:
		return 0;
	}
}

static inline void fake_start(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.gmem = gmem_create();
	assert_non_null(gmem_add(fake.gmem, 0, FAKE_MEMORY));
	(void)fake_ioctl;
}

static inline void fake_stop(void)
{
	gmem_destroy(fake.gmem);
}

#define ioctl fake_ioctl

#endif
