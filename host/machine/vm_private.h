/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_VM_PRIVATE_H
#define HOST_MACHINE_VM_PRIVATE_H

#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/machine/cpuid.h"
#include "host/machine/vm.h"

/* What vm.c (the machine as a whole) and vcpu.c (one processor) share. */

#define VM_KICK_SIGNAL	SIGUSR1	/* makes KVM_RUN return; does nothing else */

struct cmos;
struct loop_timer;

struct vcpu {
	struct vm *vm;
	unsigned int index;	/* = VP index = APIC id */
	int fd;
	struct kvm_run *run;
	size_t run_size;
	pthread_t thread;
	bool dead;		/* cannot go on; its thread waits for the end */
	struct cpuid cpuid;
	struct vm_counters counters;	/* written by the vCPU's thread only */
};

struct vm_port {
	struct vm *vm;
	unsigned int gsi;
	struct serial *serial;
};

struct vm {
	const struct vm_config *config;
	struct loop *loop;
	int kvm_fd;
	int fd;
	uint64_t entry;
	struct gmem *gmem;
	struct pio *pio;
	struct cmos *cmos;
	struct vm_port console;
	struct vm_port agent;
	struct vcpu vcpus[VM_MAX_VCPUS];
	unsigned int vcpu_count;	/* created */
	struct vm_hyperv_ops hyperv;
	void *hyperv_opaque;
	vm_end_cb end;
	void *end_opaque;
	struct loop_timer *time_limit;

	pthread_mutex_t lock;		/* protects everything below */
	pthread_cond_t changed;		/* inside, paused or leaving changed */
	unsigned int threads;		/* started and not joined */
	unsigned int inside;		/* threads that may run guest code */
	bool paused;
	bool leaving;
	bool ended;
	enum host_exit reason;		/* valid when ended */
};

/* vm.c, for vCPU threads: wait while paused. false: the thread must end. */
bool vm_gate(struct vm *vm, struct vcpu *vcpu);

/* Return: 0 or -errno. */
int vcpu_create(struct vcpu *vcpu, struct vm *vm, unsigned int index);
void vcpu_destroy(struct vcpu *vcpu);

/* Give KVM the CPUID table and the entry state. Return: 0 or -errno. */
int vcpu_prepare(struct vcpu *vcpu);

/* The body of a vCPU thread. */
void *vcpu_thread(void *vcpu);

/* Registers and the likely return addresses on the stack, to the log. Not while running. */
void vcpu_dump(struct vcpu *vcpu);

#endif
