// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/log.h"
#include "host/machine/boot.h"
#include "host/machine/cmos.h"
#include "host/machine/loop.h"
#include "host/machine/memory.h"
#include "host/machine/pio.h"
#include "host/machine/power.h"
#include "host/machine/serial.h"
#include "host/machine/vm_private.h"

/*
 * Pausing. A vCPU thread is "inside" while it may run guest code. Whoever wants
 * it out (loop thread) sets paused or leaving, sets immediate_exit in its
 * kvm_run, and sends the kick signal, all under vm->lock:
 *
 *	- before KVM_RUN: immediate_exit makes it return at once;
 *	- within KVM_RUN: the signal makes it return;
 *	- handling an exit: it comes back to the gate by itself. Exit handlers
 *	  never wait for the loop thread.
 *
 * Only the thread itself clears immediate_exit, under vm->lock, when it goes
 * back inside.
 */

#define COM1_PORT	0x3f8
#define COM1_GSI	4
#define COM2_PORT	0x2f8
#define COM2_GSI	3

#define GIB		(1ull << 30)
#define LOW_MEMORY_MAX	(3 * GIB)	/* below the APICs */
#define HIGH_MEMORY	(4 * GIB)

#define TSS_ADDRESS		0xfffbd000u	/* 3 pages Intel needs, in the BIOS area */
#define IDENTITY_MAP_ADDRESS	0xfffbc000u

/* The gate */

bool vm_gate(struct vm *vm, struct vcpu *vcpu)
{
	bool go;

	if (!__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_ACQUIRE))
		return true;
	pthread_mutex_lock(&vm->lock);
	vm->inside--;
	pthread_cond_broadcast(&vm->changed);
	while ((vm->paused || vcpu->dead) && !vm->leaving)
		pthread_cond_wait(&vm->changed, &vm->lock);
	go = !vm->leaving;
	if (go) {
		vm->inside++;
		__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&vm->lock);
	return go;
}

/* With vm->lock held. */
static void kick_all(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->threads; i++) {
		__atomic_store_n(&vm->vcpus[i].run->immediate_exit, 1, __ATOMIC_RELEASE);
		pthread_kill(vm->vcpus[i].thread, VM_KICK_SIGNAL);
	}
}

void vm_pause(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	if (!vm->paused && !vm->leaving) {
		vm->paused = true;
		kick_all(vm);
		while (vm->inside)
			pthread_cond_wait(&vm->changed, &vm->lock);
	}
	pthread_mutex_unlock(&vm->lock);
}

void vm_resume(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->paused = false;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
}

bool vm_paused(const struct vm *vm)
{
	return vm->paused;	/* only the loop thread changes it */
}

void vm_stop(struct vm *vm)
{
	unsigned int threads;
	uint64_t dropped;

	pthread_mutex_lock(&vm->lock);
	vm->leaving = true;
	threads = vm->threads;
	kick_all(vm);
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
	for (unsigned int i = 0; i < threads; i++)
		pthread_join(vm->vcpus[i].thread, NULL);
	vm->threads = 0;
	serial_flush(vm->console.serial);
	dropped = serial_dropped(vm->console.serial);
	if (dropped)
		log_warn("%llu bytes of the console were lost: nobody read it",
			 (unsigned long long)dropped);
}

/* The end of a run */

static void tell_end(void *opaque)
{
	struct vm *vm = opaque;
	enum host_exit reason;

	pthread_mutex_lock(&vm->lock);
	reason = vm->reason;
	pthread_mutex_unlock(&vm->lock);
	if (vm->end)
		vm->end(vm->end_opaque, reason);
}

void vm_end(struct vm *vm, enum host_exit reason)
{
	bool first;

	pthread_mutex_lock(&vm->lock);
	first = !vm->ended;
	vm->ended = true;
	if (first)
		vm->reason = reason;
	pthread_mutex_unlock(&vm->lock);
	if (first)
		loop_post(vm->loop, tell_end, vm);
}

void vm_set_end(struct vm *vm, vm_end_cb cb, void *opaque)
{
	vm->end = cb;
	vm->end_opaque = opaque;
}

static void time_is_up(void *opaque)
{
	struct vm *vm = opaque;

	log_warn("time limit of %u s passed", vm->config->time_limit_s);
	vm_dump(vm);
	vm_end(vm, HOST_EXIT_TIME_LIMIT);
}

void vm_dump(struct vm *vm)
{
	bool was_paused = vm->paused;

	vm_pause(vm);
	for (unsigned int i = 0; i < vm->vcpu_count; i++)
		vcpu_dump(&vm->vcpus[i]);
	if (!was_paused)
		vm_resume(vm);
}

/* Creation, in order */

static const struct {
	int capability;
	const char *name;
} needed[] = {
	{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
	{ KVM_CAP_IRQFD_RESAMPLE, "KVM_CAP_IRQFD_RESAMPLE" },
	{ KVM_CAP_HYPERV_SYNIC2, "KVM_CAP_HYPERV_SYNIC2" },
	{ KVM_CAP_HYPERV_VP_INDEX, "KVM_CAP_HYPERV_VP_INDEX" },
	{ KVM_CAP_HYPERV_EVENTFD, "KVM_CAP_HYPERV_EVENTFD" },
	{ KVM_CAP_HYPERV_CPUID, "KVM_CAP_HYPERV_CPUID" },
};

static int open_kvm(struct vm *vm, struct err *err)
{
	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return err_set(err, -errno, "/dev/kvm: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, needed[i].capability) <= 0)
			return err_set(err, -ENOSYS, "this KVM lacks %s", needed[i].name);
	vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return err_set(err, -errno, "KVM_CREATE_VM: %s", strerror(errno));
	return 0;
}

static int add_memory(struct vm *vm, uint64_t gpa, uint64_t size, struct err *err)
{
	struct kvm_userspace_memory_region slot = {
		.slot = gmem_region_count(vm->gmem), .guest_phys_addr = gpa, .memory_size = size,
	};
	const struct gmem_region *region = gmem_add(vm->gmem, gpa, size);

	if (!region)
		return err_set(err, -errno, "guest memory: %s", strerror(errno));
	slot.userspace_addr = (uintptr_t)region->host;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		return err_set(err, -errno, "guest memory: %s", strerror(errno));
	return 0;
}

static int create_memory(struct vm *vm, struct err *err)
{
	uint64_t size = (uint64_t)vm->config->memory_mib << 20;
	uint64_t low = size < LOW_MEMORY_MAX ? size : LOW_MEMORY_MAX;
	int ret;

	vm->gmem = gmem_create();
	if (!vm->gmem)
		return err_set(err, -ENOMEM, "out of memory");
	ret = add_memory(vm, 0, low, err);
	if (!ret && size > low)
		ret = add_memory(vm, HIGH_MEMORY, size - low, err);
	return ret;
}

static int create_irqchip(struct vm *vm, struct err *err)
{
	uint64_t identity_map = IDENTITY_MAP_ADDRESS;

	if (ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map) ||
	    ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDRESS) ||
	    ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0))
		return err_set(err, -errno, "KVM_CREATE_IRQCHIP: %s", strerror(errno));
	return 0;
}

static int create_vcpus(struct vm *vm, struct err *err)
{
	struct cpuid *first = &vm->vcpus[0].cpuid;
	int ret;

	for (unsigned int i = 0; i < vm->config->cpus; i++) {
		ret = vcpu_create(&vm->vcpus[i], vm, i);
		if (ret)
			return err_set(err, ret, "vCPU %u: %s", i, strerror(-ret));
		vm->vcpu_count++;
	}
	ret = cpuid_read_supported(vm->kvm_fd, first);
	if (ret)
		return err_set(err, ret, "KVM_GET_SUPPORTED_CPUID: %s", strerror(-ret));
	cpuid_hide_xsave(first);
	for (unsigned int i = vm->config->cpus; i-- > 0;) {
		vm->vcpus[i].cpuid = *first;
		cpuid_set_topology(&vm->vcpus[i].cpuid, i, vm->config->cpus);
	}
	return 0;
}

static void serial_irq(void *opaque, bool high)
{
	struct vm_port *port = opaque;

	vm_irq_line(port->vm, port->gsi, high);
}

static int create_port(struct vm *vm, struct vm_port *port, uint16_t base, unsigned int gsi)
{
	*port = (struct vm_port){ .vm = vm, .gsi = gsi };
	port->serial = serial_create(vm->loop, serial_irq, port);
	return port->serial ? serial_attach(port->serial, vm->pio, base) : -ENOMEM;
}

static int create_chips(struct vm *vm, struct err *err)
{
	int ret;

	vm->pio = pio_create();
	if (!vm->pio)
		return err_set(err, -ENOMEM, "out of memory");
	ret = create_port(vm, &vm->console, COM1_PORT, COM1_GSI);
	if (!ret)
		ret = create_port(vm, &vm->agent, COM2_PORT, COM2_GSI);
	if (!ret)
		ret = power_attach(vm->pio, vm);
	if (ret)
		return err_set(err, ret, "chips: %s", strerror(-ret));
	vm->cmos = cmos_create(vm->pio);
	if (!vm->cmos)
		return err_set(err, -ENOMEM, "out of memory");
	serial_set_output(vm->console.serial, vm->config->console_fd, vm->config->console_stamps);
	return 0;
}

static void kicked(int signal)
{
	(void)signal;
}

static int build(struct vm *vm, struct err *err)
{
	struct sigaction action = { .sa_handler = kicked };
	int ret;

	sigaction(VM_KICK_SIGNAL, &action, NULL);
	ret = open_kvm(vm, err);
	if (!ret)
		ret = create_memory(vm, err);
	if (!ret)
		ret = create_irqchip(vm, err);
	if (!ret)
		ret = create_vcpus(vm, err);
	if (!ret)
		ret = create_chips(vm, err);
	return ret;
}

int vm_create(struct vm **out, struct loop *loop, const struct vm_config *config, struct err *err)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	int ret;

	if (!vm)
		return err_set(err, -ENOMEM, "out of memory");
	vm->config = config;
	vm->loop = loop;
	vm->kvm_fd = vm->fd = -1;
	pthread_mutex_init(&vm->lock, NULL);
	pthread_cond_init(&vm->changed, NULL);
	ret = build(vm, err);
	if (ret) {
		vm_destroy(vm);
		return ret;
	}
	*out = vm;
	return 0;
}

void vm_destroy(struct vm *vm)
{
	if (!vm)
		return;
	if (vm->threads)
		vm_stop(vm);
	loop_forget(vm->loop, vm);
	loop_timer_destroy(vm->time_limit);
	cmos_destroy(vm->cmos);
	serial_destroy(vm->agent.serial);
	serial_destroy(vm->console.serial);
	pio_destroy(vm->pio);
	for (unsigned int i = 0; i < vm->vcpu_count; i++)
		vcpu_destroy(&vm->vcpus[i]);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->kvm_fd >= 0)
		close(vm->kvm_fd);
	gmem_destroy(vm->gmem);
	pthread_cond_destroy(&vm->changed);
	pthread_mutex_destroy(&vm->lock);
	free(vm);
}

int vm_load(struct vm *vm, struct err *err)
{
	return boot_load(vm->gmem, vm->config, &vm->entry, err);
}

/* Running */

/* The threads start at the gate, closed: a failure half way lets none of them run. */
static int start_threads(struct vm *vm)
{
	int ret = 0;

	pthread_mutex_lock(&vm->lock);
	vm->paused = true;
	for (unsigned int i = 0; i < vm->vcpu_count && !ret; i++) {
		vm->vcpus[i].run->immediate_exit = 1;
		ret = pthread_create(&vm->vcpus[i].thread, NULL, vcpu_thread, &vm->vcpus[i]);
		if (!ret) {
			vm->threads++;
			vm->inside++;
		}
	}
	vm->paused = false;
	vm->leaving = ret != 0;
	pthread_mutex_unlock(&vm->lock);
	if (ret)
		vm_stop(vm);
	return -ret;
}

int vm_start(struct vm *vm, struct err *err)
{
	int ret = 0;

	for (unsigned int i = 0; i < vm->vcpu_count && !ret; i++)
		ret = vcpu_prepare(&vm->vcpus[i]);
	if (ret)
		return err_set(err, ret, "vCPU state: %s", strerror(-ret));
	if (vm->config->time_limit_s) {
		vm->time_limit = loop_timer_create(vm->loop, time_is_up, vm);
		if (!vm->time_limit)
			return err_set(err, -ENOMEM, "no timer for the time limit");
		loop_timer_arm(vm->time_limit, vm->config->time_limit_s * 1000000000ull);
	}
	ret = start_threads(vm);
	if (ret)
		return err_set(err, ret, "vCPU threads: %s", strerror(-ret));
	return 0;
}

int vm_nmi(struct vm *vm)
{
	bool was_paused = vm->paused;
	int ret = 0;

	vm_pause(vm);	/* KVM takes no vCPU ioctl while the vCPU runs */
	for (unsigned int i = 0; i < vm->vcpu_count && !ret; i++)
		if (ioctl(vm->vcpus[i].fd, KVM_NMI, 0))
			ret = -errno;
	if (!was_paused)
		vm_resume(vm);
	return ret;
}

int vm_irq_line(struct vm *vm, unsigned int gsi, bool high)
{
	struct kvm_irq_level line = { .irq = gsi, .level = high };

	return ioctl(vm->fd, KVM_IRQ_LINE, &line) ? -errno : 0;
}

/* Accessors */

void vm_set_hyperv(struct vm *vm, const struct vm_hyperv_ops *ops, void *opaque)
{
	vm->hyperv = *ops;
	vm->hyperv_opaque = opaque;
}

int vm_fd(const struct vm *vm)
{
	return vm->fd;
}

int vm_vcpu_fd(const struct vm *vm, unsigned int vp)
{
	return vm->vcpus[vp].fd;
}

struct cpuid *vm_vcpu_cpuid(struct vm *vm, unsigned int vp)
{
	return &vm->vcpus[vp].cpuid;
}

unsigned int vm_cpus(const struct vm *vm)
{
	return vm->vcpu_count;
}

struct gmem *vm_memory(const struct vm *vm)
{
	return vm->gmem;
}

struct pio *vm_pio(const struct vm *vm)
{
	return vm->pio;
}

struct serial *vm_console(const struct vm *vm)
{
	return vm->console.serial;
}

struct serial *vm_agent_port(const struct vm *vm)
{
	return vm->agent.serial;
}

void vm_counters(const struct vm *vm, struct vm_counters *out)
{
	*out = (struct vm_counters){ .exits = 0 };
	for (unsigned int i = 0; i < vm->vcpu_count; i++) {
		const struct vm_counters *from = &vm->vcpus[i].counters;

		out->exits += __atomic_load_n(&from->exits, __ATOMIC_RELAXED);
		out->pio += __atomic_load_n(&from->pio, __ATOMIC_RELAXED);
		out->mmio += __atomic_load_n(&from->mmio, __ATOMIC_RELAXED);
		out->hyperv += __atomic_load_n(&from->hyperv, __ATOMIC_RELAXED);
	}
}
