/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_INTERRUPT_H
#define VMBUS_INTERRUPT_H

/* The handler of the hypervisor's callback vector. */
void vmbus_isr(void);

/* Take what is pending on the calling CPU as if it had interrupted. */
void vmbus_interrupt_drain(void);

/* Look at a CPU's message slot again, after the inbox had no room for it. */
void vmbus_interrupt_retry(unsigned int cpu);

#endif
