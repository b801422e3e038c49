// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/log.h"
#include "host/machine/boot.h"
#include "host/machine/memory.h"
#include "host/machine/pio.h"
#include "host/machine/vm_private.h"

#define MSR_MTRR_DEFAULT	0x2ff
#define MTRR_ENABLED_WB		0x806

/* Other threads may read the counters at any time; only this thread writes. */
static void count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

/* Exits */

static void handle_pio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	char *data = (char *)run + run->io.data_offset;
	struct pio *pio = vcpu->vm->pio;

	count(&vcpu->counters.pio);
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
		uint32_t value = 0;

		if (run->io.direction == KVM_EXIT_IO_OUT) {
			__builtin_memcpy(&value, data, run->io.size);
			pio_write(pio, run->io.port, value, run->io.size);
		} else {
			value = pio_read(pio, run->io.port, run->io.size);
			__builtin_memcpy(data, &value, run->io.size);
		}
	}
}

/* No device here has memory-mapped registers. */
static void handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	count(&vcpu->counters.mmio);
	if (!run->mmio.is_write)
		__builtin_memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
}

static void handle_hyperv(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	count(&vcpu->counters.hyperv);
	if (vm->hyperv.exit)
		vm->hyperv.exit(vm->hyperv_opaque, vcpu->index, vcpu->run);
}

static void handle_system_event(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_CRASH:
		if (vm->hyperv.crash)
			vm->hyperv.crash(vm->hyperv_opaque, vcpu->index);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		vm_end(vm, HOST_EXIT_RESET);
		break;
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		vm_end(vm, HOST_EXIT_OFF);
		break;
	}
}

/* Return: false when this vCPU cannot go on. */
static bool handle_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	count(&vcpu->counters.exits);
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		handle_pio(vcpu);
		return true;
	case KVM_EXIT_MMIO:
		handle_mmio(vcpu);
		return true;
	case KVM_EXIT_HYPERV:
		handle_hyperv(vcpu);
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
		handle_system_event(vcpu);
		return true;
	case KVM_EXIT_INTR:
	case KVM_EXIT_HLT:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return true;
	case KVM_EXIT_SHUTDOWN:
		log_warn("vCPU %u: triple fault", vcpu->index);
		return false;
	case KVM_EXIT_INTERNAL_ERROR:
		log_warn("vCPU %u: KVM internal error %u", vcpu->index, run->internal.suberror);
		return false;
	default:
		log_warn("vCPU %u: exit reason %u", vcpu->index, run->exit_reason);
		return false;
	}
}

/* Return: false when the vCPU cannot go on. */
static bool run_once(struct vcpu *vcpu)
{
	if (!ioctl(vcpu->fd, KVM_RUN, 0))
		return handle_exit(vcpu);
	if (errno == EINTR || errno == EAGAIN)
		return true;
	log_warn("vCPU %u: KVM_RUN: errno %d", vcpu->index, errno);
	return false;
}

void *vcpu_thread(void *opaque)
{
	struct vcpu *vcpu = opaque;
	char name[16];

	snprintf(name, sizeof(name), "vcpu%u", vcpu->index);
	pthread_setname_np(pthread_self(), name);
	while (vm_gate(vcpu->vm, vcpu)) {
		if (!run_once(vcpu)) {
			vcpu->dead = true;
			vcpu->run->immediate_exit = 1;
			vm_end(vcpu->vm, HOST_EXIT_FAULT);
		}
	}
	return NULL;
}

/* Life */

int vcpu_create(struct vcpu *vcpu, struct vm *vm, unsigned int index)
{
	int size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	int ret;

	*vcpu = (struct vcpu){ .vm = vm, .index = index, .run_size = (size_t)size };
	if (size < (int)sizeof(*vcpu->run))
		return -EINVAL;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0)
		return -errno;
	vcpu->run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run != MAP_FAILED)
		return 0;
	ret = -errno;
	close(vcpu->fd);
	return ret;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	munmap(vcpu->run, vcpu->run_size);
	close(vcpu->fd);
}

/* All memory is write-back; without this Linux turns PAT off and complains. */
static int set_msrs(struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = {
		.head.nmsrs = 1,
		.entry = { .index = MSR_MTRR_DEFAULT, .data = MTRR_ENABLED_WB },
	};

	return ioctl(vcpu->fd, KVM_SET_MSRS, &msrs) == 1 ? 0 : -EIO;
}

int vcpu_prepare(struct vcpu *vcpu)
{
	int ret;

	if (ioctl(vcpu->fd, KVM_SET_CPUID2, &vcpu->cpuid))
		return -errno;
	ret = set_msrs(vcpu);
	if (ret || vcpu->index)
		return ret;	/* the others wait for the start-up IPI */
	return boot_set_registers(vcpu->fd, vcpu->vm->entry);
}

/* Post mortem */

#define STACK_WORDS	256
#define STACK_SHOWN	12
#define KERNEL_TEXT	0xffffffff80000000ull
#define KERNEL_TEXT_END	0xffffffffff000000ull

/* Words on the stack that point into kernel text: most are return addresses. */
static void dump_stack(struct vcpu *vcpu, uint64_t rsp)
{
	struct kvm_translation where = { .linear_address = rsp };
	uint64_t words[STACK_WORDS];
	char line[STACK_SHOWN * 17 + 1];
	int len = 0, shown = 0;
	uint64_t left = 4096 - (rsp & 4095);
	uint64_t bytes = left < sizeof(words) ? left : sizeof(words);

	if (ioctl(vcpu->fd, KVM_TRANSLATE, &where) || !where.valid || rsp & 7 ||
	    gmem_read_raw(vcpu->vm->gmem, where.physical_address, words, bytes))
		return;
	for (uint64_t i = 0; i < bytes / 8 && shown < STACK_SHOWN; i++)
		if (words[i] >= KERNEL_TEXT && words[i] < KERNEL_TEXT_END) {
			len += snprintf(line + len, sizeof(line) - (size_t)len, " %016llx",
					(unsigned long long)words[i]);
			shown++;
		}
	if (shown)
		log_info("vCPU %u stack%s", vcpu->index, line);
}

void vcpu_dump(struct vcpu *vcpu)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &r) || ioctl(vcpu->fd, KVM_GET_SREGS, &s))
		return;
	log_info("vCPU %u rip %016llx rsp %016llx flags %08llx exits %llu", vcpu->index, r.rip,
		 r.rsp, r.rflags, (unsigned long long)vcpu->counters.exits);
	log_info("vCPU %u rax %016llx rbx %016llx rcx %016llx rdx %016llx", vcpu->index, r.rax,
		 r.rbx, r.rcx, r.rdx);
	log_info("vCPU %u rsi %016llx rdi %016llx rbp %016llx r8  %016llx", vcpu->index, r.rsi,
		 r.rdi, r.rbp, r.r8);
	log_info("vCPU %u cr0 %08llx cr2 %016llx cr3 %010llx cr4 %08llx efer %04llx cs %04x",
		 vcpu->index, s.cr0, s.cr2, s.cr3, s.cr4, s.efer, s.cs.selector);
	dump_stack(vcpu, r.rsp);
}
