/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_HYPERV_SYNIC_H
#define HOST_HYPERV_SYNIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/err.h"

/*
 * The synthetic interrupt controller's two ways to reach a guest: messages,
 * and event flags. Loop thread, except where a function says otherwise.
 *
 * While a virtual processor's SynIC or message page is off, messages to it are
 * refused; messages that wait when the guest turns the page off are dropped
 * and counted, so that a kernel started by kexec never sees its
 * predecessor's. Event flags to a page that is off are dropped and counted.
 */
struct kvm_run;
struct loop;
struct synic;
struct vm;

#define SYNIC_QUEUE_MAX		1024	/* messages waiting per (VP, SINT) */

struct synic_counters {
	uint64_t messages;	/* put into a slot */
	uint64_t interrupts;	/* SINT interrupts sent, for messages and events */
	uint64_t events;	/* event flags set, including those found set already */
	uint64_t refused;	/* page off or queue full */
	uint64_t dropped;	/* waiting when the page went off */
};

/**
 * synic_create() - enable the SynIC on every vCPU and route its interrupts
 *
 * Writes the GSI routing of the whole VM: the 24 IOAPIC pins, then one GSI for
 * each (VP, SINT). Before vm_start().
 */
int synic_create(struct synic **out, struct vm *vm, struct loop *loop, struct err *err);
void synic_destroy(struct synic *synic);

/**
 * synic_post() - send a message to a virtual processor
 * @sint:	0 … 15
 * @type:	enum hvp_message_type
 * @len:	at most 240 bytes
 *
 * Messages to one (VP, SINT) arrive in order, each when the guest has freed the
 * slot. Return: 0; -EINVAL; -ENXIO when the message page is off; -ENOBUFS when
 * the queue is full.
 */
int synic_post(struct synic *synic, uint32_t vp, uint32_t sint, uint32_t type,
	       const void *payload, size_t len);

/* Messages that the guest has not taken yet, the one in the slot included. */
unsigned int synic_post_pending(struct synic *synic, uint32_t vp, uint32_t sint);

/* Forget the messages waiting for (VP, SINT): the guest unloaded VMBus. */
void synic_post_cancel(struct synic *synic, uint32_t vp, uint32_t sint);

/**
 * synic_set_event() - set an event flag; interrupts only if it was clear
 * @flag:	0 … 2047
 *
 * Any thread: takes the VP's lock, so that the page cannot go away meanwhile.
 * Return: true when an interrupt was sent.
 */
bool synic_set_event(struct synic *synic, uint32_t vp, uint32_t sint, uint32_t flag);

void synic_counters(struct synic *synic, uint32_t vp, struct synic_counters *out);

/* vCPU thread: the guest wrote SCONTROL, SIMP or SIEFP. */
void synic_exit(struct synic *synic, uint32_t vp, const struct kvm_run *run);

#endif
