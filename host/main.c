// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "host/control/control.h"
#include "host/exit.h"
#include "host/hyperv/cpuid.h"
#include "host/hyperv/hypercall.h"
#include "host/hyperv/refclock.h"
#include "host/hyperv/synic.h"
#include "host/log.h"
#include "host/machine/loop.h"
#include "host/machine/memory.h"
#include "host/machine/shell.h"
#include "host/machine/vm.h"
#include "host/options.h"
#include "host/verdict.h"
#include "host/vmbus/device.h"
#include "host/vmbus/fault.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/vsp.h"

_Static_assert(HOST_MAX_CPUS == VM_MAX_VCPUS, "the options know what the machine can do");

static const char *const exit_names[] = {
	[HOST_EXIT_OFF] = "guest powered off",
	[HOST_EXIT_FAILURE] = "host failure",
	[HOST_EXIT_USAGE] = "usage",
	[HOST_EXIT_RESET] = "guest reset",
	[HOST_EXIT_CRASH] = "guest crashed",
	[HOST_EXIT_FAULT] = "guest cannot go on",
	[HOST_EXIT_TIME_LIMIT] = "time limit",
	[HOST_EXIT_CHECKER] = "protocol violated",
	[HOST_EXIT_STOPPED] = "stopped",
};

struct host {
	struct host_options options;
	struct vm_config vm_config;
	struct loop *loop;
	struct vm *vm;
	struct synic *synic;
	struct hypercall *hypercall;
	struct vmbus *vmbus;
	struct vsp *vsp;
	struct control *control;
	struct shell *shell;
	struct loop_timer *crash_grace;
	int signal_fd;
	uint32_t vmbus_version;
	bool crashed;
	unsigned int rules_broken;
	enum host_exit result;
};

/* Events of the whole run */

static void run_ended(void *opaque, enum host_exit reason)
{
	struct host *host = opaque;

	host->result = verdict_end(reason, host->crashed);
	loop_stop(host->loop);
}

/*
 * A host only takes note of a crash. The guest goes on to say goodbye to VMBus,
 * to dump and to reset; one that spins for ever has a time to show life in.
 */
static void crash_over(void *opaque)
{
	struct host *host = opaque;

	vm_end(host->vm, HOST_EXIT_CRASH);
}

static void await_crash_end(struct host *host)
{
	const struct host_options *options = &host->options;
	double seconds = options->crash_grace_s * options->time_scale;

	if (options->crash_grace_s)
		loop_timer_arm(host->crash_grace, (uint64_t)(seconds * 1e9));
}

static void guest_crashed(void *opaque, const uint64_t regs[5])
{
	struct host *host = opaque;

	log_info("guest crash: P0 %llx P1 %llx P2 %llx P3 %llx P4 %llx", (unsigned long long)regs[0],
		 (unsigned long long)regs[1], (unsigned long long)regs[2],
		 (unsigned long long)regs[3], (unsigned long long)regs[4]);
	host->crashed = true;
	await_crash_end(host);
}

static void guest_unloaded(void *opaque)
{
	struct host *host = opaque;

	if (host->crashed)
		await_crash_end(host);
}

/* A crash kernel takes over: it ends the run in its own time. */
static void guest_connected(void *opaque, uint32_t version)
{
	struct host *host = opaque;

	(void)version;
	loop_timer_cancel(host->crash_grace);
}

static const struct vmbus_events vmbus_events = {
	.connected = guest_connected, .unloaded = guest_unloaded,
};

static void stop_requested(void *opaque)
{
	struct host *host = opaque;

	vm_end(host->vm, HOST_EXIT_STOPPED);
}

static void signal_arrived(void *opaque, int fd, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	if (read(fd, &info, sizeof(info)) == sizeof(info))
		stop_requested(opaque);
}

static void hyperv_exit(void *opaque, uint32_t vp, struct kvm_run *run)
{
	struct host *host = opaque;

	if (run->hyperv.type == KVM_EXIT_HYPERV_SYNIC)
		synic_exit(host->synic, vp, run);
	else if (run->hyperv.type == KVM_EXIT_HYPERV_HCALL)
		hypercall_exit(host->hypercall, vp, run);
}

static void hyperv_crash(void *opaque, uint32_t vp)
{
	struct host *host = opaque;

	hypercall_crash(host->hypercall, vp);
}

static const struct vm_hyperv_ops hyperv_ops = { .exit = hyperv_exit, .crash = hyperv_crash };

/* Phases: each returns 0 or -errno with @err set. */

static int open_console(struct host *host, struct err *err)
{
	const struct host_options *options = &host->options;
	int fd = STDOUT_FILENO;

	if (options->console)
		fd = open(options->console, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", options->console, strerror(errno));
	host->vm_config.console_fd = fd;
	host->vm_config.console_stamps = !options->shell;
	return 0;
}

static int watch_signals(struct host *host, struct err *err)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	host->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (host->signal_fd < 0 ||
	    loop_add(host->loop, host->signal_fd, EPOLLIN, signal_arrived, host))
		return err_set(err, -EMFILE, "cannot watch signals");
	return 0;
}

static int create_loop(struct host *host, struct err *err)
{
	host->loop = loop_create();
	if (!host->loop)
		return err_set(err, -ENOMEM, "cannot create the event loop");
	host->crash_grace = loop_timer_create(host->loop, crash_over, host);
	if (!host->crash_grace)
		return err_set(err, -ENOMEM, "cannot create timers");
	return watch_signals(host, err);
}

static int create_machine(struct host *host, struct err *err)
{
	const struct host_options *options = &host->options;
	int ret;

	host->vm_config.kernel = options->kernel;
	host->vm_config.initrd = options->initrd;
	host->vm_config.cmdline = options->cmdline;
	host->vm_config.cpus = options->cpus;
	host->vm_config.memory_mib = options->memory_mib;
	host->vm_config.time_limit_s = options->time_limit_s;
	ret = vm_create(&host->vm, host->loop, &host->vm_config, err);
	if (!ret)
		vm_set_end(host->vm, run_ended, host);
	return ret;
}

static int create_hyperv(struct host *host, struct err *err)
{
	int ret;

	ret = synic_create(&host->synic, host->vm, host->loop, err);
	if (!ret)
		ret = hypercall_create(&host->hypercall, host->vm, host->loop, err);
	if (!ret)
		ret = hyperv_add_cpuid(host->vm, err);
	if (ret)
		return ret;
	vm_set_hyperv(host->vm, &hyperv_ops, host);
	return 0;
}

static int create_vmbus(struct host *host, struct err *err)
{
	const struct host_options *options = &host->options;
	struct vmbus_config config = {
		.loop = host->loop,
		.gmem = vm_memory(host->vm),
		.synic = host->synic,
		.hypercall = host->hypercall,
		.cpus = options->cpus,
		.version_cap = host->vmbus_version,
		.version_exact = options->vmbus_exact,
		.time_scale = options->time_scale,
		.events = &vmbus_events,
		.crash = guest_crashed,
		.opaque = host,
	};

	return vmbus_create(&host->vmbus, &config, err);
}

static bool device_exists(void *opaque, const char *name)
{
	struct host *host = opaque;

	return vmbus_device_find(host->vmbus, name) != NULL;
}

static int arm_faults(struct host *host, struct err *err)
{
	const struct host_options *options = &host->options;
	int ret = 0;

	fault_set_devices(vmbus_fault(host->vmbus), device_exists, host);
	for (unsigned int i = 0; i < options->fault_count && !ret; i++)
		ret = fault_arm(vmbus_fault(host->vmbus), options->faults[i], NULL, err);
	return ret;
}

static uint64_t reference_time(void *opaque)
{
	return hyperv_ref_time(opaque);
}

static int create_devices(struct host *host, struct err *err)
{
	struct vsp_config config = {
		.disks = host->options.disks,
		.disk_count = host->options.disk_count,
		.storage = host->options.storage,
		.generation = host->options.generation,
		.services_off = host->options.services_off,
		.clock = { reference_time, host->vm },
	};

	return vsp_create(&host->vsp, host->vmbus, &config, err);
}

static int create_control(struct host *host, struct err *err)
{
	const struct host_options *options = &host->options;
	struct control_config config = {
		.loop = host->loop,
		.vm = host->vm,
		.vmbus = host->vmbus,
		.vsp = host->vsp,
		.hypercall = host->hypercall,
		.synic = host->synic,
	};
	int ret;

	ret = control_create(&host->control, &config, err);
	if (!ret && options->control)
		ret = control_listen(host->control, options->control, err);
	if (!ret && options->trace)
		ret = control_trace_to(host->control, options->trace, err);
	return ret;
}

static int start(struct host *host, struct err *err)
{
	if (host->options.shell) {
		host->shell = shell_open(host->loop, vm_console(host->vm), stop_requested, host);
		if (!host->shell)
			return err_set(err, -ENOMEM, "out of memory");
	}
	return vm_start(host->vm, err);
}

static void note(const struct host *host, const char *what)
{
	if (host->options.verbose)
		log_info("%s", what);
}

/* What can be judged by its text alone, before anything is built. */
static int check_options(struct host *host, struct err *err)
{
	const struct host_options *options = &host->options;
	struct vsp_config vsp = {
		.disks = options->disks,
		.disk_count = options->disk_count,
		.storage = options->storage,
		.generation = options->generation,
		.services_off = options->services_off,
	};

	if (options->vmbus_version && vmbus_parse_version(options->vmbus_version, &host->vmbus_version))
		return err_set(err, -EINVAL, "--vmbus-version %s: not a version this host speaks",
			       options->vmbus_version);
	for (unsigned int i = 0; i < options->fault_count; i++)
		if (fault_check(options->faults[i], err))
			return -EINVAL;
	return vsp_check_config(&vsp, err);
}

/* -ENOMEM is the host's fault, all other errors of this phase are the user's. */
static enum host_exit user_error(int ret)
{
	return ret == -ENOMEM ? HOST_EXIT_FAILURE : HOST_EXIT_USAGE;
}

/* What the user got wrong ends with another status than what the host lacks. */
static enum host_exit build(struct host *host, struct err *err)
{
	int ret;

	if (check_options(host, err) || open_console(host, err))
		return HOST_EXIT_USAGE;
	if (create_loop(host, err) || create_machine(host, err) || create_hyperv(host, err))
		return HOST_EXIT_FAILURE;
	note(host, "machine built");
	/* Before the bus: from then on the checker guards the guest's memory. */
	ret = vm_load(host->vm, err);
	if (ret)
		return user_error(ret);
	note(host, "kernel loaded");
	if (create_vmbus(host, err))
		return HOST_EXIT_FAILURE;
	ret = create_devices(host, err);
	if (!ret)
		ret = arm_faults(host, err);
	if (!ret)
		ret = create_control(host, err);
	if (ret)
		return user_error(ret);
	if (start(host, err))
		return HOST_EXIT_FAILURE;
	note(host, "guest started");
	return HOST_EXIT_OFF;
}

static void destroy(struct host *host)
{
	shell_close(host->shell);
	control_destroy(host->control);
	vsp_destroy(host->vsp);
	vmbus_destroy(host->vmbus);
	hypercall_destroy(host->hypercall);
	synic_destroy(host->synic);
	vm_destroy(host->vm);
	loop_timer_destroy(host->crash_grace);
	loop_destroy(host->loop);
	if (host->signal_fd >= 0)
		close(host->signal_fd);
}

static void report(const struct host *host)
{
	struct vm_counters exits;

	vm_counters(host->vm, &exits);
	log_info("%s%s; rules broken: %u; exits: %llu (ports %llu, memory %llu, hyperv %llu)",
		 exit_names[host->result],
		 host->crashed && host->result != HOST_EXIT_CRASH ? " after a crash" : "",
		 host->rules_broken, (unsigned long long)exits.exits, (unsigned long long)exits.pio,
		 (unsigned long long)exits.mmio, (unsigned long long)exits.hyperv);
}

static void judge(struct host *host)
{
	vsp_drain(host->vsp);
	host->rules_broken = vmbus_finish(host->vmbus);
	host->result = verdict_judge(host->result, host->rules_broken);
}

static void run(struct host *host)
{
	if (loop_run(host->loop))
		host->result = HOST_EXIT_FAILURE;
	vm_stop(host->vm);
	if (host->result == HOST_EXIT_FAULT)
		vm_dump(host->vm);
	judge(host);
	control_ended(host->control, host->result);
	report(host);
}

int main(int argc, char **argv)
{
	struct host host = { .signal_fd = -1 };
	struct err err = { .text = "" };

	switch (options_parse(&host.options, argc, argv, &err)) {
	case OPTIONS_RUN:
		host.result = build(&host, &err);
		break;
	case OPTIONS_DONE:
		return HOST_EXIT_OFF;
	case OPTIONS_BAD:
		host.result = HOST_EXIT_USAGE;
		break;
	}
	if (host.result == HOST_EXIT_OFF)
		run(&host);
	else
		fprintf(stderr, "hvhost: %s\n", err.text);
	destroy(&host);
	return (int)host.result;
}
