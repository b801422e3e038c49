// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening and closing a channel. Opening: share the ring, then ask. Closing:
 * no callbacks, tell the host, take the ring back.
 *
 *   what the host did not answer     what becomes of the ring
 *   GPADL create                     quarantine; a teardown was sent (gpadl.c)
 *   open                             closed and torn down at once, as an open ring would be
 *   GPADL teardown                   quarantine; freed when the answer comes
 *
 * After any of these the channel may be opened again, with a ring of its own.
 */
#include "drivers/vmbus/channel.h"

#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/gpadl.h"
#include "drivers/vmbus/offer.h"
#include "drivers/vmbus/post.h"
#include "drivers/vmbus/quarantine.h"
#include "drivers/vmbus/request.h"
#include "drivers/vmbus/request_id.h"
#include "drivers/vmbus/ring.h"
#include "protocol/chanmsg.h"

#include <linux/interrupt.h>
#include <linux/printk.h>

static atomic_t next_open_id = ATOMIC_INIT(0);

/* How long the tasklet goes on for one channel before others get a turn. */
#define BATCH_JIFFIES 2
/* How often in a row it calls a driver that leaves the packets where they are. */
#define BATCH_IDLE_MAX 8

static void batch_run(unsigned long data)
{
	struct vmbus_channel *channel = (struct vmbus_channel *)data;
	unsigned long end = jiffies + BATCH_JIFFIES;
	void (*callback)(void *context);
	unsigned int idle = 0;
	u32 before;

	do {
		before = channel->inbound.priv_read_index;
		/* Pairs with the release in callback_set(). */
		callback = smp_load_acquire(&channel->onchannel_callback);
		if (!callback)
			return;
		callback(channel->channel_callback_context);
		if (channel->callback_mode != HV_CALL_BATCHED || vmbus_chan_broken(channel))
			return;
		/* Unmask, and look once more: the host signals only while unmasked. */
		if (!hv_end_read(&channel->inbound))
			return;
		/* What it does not want now it gets with the next signal. */
		idle = channel->inbound.priv_read_index == before ? idle + 1 : 0;
		if (idle == BATCH_IDLE_MAX)
			return;
		hv_begin_read(&channel->inbound);
	} while (time_before(jiffies, end));

	tasklet_schedule(&channel->callback_event);
}

void vmbus_chan_init_tasklet(struct vmbus_channel *channel)
{
	tasklet_init(&channel->callback_event, batch_run, (unsigned long)channel);
}

static void callback_set(struct vmbus_channel *channel, void (*callback)(void *context),
			 void *context)
{
	channel->channel_callback_context = context;
	/* Pairs with the acquires in batch_run() and interrupt.c: the context is set. */
	smp_store_release(&channel->onchannel_callback, callback);
}

/* Afterwards neither interrupt nor tasklet is, or gets, into the driver. */
static void callback_clear(struct vmbus_channel *channel)
{
	if (!channel->onchannel_callback)
		return;
	WRITE_ONCE(channel->onchannel_callback, NULL);
	synchronize_rcu();
	tasklet_kill(&channel->callback_event);
}

static void close_post(struct vmbus_channel *channel)
{
	struct hvp_relid_msg msg = {
		.h.type = HVP_CM_CLOSE_CHANNEL,
		.relid = channel->offermsg.child_relid,
	};

	vmbus_post(&msg, sizeof(msg));
}

static int open_request(struct vmbus_chan *chan, const void *data, u32 data_len)
{
	struct vmbus_channel *channel = &chan->channel;
	struct hvp_open_channel msg = {
		.h.type = HVP_CM_OPEN_CHANNEL,
		.relid = vmbus_chan_relid(chan),
		.open_id = atomic_inc_return(&next_open_id),
		.ring_gpadl = *compat_ring_gpadl(channel),
		.target_vp = hv_cpu_number_to_vp_number(channel->target_cpu),
		.downstream_page = channel->ringbuffer_send_offset *
				   (PAGE_SIZE / HVP_PAGE_SIZE),
	};
	struct vmbus_request request;
	int posted, ret;

	memcpy(msg.user_data, data, data_len);

	vmbus_request_begin(&request, HVP_CM_OPEN_RESULT, msg.relid, msg.open_id);
	posted = vmbus_chan_post(chan, &msg, sizeof(msg));
	ret = vmbus_request_end(&request, posted, vmbus_reply_seconds(request.reply));
	/*
	 * Open or not? Messages arrive in order, so a close takes back whatever
	 * the host makes of the open; an answer that comes later finds nobody.
	 */
	if (!posted && (ret == -ENODEV || ret == -ETIMEDOUT))
		close_post(channel);
	if (ret == -EREMOTEIO) {
		pr_warn("hv_vmbus: the host refused to open channel %u: %#x\n", msg.relid,
			request.status);
		ret = -EAGAIN;
	}
	return ret;
}

/*
 * The memory of the ring stays with the host, or with the driver, never with
 * both. A handle that is left after a close tells drivers that the host did not
 * let go, as it does on the stock bus.
 */
static void ring_unshare(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	u32 gpadl = *compat_ring_gpadl(channel);

	if (!gpadl)
		return;
	if (vmbus_gpadl_teardown(channel, gpadl))
		vmbus_quarantine_ring(channel, gpadl);
	else
		*compat_ring_gpadl(channel) = 0;
}

static int ring_share(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	u32 gpadl;
	int ret;

	ret = vmbus_gpadl_create(channel, page_address(channel->ringbuffer_page),
				 channel->ringbuffer_pagecount << PAGE_SHIFT, &gpadl);
	/* Neither created nor torn down: the host may know these pages. */
	if (ret == -ETIMEDOUT)
		vmbus_quarantine_ring(channel, gpadl);
	*compat_ring_gpadl(channel) = ret ? 0 : gpadl;
	return ret;
}

static int open_locked(struct vmbus_chan *chan, const void *data, u32 data_len,
		       void (*callback)(void *context), void *context)
{
	struct vmbus_channel *channel = &chan->channel;
	int ret;

	lockdep_assert_held(&chan->lock);

	if (vmbus_chan_rescinded(chan) || test_bit(VMBUS_CHAN_ENDING, &chan->flags))
		return -ENODEV;
	if (channel->state != CHANNEL_OPEN_STATE || !channel->ringbuffer_page)
		return -EINVAL;

	clear_bit(VMBUS_CHAN_BROKEN, &chan->flags);
	ret = vmbus_request_ids_alloc(chan);
	if (ret)
		return ret;
	ret = vmbus_ring_map(chan);
	if (ret)
		goto free_ids;
	ret = ring_share(chan);
	if (ret)
		goto unmap;

	channel->state = CHANNEL_OPENING_STATE;
	/* The host may signal as soon as it knows the ring. */
	callback_set(channel, callback, context);
	ret = open_request(chan, data, data_len);
	if (ret)
		goto failed;
	channel->state = CHANNEL_OPENED_STATE;
	return 0;

failed:
	callback_clear(channel);
	channel->state = CHANNEL_OPEN_STATE;
	ring_unshare(chan);
unmap:
	vmbus_ring_unmap(chan);
free_ids:
	vmbus_request_ids_free(chan);
	return ret;
}

static int channel_open(struct vmbus_channel *channel, const void *data, u32 data_len,
			void (*callback)(void *context), void *context)
{
	struct vmbus_chan *chan = to_chan(channel);
	int ret;

	if (data_len > HVP_USER_DEFINED)
		return -EINVAL;
	mutex_lock(&chan->lock);
	ret = open_locked(chan, data, data_len, callback, context);
	mutex_unlock(&chan->lock);
	return ret;
}

/* -EINVAL when it was not open. */
static int channel_close(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);

	mutex_lock(&chan->lock);
	if (channel->state != CHANNEL_OPENED_STATE) {
		mutex_unlock(&chan->lock);
		return -EINVAL;
	}
	callback_clear(channel);
	channel->state = CHANNEL_OPEN_STATE;
	close_post(channel);
	ring_unshare(chan);
	vmbus_ring_unmap(chan);
	vmbus_request_ids_free(chan);
	mutex_unlock(&chan->lock);
	return 0;
}

/* A reference to one sub-channel, or NULL when none is left. */
static struct vmbus_channel *sub_channel_get(struct vmbus_channel *primary)
{
	struct vmbus_channel *sub;

	mutex_lock(&vmbus_connection.channel_mutex);
	sub = list_first_entry_or_null(&primary->sc_list, struct vmbus_channel, listentry);
	if (sub)
		kobject_get(&sub->kobj);
	mutex_unlock(&vmbus_connection.channel_mutex);
	return sub;
}

/*
 * The host offers sub-channels anew when it is asked again, and takes these
 * back when it sees the primary close; their relids wait for that.
 */
static void sub_channels_end(struct vmbus_channel *primary)
{
	struct vmbus_channel *sub;

	/* Whoever opens the primary again says anew who wants to know of sub-channels. */
	WRITE_ONCE(primary->sc_creation_callback, NULL);
	while ((sub = sub_channel_get(primary))) {
		set_bit(VMBUS_CHAN_ENDING, &to_chan(sub)->flags);
		/* It is not yet, or not any more, in the driver's callback. */
		vmbus_offer_cancel(to_chan(sub));
		if (!channel_close(sub))
			vmbus_free_ring(sub);
		vmbus_chan_detach(to_chan(sub));
		/* A rescind came while it was open, and left it to us. */
		if (vmbus_chan_rescinded(to_chan(sub)))
			vmbus_chan_remove(to_chan(sub));
		kobject_put(&sub->kobj);
	}
}

/**
 * vmbus_disconnect_ring() - close a channel but keep its ring's memory
 * @channel:	a primary channel with its sub-channels, or a sub-channel
 *
 * Return: 0; -EINVAL when it was not open.
 */
int vmbus_disconnect_ring(struct vmbus_channel *channel)
{
	if (!channel->primary_channel)
		sub_channels_end(channel);
	return channel_close(channel);
}

/**
 * vmbus_close() - close a channel and free its ring
 * @channel:	a primary channel with its sub-channels, or a sub-channel
 */
void vmbus_close(struct vmbus_channel *channel)
{
	if (!vmbus_disconnect_ring(channel))
		vmbus_free_ring(channel);
}

void vmbus_chan_force_close(struct vmbus_channel *channel)
{
	vmbus_close(channel);
	vmbus_free_ring(channel);
}

/**
 * vmbus_connect_ring() - open a channel whose ring is allocated
 * @channel:		a channel in OPEN_STATE
 * @onchannel_callback:	runs when the host signals, by the channel's read mode
 * @context:		for the callback
 *
 * Return: as vmbus_open()
 */
int vmbus_connect_ring(struct vmbus_channel *channel, void (*onchannel_callback)(void *context),
		       void *context)
{
	return channel_open(channel, NULL, 0, onchannel_callback, context);
}

/**
 * vmbus_open() - allocate a ring and open a channel
 * @channel:		a channel in OPEN_STATE
 * @send_ringbuffer_size: bytes of the guest-to-host ring, header included, whole pages
 * @recv_ringbuffer_size: likewise the other way
 * @userdata:		for the device, at most 120 bytes
 * @userdatalen:	its length
 * @onchannel_callback:	runs when the host signals, by the channel's read mode
 * @context:		for the callback
 *
 * Return: 0; -EINVAL for sizes or state; -ENOMEM; -ENODEV when rescinded;
 * -EAGAIN when the host refuses; -ETIMEDOUT when it does not answer.
 */
int vmbus_open(struct vmbus_channel *channel, u32 send_ringbuffer_size, u32 recv_ringbuffer_size,
	       void *userdata, u32 userdatalen, void (*onchannel_callback)(void *context),
	       void *context)
{
	int ret;

	ret = vmbus_alloc_ring(channel, send_ringbuffer_size, recv_ringbuffer_size);
	if (ret)
		return ret;
	ret = channel_open(channel, userdata, userdatalen, onchannel_callback, context);
	if (ret)
		vmbus_free_ring(channel);
	return ret;
}
