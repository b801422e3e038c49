// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ending the connection: one message, one answer, and from then on the host
 * owns none of our memory. Who ends it, and how it waits for the answer:
 *
 *   rmmod			sleeps
 *   restart, halt, power off	sleeps, after the last device was shut down
 *   kexec			sleeps, then takes the SynIC down everywhere
 *   panic, crash		polls, with no locks, this CPU alone alive
 *
 * The answer goes to the connect CPU. In a crash that CPU may have stopped, so
 * polling looks at the message slots of all present CPUs. The host may flush
 * its disk caches before it answers, hence the long bound for a crash dump,
 * which would otherwise be written into memory the host still uses.
 */
#include "drivers/vmbus/unload.h"

#include "compat/hyperv.h"
#include "compat/panic.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/message.h"
#include "drivers/vmbus/post.h"
#include "drivers/vmbus/synic.h"

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/nmi.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/syscore_ops.h>
#include <clocksource/hyperv_timer.h>

#define UNLOAD_SLEEP_SECONDS	30
#define UNLOAD_POLL_MS		10
#define UNLOAD_POLLS		(100 * 1000 / UNLOAD_POLL_MS)

static bool confirmed;

/* True for the one caller that is to send the message. */
static bool unload_begin(void)
{
	return cmpxchg(&vmbus_connection.conn_state, CONNECTED, DISCONNECTING) == CONNECTED;
}

static const struct hvp_chanmsg_header unload_message = { .type = HVP_CM_UNLOAD };

static void unload_done(bool answered)
{
	confirmed = answered;
	vmbus_connection.conn_state = DISCONNECTED;
	if (!answered)
		pr_err("hv_vmbus: the host did not answer the unload\n");
}

bool vmbus_unload(void)
{
	if (!unload_begin())
		return confirmed;

	reinit_completion(&vmbus_connection.unload_event);
	unload_done(!vmbus_post(&unload_message, sizeof(unload_message)) &&
		    wait_for_completion_timeout(&vmbus_connection.unload_event,
						UNLOAD_SLEEP_SECONDS * HZ));
	return confirmed;
}

static bool unload_answered(void)
{
	return completion_done(&vmbus_connection.unload_event) ||
	       vmbus_message_poll(HVP_CM_UNLOAD_RESPONSE);
}

/* No scheduler, no interrupts: what is left is to look. */
static void unload_poll(void)
{
	int ret = -EBUSY;
	unsigned int i;

	if (!unload_begin())
		return;

	/* An answer that came before the question is none. */
	reinit_completion(&vmbus_connection.unload_event);
	for (i = 0; i < UNLOAD_POLLS; i++) {
		ret = vmbus_post_now(&unload_message, sizeof(unload_message));
		if (ret != -EBUSY)
			break;
		mdelay(UNLOAD_POLL_MS);
	}
	if (ret) {
		unload_done(false);
		return;
	}
	for (; i < UNLOAD_POLLS && !unload_answered(); i++) {
		mdelay(UNLOAD_POLL_MS);
		touch_nmi_watchdog();
		if (i && i % (10 * 1000 / UNLOAD_POLL_MS) == 0)
			pr_notice("hv_vmbus: waiting for the host to unload, %u s\n",
				  i * UNLOAD_POLL_MS / 1000);
	}
	unload_done(i < UNLOAD_POLLS);
}

static int panicked(struct notifier_block *block, unsigned long event, void *args)
{
	compat_report_panic();
	unload_poll();
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = {
	.notifier_call = panicked,
	.priority = INT_MIN,	/* others may still want to use a disk */
};

static void crashed(struct pt_regs *regs)
{
	unload_poll();
	hv_stimer_cleanup(raw_smp_processor_id());
	vmbus_synic_disable_here();
}

static void kexec_begins(void)
{
	vmbus_unload();
	hv_stimer_global_cleanup();
	vmbus_synic_stop();
}

static void restarting(void)
{
	vmbus_unload();
}

static int suspending(void)
{
	vmbus_synic_disable_here();
	return 0;
}

static void resuming(void)
{
	vmbus_synic_enable_here();
}

static struct syscore_ops syscore = {
	.shutdown = restarting,
	.suspend = suspending,
	.resume = resuming,
};

void vmbus_unload_hooks_init(void)
{
	hv_setup_kexec_handler(kexec_begins);
	hv_setup_crash_handler(crashed);
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	register_syscore_ops(&syscore);
}

void vmbus_unload_hooks_exit(void)
{
	unregister_syscore_ops(&syscore);
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
	hv_remove_crash_handler();
	hv_remove_kexec_handler();
}
