// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the vector to whoever is meant:
 *
 *   event flag n -> channel with relid n -> its callback, now or in its tasklet
 *   message slot -> timer, or a copy into the inbox (message.c)
 *
 * No locks and no allocation here. Channels are found under RCU; a channel that
 * closes takes its callback away, waits a grace period, and then for its
 * tasklet (channel.c), so neither runs into a ring that is gone. Work per
 * interrupt is bounded: each flag up to the highest relid once, one message.
 */
#include "drivers/vmbus/interrupt.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/message.h"
#include "drivers/vmbus/relid.h"
#include "drivers/vmbus/stats.h"
#include "drivers/vmbus/synic.h"

#include <linux/interrupt.h>
#include <linux/random.h>
#include <linux/smp.h>
#include <clocksource/hyperv_timer.h>

static void channel_signalled(u32 relid)
{
	struct vmbus_channel *channel = vmbus_relid_find(relid);
	void (*callback)(void *context);

	/* Pairs with the release in callback_set() in open.c: the context is set. */
	callback = channel ? smp_load_acquire(&channel->onchannel_callback) : NULL;
	if (!callback) {
		vmbus_stat_inc(VMBUS_STAT_EVENTS_UNKNOWN);
		return;
	}

	channel->interrupts++;
	switch (channel->callback_mode) {
	case HV_CALL_ISR:
		callback(channel->channel_callback_context);
		break;
	case HV_CALL_BATCHED:
		hv_begin_read(&channel->inbound);
		fallthrough;
	case HV_CALL_DIRECT:
		tasklet_schedule(&channel->callback_event);
		break;
	}
}

static void events_take(struct vmbus_synic *synic)
{
	u64 *words = synic->events->flags[HVP_SINT_VMBUS];
	unsigned int last = vmbus_relid_highest() / 64;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i <= last; i++) {
		u64 bits;

		if (!READ_ONCE(words[i]))
			continue;
		/* A full barrier: the rings are read after the flag is gone. */
		bits = xchg(&words[i], 0);
		while (bits) {
			channel_signalled(i * 64 + __ffs64(bits));
			bits &= bits - 1;
		}
	}
	rcu_read_unlock();
}

/* Give the slot back to the hypervisor, which may have another message for it. */
static void slot_release(struct hvp_message *slot, u32 type)
{
	/*
	 * The crash path of another CPU may have emptied the slot meanwhile.
	 * The exchange orders "slot free" before the look at the flag; the
	 * hypervisor sets the flag, then looks at the slot again; it is there
	 * even when there is no other CPU, hence sync_.
	 */
	if (sync_cmpxchg(&slot->type, type, HVP_MSG_NONE) != type)
		return;
	if (READ_ONCE(slot->flags) & HVP_MSG_FLAG_PENDING)
		wrmsrl(HV_X64_MSR_EOM, 0);
}

static void message_take(struct vmbus_synic *synic)
{
	struct hvp_message *slot = &synic->messages->slot[HVP_SINT_VMBUS];
	/* The hypervisor writes the type last. */
	u32 type = smp_load_acquire(&slot->type);

	switch (type) {
	case HVP_MSG_NONE:
		return;
	case HVP_MSG_TIMER_EXPIRED:
		hv_stimer0_isr();
		break;
	case HVP_MSG_CHANNEL:
		if (!vmbus_inbox_put(slot))
			return;
		break;
	default:
		vmbus_stat_inc(VMBUS_STAT_MESSAGES_BAD);
		break;
	}
	slot_release(slot, type);
}

static void pending_take(void)
{
	struct vmbus_synic *synic = this_cpu_ptr(&vmbus_synic);

	if (!READ_ONCE(synic->live))
		return;
	events_take(synic);
	message_take(synic);
}

void vmbus_isr(void)
{
	pending_take();
	add_interrupt_randomness(HYPERVISOR_CALLBACK_VECTOR);
}

void vmbus_interrupt_drain(void)
{
	unsigned long flags;

	local_irq_save(flags);
	pending_take();
	local_irq_restore(flags);
}

static void retry_here(void *unused)
{
	vmbus_interrupt_drain();
}

void vmbus_interrupt_retry(unsigned int cpu)
{
	smp_call_function_single(cpu, retry_here, NULL, 0);
}
