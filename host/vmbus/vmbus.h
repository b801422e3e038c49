/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_VMBUS_H
#define HOST_VMBUS_VMBUS_H

#include "host/err.h"
#include "protocol/types.h"

/*
 * The host half of VMBus: one connection to one guest, and the devices offered
 * over it. Everything here runs in the loop thread; there are no locks.
 *
 *	main        vmbus_create() ... vmbus_finish() ... vmbus_destroy()
 *	a VSP       host/vmbus/device.h, host/vmbus/channel.h
 *	the control socket   stats.h, trace.h, fault.h, checker.h
 */
struct checker;
struct fault;
struct gmem;
struct hypercall;
struct loop;
struct synic;
struct trace;
struct vmbus;
struct vmbus_stats;

#define VMBUS_MAX_DEVICES	256
#define VMBUS_MAX_CHANNELS	2047	/* relids 1 ... 2047 */
#define VMBUS_MAX_GPADLS	4096
/* All lists together: as a host before 2019, and as one that speaks 5.2. */
#define VMBUS_MAX_GPADL_PAGES		(384u * 256)
#define VMBUS_MAX_GPADL_PAGES_2019	(1280u * 256)

enum vmbus_state {
	VMBUS_DISCONNECTED,	/* no contact, every version refused, or unloaded */
	VMBUS_CONTACTED,	/* a version is agreed */
	VMBUS_RUNNING,		/* offers were requested and delivered */
	VMBUS_UNLOADING,	/* the guest said Unload, the answer waits for channels to go idle */
};

/* What the connection tells the program. All optional. */
struct vmbus_events {
	void (*connected)(void *opaque, u32 version);
	void (*unloaded)(void *opaque);
};

struct vmbus_config {
	struct loop *loop;
	struct gmem *gmem;
	struct synic *synic;
	struct hypercall *hypercall;	/* vmbus_create() sets its ops */
	u32 cpus;

	/* Versions this host knows: all of protocol/version.h up to the cap. 0: no cap. */
	u32 version_cap;
	/* With @version_exact, @version_cap is the only one. */
	bool version_exact;

	double time_scale;		/* how much slower than real ones the guest is; 0: 1 */
	u32 trace_records;		/* size of the trace buffer; 0: default */
	const struct vmbus_events *events;	/* NULL: none */
	void (*crash)(void *opaque, const uint64_t regs[5]);	/* the guest reported a crash */
	void *opaque;
};

/**
 * vmbus_create() - build the bus; before vm_start()
 *
 * Return: 0, -EINVAL for a version this host does not speak, or -ENOMEM.
 */
int vmbus_create(struct vmbus **out, const struct vmbus_config *config, struct err *err);

/* Destroy after the VSPs that own devices. NULL is fine. */
void vmbus_destroy(struct vmbus *vmbus);

/**
 * vmbus_parse_version() - "5.3" to a version
 * Return: 0, or -EINVAL when it is no version this host speaks.
 */
int vmbus_parse_version(const char *text, u32 *version);

/**
 * vmbus_finish() - the run is over: let the checker look for what was leaked
 *
 * Once, when no vCPU runs any more. Return: number of rules violated in the
 * whole run; not 0 makes the exit code HOST_EXIT_CHECKER.
 */
unsigned int vmbus_finish(struct vmbus *vmbus);

/* Let the checker know that vCPUs stand still: the guest's deadlines wait for it. */
void vmbus_set_paused(struct vmbus *vmbus, bool paused);

enum vmbus_state vmbus_state(const struct vmbus *vmbus);
u32 vmbus_version(const struct vmbus *vmbus);	/* 0: none negotiated */
const char *vmbus_state_name(enum vmbus_state state);

struct checker *vmbus_checker(struct vmbus *vmbus);
struct fault *vmbus_fault(struct vmbus *vmbus);
struct trace *vmbus_trace(struct vmbus *vmbus);
const struct vmbus_stats *vmbus_stats(const struct vmbus *vmbus);
struct loop *vmbus_loop(struct vmbus *vmbus);
u32 vmbus_cpus(const struct vmbus *vmbus);

#endif
