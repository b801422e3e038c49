// SPDX-License-Identifier: GPL-2.0-only
/* The two hypercalls of VMBus: post a message, signal an event. */
#include "drivers/vmbus/post.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/stats.h"
#include "drivers/vmbus/synic.h"

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <asm/sync_bitops.h>

#define POST_PATIENCE_SECONDS	10
#define POST_DELAY_MAX_MS	100

static u64 hypercall_post(u32 connection, const void *msg, size_t len)
{
	struct hvp_post_message_input *input;
	unsigned long flags;
	u64 status;

	local_irq_save(flags);
	input = this_cpu_ptr(&vmbus_synic)->post;
	input->connection_id = connection;
	input->reserved = 0;
	input->message_type = HVP_MSG_CHANNEL;
	input->payload_size = len;
	memcpy(input->payload, msg, len);
	status = hv_do_hypercall(HVP_CALL_POST_MESSAGE, input, NULL);
	local_irq_restore(flags);
	return status & 0xffff;
}

/* The one place that turns hypercall status into an errno. */
static int post_result(u64 status)
{
	switch (status) {
	case HVP_STATUS_SUCCESS:
		return 0;
	case HVP_STATUS_INSUFFICIENT_BUFFERS:
	case HV_STATUS_INSUFFICIENT_MEMORY:
		return -EBUSY;
	case HVP_STATUS_INVALID_CONNECTION_ID:
		return -ENXIO;
	default:
		return -EIO;
	}
}

int vmbus_post_now(const void *msg, size_t len)
{
	if (len > HVP_MESSAGE_PAYLOAD_MAX)
		return -EMSGSIZE;
	/* The pages to post with, and whoever would read it, may be gone. */
	if (vmbus_connection.conn_state == DISCONNECTED)
		return -ENOTCONN;
	return post_result(hypercall_post(vmbus_connection.msg_conn_id, msg, len));
}

int vmbus_post(const void *msg, size_t len)
{
	unsigned long deadline = jiffies + POST_PATIENCE_SECONDS * HZ;
	unsigned int delay = 1;
	int ret;

	vmbus_stat_inc(VMBUS_STAT_POSTS);
	while ((ret = vmbus_post_now(msg, len)) == -EBUSY && time_before(jiffies, deadline)) {
		vmbus_stat_inc(VMBUS_STAT_POSTS_RETRIED);
		msleep(delay);
		delay = min_t(unsigned int, delay * 2, POST_DELAY_MAX_MS);
	}
	if (ret) {
		vmbus_stat_inc(VMBUS_STAT_POSTS_FAILED);
		pr_debug("hv_vmbus: posting a message failed: %d\n", ret);
	}
	return ret;
}

/* The host and the hypervisor look too: a lock prefix even on a machine of one CPU. */
static void shared_bit_set(long bit, void *words)
{
	sync_set_bit(bit, words);
}

/* Public: kernel-doc in docs, contract in <linux/hyperv.h>. Signals the host, unless the monitor page can. */
void vmbus_set_event(struct vmbus_channel *channel)
{
	channel->sig_events++;

	/* Hosts before 2.4 look here to learn which channel it is. */
	if (!channel->is_dedicated_interrupt)
		shared_bit_set(channel->offermsg.child_relid, vmbus_connection.send_int_page);
	hv_do_fast_hypercall8(HVP_CALL_SIGNAL_EVENT, channel->sig_event);
}

/**
 * vmbus_setevent() - tell the host that there is something in a ring
 * @channel:	an open channel
 *
 * A channel with a monitor bit and no hurry sets the bit; the hypervisor looks
 * at it within the latency of the group. Others make a hypercall.
 */
void vmbus_setevent(struct vmbus_channel *channel)
{
	struct hv_monitor_page *page = vmbus_connection.monitor_pages[1];

	if (!channel->offermsg.monitor_allocated || channel->low_latency) {
		vmbus_set_event(channel);
		return;
	}
	if (!channel->is_dedicated_interrupt)
		shared_bit_set(channel->offermsg.child_relid, vmbus_connection.send_int_page);
	shared_bit_set(channel->monitor_bit, &page->trigger_group[channel->monitor_grp].pending);
}
