/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_SYNIC_H
#define VMBUS_SYNIC_H

#include "protocol/synic.h"

#include <linux/percpu.h>

struct cpumask;

/* What one CPU shares with the hypervisor. The pages live as long as the module. */
struct vmbus_synic {
	struct hvp_message_page *messages;
	struct hvp_event_page *events;
	struct hvp_post_message_input *post;	/* hypercall input, interrupts off */
	bool live;				/* the CPU takes VMBus interrupts */
};

DECLARE_PER_CPU(struct vmbus_synic, vmbus_synic);

/**
 * vmbus_synic_init() - enable the online CPUs
 *
 * From here on the hotplug states of this module keep up with CPUs; one that comes
 * for the first time gets its pages then.
 */
int vmbus_synic_init(void);

/**
 * vmbus_synic_exit() - disable on all CPUs and free the pages
 */
void vmbus_synic_exit(void);

/**
 * vmbus_synic_stop() - disable on all CPUs, before the next kernel takes over
 */
void vmbus_synic_stop(void);

/* Disable on the calling CPU, without locks: crash and suspend. */
void vmbus_synic_disable_here(void);
void vmbus_synic_enable_here(void);

#endif
