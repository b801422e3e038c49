/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_HYPERV_HYPERCALL_H
#define HOST_HYPERV_HYPERCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/err.h"

/*
 * HvPostMessage and HvSignalEvent, from the guest to the layers above.
 *
 * The status has to reach the guest before the layers above, which live in the
 * loop thread, have seen the call. So they open connection ids beforehand; the
 * vCPU thread checks the id and the form of the call, copies the message once,
 * and puts it into a bounded queue:
 *
 *	id not open		HVP_STATUS_INVALID_CONNECTION_ID
 *	malformed		HVP_STATUS_INVALID_HYPERCALL_INPUT, _INVALID_ALIGNMENT, _INVALID_PARAMETER
 *	queue full		HVP_STATUS_INSUFFICIENT_BUFFERS
 *	else			HVP_STATUS_SUCCESS, and the callback follows
 *
 * Refused calls are reported too (ops->refused), after the fact, for the
 * protocol checker.
 */
struct hypercall;
struct kvm_run;
struct loop;
struct vm;

#define HYPERCALL_QUEUE_MAX	256	/* calls waiting for the loop, all vCPUs */
#define HYPERCALL_MAX_OPEN	64	/* connection ids open for messages */

/* All run in the loop thread, in the order of the guest's calls. */
struct hypercall_ops {
	/* @payload: a private copy, @len <= 240. @vp: who called. */
	void (*post_message)(void *opaque, uint32_t vp, uint32_t conn_id, uint32_t type,
			     const void *payload, size_t len);
	/* A call that was answered with @status; @code: HVP_CALL_* or another. NULL is fine. */
	void (*refused)(void *opaque, uint32_t vp, uint16_t code, uint32_t conn_id, uint16_t status);
	/* The guest reported a crash: HV_X64_MSR_CRASH_P0 … P4. NULL is fine. */
	void (*crash)(void *opaque, const uint64_t regs[5]);
};

struct hypercall_counters {
	uint64_t posts;		/* HvPostMessage, all statuses */
	uint64_t signals;	/* HvSignalEvent seen by user space, all statuses */
	uint64_t refused;
};

int hypercall_create(struct hypercall **out, struct vm *vm, struct loop *loop, struct err *err);
void hypercall_destroy(struct hypercall *hc);

/* Before vm_start(). @ops must live as long as @hc. */
void hypercall_set_ops(struct hypercall *hc, const struct hypercall_ops *ops, void *opaque);

/* Accept HvPostMessage on @conn_id, or stop. Opening twice is fine. Return: 0 or -ENOSPC. */
int hypercall_open_message(struct hypercall *hc, uint32_t conn_id);
void hypercall_close_message(struct hypercall *hc, uint32_t conn_id);

/*
 * Leave calls in the queue, or pass them on again: for layers that have too
 * many answers waiting. A guest that calls on finds the queue full.
 */
void hypercall_hold(struct hypercall *hc, bool hold);

/* @count: signals since the last call, at least 1. */
typedef void (*hypercall_event_cb)(void *opaque, uint32_t conn_id, uint64_t count);

/**
 * hypercall_bind_event() - let KVM take the signals of a connection id
 * @conn_id:	1 … 0xffffff
 *
 * The fast way: no exit to user space, signals while the loop is busy merge
 * into one call. Return: 0, -EEXIST, -EINVAL, -ENOMEM or another errno of KVM.
 */
int hypercall_bind_event(struct hypercall *hc, uint32_t conn_id, hypercall_event_cb cb,
			 void *opaque);

/* After return the callback is not called again; signals get INVALID_CONNECTION_ID. */
void hypercall_unbind_event(struct hypercall *hc, uint32_t conn_id);

void hypercall_counters(struct hypercall *hc, struct hypercall_counters *out);

/* vCPU threads: a KVM_EXIT_HYPERV_HCALL, and the crash event. */
void hypercall_exit(struct hypercall *hc, uint32_t vp, struct kvm_run *run);
void hypercall_crash(struct hypercall *hc, uint32_t vp);

#endif
