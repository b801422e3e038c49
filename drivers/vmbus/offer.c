// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers become channels at once, in the message work, and devices later, in a
 * queue of their own where drivers may take their time:
 *
 *   primary      -> channel -> (queue, one by one) -> device -> driver's probe
 *   sub-channel  -> channel -> (other queue) -> sysfs -> the driver's callback
 *
 * An instance may be offered anew while its old device is still being removed;
 * the new device waits for that.
 */
#include "drivers/vmbus/offer.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/cpu.h"
#include "drivers/vmbus/device.h"
#include "drivers/vmbus/device_class.h"
#include "drivers/vmbus/message.h"
#include "drivers/vmbus/post.h"
#include "drivers/vmbus/relid.h"
#include "drivers/vmbus/rescind.h"
#include "drivers/vmbus/stats.h"
#include "drivers/vmbus/sysfs.h"
#include "protocol/chanmsg.h"

#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

/*
 * How long the boot waits for the next offer, and at most for all. The loader
 * lets a driver wait 30 s for this module, so the wait must end before that;
 * devices that come later are found as any others.
 */
#define OFFERS_QUIET_SECONDS	10
#define OFFERS_TOTAL_SECONDS	25
/* How long a new offer waits for the old device of the same instance. */
#define PREDECESSOR_SECONDS	60

static_assert(sizeof(struct hvp_offer_channel) == sizeof(struct vmbus_channel_offer_channel),
	      "the wire format of an offer and the kernel's");

static DECLARE_COMPLETION(all_delivered);
static unsigned long last_offer;	/* jiffies */
static bool stopped;			/* the module goes */

void vmbus_offers_delivered(void)
{
	complete_all(&all_delivered);
}

static bool same_instance(const struct vmbus_channel *a, const struct vmbus_channel *b)
{
	return guid_equal(&a->offermsg.offer.if_type, &b->offermsg.offer.if_type) &&
	       guid_equal(&a->offermsg.offer.if_instance, &b->offermsg.offer.if_instance);
}

/* The primary channel of the same instance as @like that came before it, rescinded or not. */
static struct vmbus_channel *primary_find(const struct vmbus_channel *like, bool rescinded)
{
	struct vmbus_channel *primary;

	lockdep_assert_held(&vmbus_connection.channel_mutex);

	list_for_each_entry(primary, &vmbus_connection.chn_list, listentry) {
		if (primary == like)
			break;
		if (same_instance(primary, like) &&
		    vmbus_chan_rescinded(to_chan(primary)) == rescinded)
			return primary;
	}
	return NULL;
}

static bool predecessor_gone(struct vmbus_channel *channel)
{
	bool gone;

	mutex_lock(&vmbus_connection.channel_mutex);
	gone = !primary_find(channel, true);
	mutex_unlock(&vmbus_connection.channel_mutex);
	return gone;
}

static void primary_add(struct vmbus_channel *channel)
{
	if (!vmbus_rescind_wait(predecessor_gone, channel, PREDECESSOR_SECONDS))
		pr_warn("hv_vmbus: channel %u: the former device of this instance is still there\n",
			channel->offermsg.child_relid);
	if (vmbus_chan_rescinded(to_chan(channel)) || vmbus_device_add(channel))
		set_bit(VMBUS_CHAN_NO_DEVICE, &to_chan(channel)->flags);
}

static void sub_add(struct vmbus_channel *channel)
{
	struct vmbus_channel *primary = channel->primary_channel;
	void (*callback)(struct vmbus_channel *channel);
	struct vmbus_chan *chan = to_chan(channel);

	if (vmbus_chan_rescinded(chan) || test_bit(VMBUS_CHAN_ENDING, &chan->flags) ||
	    vmbus_sysfs_channel_add(channel))
		return;
	/* Read once: the close of the primary clears it, then waits for us. */
	callback = READ_ONCE(primary->sc_creation_callback);
	if (callback)
		callback(channel);
}

/* The reference is the work's. */
static void add_done(struct vmbus_channel *channel)
{
	WRITE_ONCE(channel->probe_done, true);
	vmbus_rescind_progress();
	kobject_put(&channel->kobj);
}

static void primary_run(struct work_struct *work)
{
	struct vmbus_channel *channel = container_of(work, struct vmbus_channel, add_channel_work);

	primary_add(channel);
	add_done(channel);
}

static void sub_run(struct work_struct *work)
{
	struct vmbus_channel *channel = container_of(work, struct vmbus_channel, add_channel_work);

	sub_add(channel);
	add_done(channel);
}

/* Two kinds of work, because a primary's may wait for those of its sub-channels. */
static void add_init(struct vmbus_channel *channel)
{
	if (is_sub_channel(channel))
		INIT_WORK(&channel->add_channel_work, sub_run);
	else
		INIT_WORK(&channel->add_channel_work, primary_run);
}

void vmbus_offer_cancel(struct vmbus_chan *chan)
{
	if (cancel_work_sync(&chan->channel.add_channel_work))
		add_done(&chan->channel);
}

void vmbus_offer_wait(struct vmbus_chan *chan)
{
	flush_work(&chan->channel.add_channel_work);
}

/* Sub-channels join their primary; a second primary of an instance is not believed. */
static int channel_place(struct vmbus_channel *channel)
{
	struct vmbus_channel *primary;
	int ret = 0;

	mutex_lock(&vmbus_connection.channel_mutex);
	primary = primary_find(channel, false);
	if (is_sub_channel(channel)) {
		if (!primary) {
			ret = -ENOENT;
			goto unlock;
		}
		/* As long as there is a sub-channel; vmbus_chan_release() puts it. */
		kobject_get(&primary->kobj);
		channel->primary_channel = primary;
		channel->device_obj = primary->device_obj;
		vmbus_cpu_assign(channel);
		list_add_tail(&channel->listentry, &primary->sc_list);
	} else {
		if (primary && !is_hvsock_channel(channel)) {
			ret = -EEXIST;
			goto unlock;
		}
		vmbus_cpu_assign(channel);
		list_add_tail(&channel->listentry, &vmbus_connection.chn_list);
	}
unlock:
	mutex_unlock(&vmbus_connection.channel_mutex);
	return ret;
}

static void offer_refuse(struct vmbus_chan *chan, int why)
{
	vmbus_stat_inc(VMBUS_STAT_OFFERS_BAD);
	pr_warn_ratelimited("hv_vmbus: ignored the offer of channel %u: %d\n",
			    vmbus_chan_relid(chan), why);
}

void vmbus_offer_came(const struct hvp_offer_channel *offer)
{
	const struct vmbus_channel_offer_channel *public = (const void *)offer;
	struct vmbus_channel *channel;
	struct vmbus_chan *chan;
	int ret;

	if (READ_ONCE(stopped))
		return;
	WRITE_ONCE(last_offer, jiffies);
	vmbus_stat_inc(VMBUS_STAT_OFFERS);
	chan = vmbus_chan_alloc(public);
	if (!chan) {
		pr_err("hv_vmbus: no memory for channel %u\n", offer->relid);
		return;
	}
	channel = &chan->channel;
	channel->device_id = vmbus_class_find(&channel->offermsg.offer.if_type);
	add_init(channel);

	ret = vmbus_relid_claim(channel);
	if (ret) {
		offer_refuse(chan, ret);
		kobject_put(&channel->kobj);
		return;
	}
	ret = channel_place(channel);
	if (ret) {
		/* It stays, without a device, so that its relid is released in due course. */
		offer_refuse(chan, ret);
		set_bit(VMBUS_CHAN_NO_DEVICE, &chan->flags);
		return;
	}

	kobject_get(&channel->kobj);
	queue_work(channel->primary_channel ? vmbus_connection.handle_sub_chan_wq :
					      vmbus_connection.handle_primary_chan_wq,
		   &channel->add_channel_work);
}

/* True when the host said that it is done, false when it went quiet before. */
static bool delivery_wait(void)
{
	unsigned long end = jiffies + OFFERS_TOTAL_SECONDS * HZ;
	unsigned long quiet;

	WRITE_ONCE(last_offer, jiffies);
	do {
		if (wait_for_completion_timeout(&all_delivered, HZ))
			return true;
		quiet = jiffies - READ_ONCE(last_offer);
	} while (quiet < OFFERS_QUIET_SECONDS * HZ && time_before(jiffies, end));
	return false;
}

int vmbus_offers_request(void)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_REQUEST_OFFERS };
	int ret;

	reinit_completion(&all_delivered);
	ret = vmbus_post(&msg, sizeof(msg));
	if (ret)
		return ret;
	if (!delivery_wait())
		pr_warn("hv_vmbus: the host did not say that all devices are offered; going on\n");
	flush_workqueue(vmbus_connection.handle_primary_chan_wq);
	return 0;
}

void vmbus_offers_stop(void)
{
	WRITE_ONCE(stopped, true);
	vmbus_inbox_flush();
	flush_workqueue(vmbus_connection.handle_primary_chan_wq);
	flush_workqueue(vmbus_connection.handle_sub_chan_wq);
}

/**
 * vmbus_set_sc_create_callback() - who wants to know of new sub-channels
 * @primary_channel:	of the device
 * @sc_cr_cb:		called in process context; it may open the channel
 */
void vmbus_set_sc_create_callback(struct vmbus_channel *primary_channel,
				  void (*sc_cr_cb)(struct vmbus_channel *new_sc))
{
	primary_channel->sc_creation_callback = sc_cr_cb;
}

#ifdef HAVE_SUBCHANNELS_PRESENT
/**
 * vmbus_are_subchannels_present() - were sub-channels offered before; then the callback hears of them
 * @primary:	a primary channel
 */
bool vmbus_are_subchannels_present(struct vmbus_channel *primary)
{
	bool present;

	/* Sub-channels end with the close of their primary, so none can be left over. */
	mutex_lock(&vmbus_connection.channel_mutex);
	present = !list_empty(&primary->sc_list);
	mutex_unlock(&vmbus_connection.channel_mutex);
	return present;
}
#endif
