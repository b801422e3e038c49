/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_TEST_FAKE_MACHINE_H
#define HOST_TEST_FAKE_MACHINE_H

#include "protocol/chanmsg.h"
#include "protocol/types.h"

/*
 * The layers below VMBus without KVM: an event loop whose clock is moved by
 * hand, a SynIC whose messages wait in a list, and hypercalls that are plain
 * calls. They implement host/machine/loop.h, host/hyperv/synic.h and
 * host/hyperv/hypercall.h; guest memory is the real one.
 */
struct hypercall;
struct loop;
struct synic;

/* Run deferred calls until there are none. */
void fake_settle(struct loop *loop);

/* Let time pass; timers fire in order. */
void fake_advance(struct loop *loop, u64 ms);

struct synic *fake_synic_create(void);
void fake_synic_destroy(struct synic *synic);

/* The oldest message for any VP. Return: its length, 0 when there is none. */
size_t fake_synic_take(struct synic *synic, union hvp_chanmsg *msg, u32 *vp);

/* Clear and return an event flag. */
bool fake_synic_event(struct synic *synic, u32 vp, u32 flag);

/* At most this many messages wait in the SynIC before it says -ENOBUFS. */
void fake_synic_limit(struct synic *synic, unsigned int messages);
void fake_synic_off(struct synic *synic, bool off);

struct hypercall *fake_hypercall_create(void);
void fake_hypercall_destroy(struct hypercall *hc);

/* What a guest does. Return: HVP_STATUS_*. */
u16 fake_post(struct hypercall *hc, u32 conn_id, u32 type, const void *msg, size_t len);
u16 fake_signal(struct hypercall *hc, u32 conn_id, u64 count);
void fake_malformed_call(struct hypercall *hc, u16 code, u32 conn_id, u16 status);
void fake_crash(struct hypercall *hc);

#endif
