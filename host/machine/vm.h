/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_VM_H
#define HOST_MACHINE_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"
#include "host/exit.h"

struct cpuid;
struct gmem;
struct kvm_run;
struct loop;
struct pio;
struct serial;
struct vm;

#define VM_MAX_VCPUS	8

/*
 * The machine: KVM VM, memory, vCPU threads, legacy chips, ACPI.
 *
 * All functions belong to the loop thread unless they say "any thread".
 *
 *	created --vm_load, vm_start--> running --vm_pause--> paused
 *	                      running <--vm_resume- paused
 *	any state --vm_stop--> stopped (threads joined) --vm_destroy--> gone
 */
struct vm_config {
	const char *kernel;		/* ELF vmlinux or bzImage */
	const char *initrd;		/* NULL: none */
	const char *cmdline;		/* NULL: empty */
	unsigned int cpus;		/* 1 … VM_MAX_VCPUS */
	unsigned int memory_mib;
	unsigned int time_limit_s;	/* 0: none */

	int console_fd;			/* COM1 output; -1: dropped */
	bool console_stamps;		/* host time in front of each line, written line by line */
};

/* Called in the loop thread, once, when the run is over for @reason. */
typedef void (*vm_end_cb)(void *opaque, enum host_exit reason);

/*
 * What the hyperv layer does inside the machine. Both run in the vCPU's own
 * thread. Set by vm_set_hyperv() before vm_start().
 */
struct vm_hyperv_ops {
	/* A KVM_EXIT_HYPERV: fill in the result in @run. */
	void (*exit)(void *opaque, uint32_t vp, struct kvm_run *run);
	/* The guest wrote the crash control MSR. */
	void (*crash)(void *opaque, uint32_t vp);
};

/**
 * vm_create() - an empty machine: memory, irqchip, vCPUs, chips
 *
 * vCPUs exist before any GSI routing (KVM_SET_GSI_ROUTING is the hyperv
 * layer's): in the other order KVM never reports the end of a SynIC interrupt.
 * @config must live as long as the machine. Return: 0 or -errno, @err says it in words.
 */
int vm_create(struct vm **out, struct loop *loop, const struct vm_config *config, struct err *err);

/* Load kernel, initrd and tables: what fails here is the user's to fix. Return: 0 or -errno. */
int vm_load(struct vm *vm, struct err *err);

/* Stops a running machine first. NULL is fine. */
void vm_destroy(struct vm *vm);

int vm_start(struct vm *vm, struct err *err);

/* When vm_pause() returns, no vCPU executes guest code until vm_resume(). */
void vm_pause(struct vm *vm);
void vm_resume(struct vm *vm);
bool vm_paused(const struct vm *vm);

/* Join the vCPU threads. The guest's memory stays readable. */
void vm_stop(struct vm *vm);

void vm_set_end(struct vm *vm, vm_end_cb cb, void *opaque);

/**
 * vm_end() - the run is over; any thread
 *
 * The first reason wins, except that a checker failure replaces "off": a guest
 * that powers off cleanly after breaking a rule has not passed.
 */
void vm_end(struct vm *vm, enum host_exit reason);

/* One line per register group and vCPU on the log. Pauses the machine. */
void vm_dump(struct vm *vm);

/* Inject an NMI into every vCPU. */
int vm_nmi(struct vm *vm);

void vm_set_hyperv(struct vm *vm, const struct vm_hyperv_ops *ops, void *opaque);

/* For the layers that need more than the above: constant after vm_create(), any thread. */
int vm_fd(const struct vm *vm);
int vm_vcpu_fd(const struct vm *vm, unsigned int vp);
struct cpuid *vm_vcpu_cpuid(struct vm *vm, unsigned int vp);	/* changeable until vm_start() */
unsigned int vm_cpus(const struct vm *vm);
struct gmem *vm_memory(const struct vm *vm);
struct pio *vm_pio(const struct vm *vm);
struct serial *vm_console(const struct vm *vm);	/* COM1 */
struct serial *vm_agent_port(const struct vm *vm);	/* COM2 */

/* Level of an IOAPIC pin or another GSI; any thread. */
int vm_irq_line(struct vm *vm, unsigned int gsi, bool high);

/* Exits to user space so far, all vCPUs; any thread. */
struct vm_counters {
	uint64_t exits;
	uint64_t pio;
	uint64_t mmio;
	uint64_t hyperv;
};

void vm_counters(const struct vm *vm, struct vm_counters *out);

#endif
