// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a channel.
 *
 *             offer              driver opens                host: open
 *   (nothing) -----> OPEN_STATE -------------> OPENING_STATE -----------> OPENED_STATE
 *                    |   ^  ^                     | refused, silent,         |
 *                    |   |  +---------------------+ rescinded                | driver closes
 *                    |   +---------------------------------------------------+
 *          rescind   |
 *   (nothing) <------+   when no device is left; a sub-channel when it is not open
 *
 * The names are those of <linux/hyperv.h>, which drivers look at: OPEN_STATE is
 * "may be opened". A rescind does not change the state, it sets a flag beside
 * it: sends fail with -ENODEV, requests to the host end with -ENODEV, the
 * driver hears of it through the removal of its device (or its rescind
 * callback) and closes as always. Only then the relid is released (rescind.c).
 *
 * Who holds a channel: the lists and the relid table through the reference of
 * vmbus_chan_alloc(); its device; its sub-channels; each worker for as long as
 * it works. Readers of the relid table hold RCU; the memory goes a grace period
 * after the last reference.
 *
 * Its tasklet is made with it and killed when it is removed, so that drivers may
 * schedule it in any state: without a callback, which it has only while the
 * channel is open or being opened, it does nothing.
 */
#include "drivers/vmbus/channel.h"

#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/gpadl.h"
#include "drivers/vmbus/post.h"
#include "drivers/vmbus/relid.h"
#include "drivers/vmbus/rescind.h"
#include "drivers/vmbus/ring.h"
#include "drivers/vmbus/stats.h"
#include "drivers/vmbus/sysfs.h"
#include "protocol/chanmsg.h"

#include <linux/interrupt.h>
#include <linux/printk.h>
#include <linux/slab.h>

void vmbus_chan_break(struct vmbus_channel *channel, const char *what)
{
	if (test_and_set_bit(VMBUS_CHAN_BROKEN, &to_chan(channel)->flags))
		return;
	vmbus_ring_hide(to_chan(channel));
	vmbus_stat_inc(VMBUS_STAT_CHANNELS_BROKEN);
	pr_err("hv_vmbus: channel %u stopped: %s\n", channel->offermsg.child_relid, what);
}

void vmbus_chan_release(struct kobject *kobj)
{
	struct vmbus_chan *chan = container_of(kobj, struct vmbus_chan, channel.kobj);

	if (chan->channel.primary_channel)
		kobject_put(&chan->channel.primary_channel->kobj);
	vmbus_gpadl_forget(chan);
	kfree_rcu(chan, channel.rcu);
}

static void monitor_init(struct vmbus_channel *channel)
{
	u8 id = channel->offermsg.monitorid;

	channel->monitor_grp = id / 32;
	channel->monitor_bit = id % 32;
	if (channel->monitor_grp >= 4)
		channel->offermsg.monitor_allocated = 0;
}

struct vmbus_chan *vmbus_chan_alloc(const struct vmbus_channel_offer_channel *offer)
{
	struct vmbus_chan *chan = kzalloc(sizeof(*chan), GFP_KERNEL);
	struct vmbus_channel *channel;

	if (!chan)
		return NULL;

	channel = &chan->channel;
	channel->offermsg = *offer;
	channel->is_dedicated_interrupt = offer->is_dedicated_interrupt;
	channel->sig_event = offer->connection_id;
	channel->state = CHANNEL_OPEN_STATE;
	monitor_init(channel);

	mutex_init(&chan->lock);
	INIT_LIST_HEAD(&chan->buffers);
	INIT_LIST_HEAD(&channel->listentry);
	INIT_LIST_HEAD(&channel->sc_list);
	init_completion(&channel->rescind_event);
	spin_lock_init(&channel->sched_lock);
	vmbus_ring_init(channel);
	vmbus_chan_init_tasklet(channel);
	vmbus_rescind_init(chan);
	kobject_init(&channel->kobj, &vmbus_chan_ktype);
	return chan;
}

void vmbus_chan_forget_driver(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);

	/* Moves look at it under this lock. */
	mutex_lock(&chan->lock);
	channel->change_target_cpu_callback = NULL;
#ifdef HAVE_CHANNEL_REQUEST_ID
	channel->next_request_id_callback = NULL;
	channel->request_addr_callback = NULL;
#endif
	mutex_unlock(&chan->lock);
	/*
	 * A rescind looks at it under the device lock, which is held here. The
	 * sockets of an unbound driver still hold their channels: it stays as
	 * the sign that they decide.
	 */
	if (!is_hvsock_channel(channel))
		channel->chn_rescind_callback = NULL;
	WRITE_ONCE(channel->sc_creation_callback, NULL);
}

static void relid_release(struct vmbus_chan *chan)
{
	struct hvp_relid_msg msg = {
		.h.type = HVP_CM_RELID_RELEASED,
		.relid = vmbus_chan_relid(chan),
	};

	/* What was not rescinded goes with the connection. */
	if (vmbus_chan_rescinded(chan) && vmbus_connection.conn_state == CONNECTED)
		vmbus_post(&msg, sizeof(msg));
}

/* A rescind ends requests that have begun; one that came earlier is seen here. */
int vmbus_chan_post(struct vmbus_chan *chan, const void *msg, size_t len)
{
	return vmbus_chan_rescinded(chan) ? -ENODEV : vmbus_post(msg, len);
}

void vmbus_chan_detach(struct vmbus_chan *chan)
{
	if (test_and_set_bit(VMBUS_CHAN_DETACHED, &chan->flags))
		return;

	mutex_lock(&vmbus_connection.channel_mutex);
	list_del_init(&chan->channel.listentry);
	/* Nobody would clear it when the device goes. */
	if (chan->channel.primary_channel)
		chan->channel.device_obj = NULL;
	mutex_unlock(&vmbus_connection.channel_mutex);
	vmbus_sysfs_channel_del(chan);
}

void vmbus_chan_remove(struct vmbus_chan *chan)
{
	if (test_and_set_bit(VMBUS_CHAN_REMOVED, &chan->flags))
		return;

	vmbus_chan_detach(chan);
	vmbus_relid_drop(&chan->channel);
	/* A driver may have scheduled it after the close. */
	tasklet_kill(&chan->channel.callback_event);

	/* Last: the host may use the number for a new offer at once. */
	relid_release(chan);
	vmbus_rescind_progress();
	kobject_put(&chan->channel.kobj);
}
