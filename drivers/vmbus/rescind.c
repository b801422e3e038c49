// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host takes an offer back. In the message work: mark the channel, so that
 * sends fail and waits end. Then, in a work item of the channel's own, where
 * waiting hurts nobody else:
 *
 *   sub-channel	not open: it ends; else it ends when the driver closes
 *   socket		the driver's callback; the driver unregisters the device
 *   device		the driver's callback if it has one; the device is removed
 *
 * A channel ends (relid released) when it is rescinded and no device is left.
 * Either may come first, and vmbus_chan_remove() acts once.
 */
#include "drivers/vmbus/rescind.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/device.h"
#include "drivers/vmbus/offer.h"
#include "drivers/vmbus/relid.h"
#include "drivers/vmbus/request.h"
#include "drivers/vmbus/stats.h"

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/wait.h>

/* How long a socket's device waits for the rescind that follows its close. */
#define SOCKET_SECONDS 30

static struct workqueue_struct *queue;	/* one work item per channel, in parallel */
static DECLARE_WAIT_QUEUE_HEAD(progress);
static atomic_t steps;			/* counts what progress is woken for */

void vmbus_rescind_progress(void)
{
	atomic_inc(&steps);
	wake_up_all(&progress);
}

/* The condition may sleep, so it cannot be the one that the wait queue evaluates. */
bool vmbus_rescind_wait(bool (*condition)(struct vmbus_channel *channel),
			struct vmbus_channel *channel, unsigned int seconds)
{
	long left = seconds * HZ;

	while (left > 0) {
		int seen = atomic_read(&steps);

		if (condition(channel))
			return true;
		left = wait_event_timeout(progress, atomic_read(&steps) != seen, left);
	}
	return condition(channel);
}

static void end_if_over(struct vmbus_chan *chan)
{
	if (vmbus_chan_rescinded(chan) && test_bit(VMBUS_CHAN_NO_DEVICE, &chan->flags)) {
		vmbus_chan_force_close(&chan->channel);
		vmbus_chan_remove(chan);
	}
}

static void sub_rescinded(struct vmbus_chan *chan)
{
	bool open;

	mutex_lock(&chan->lock);
	open = chan->channel.state == CHANNEL_OPENED_STATE;
	mutex_unlock(&chan->lock);
	if (!open)
		vmbus_chan_remove(chan);
}

/*
 * Not under the device lock, since the callback may remove the device; but the
 * driver's module stays. False when no driver said that it wants to know.
 */
static bool driver_tell(struct hv_device *device)
{
	struct vmbus_channel *channel = device->channel;
	void (*callback)(struct vmbus_channel *channel);
	struct module *owner = NULL;
	bool held = false;

	device_lock(&device->device);
	callback = channel->chn_rescind_callback;
	if (callback && device->device.driver) {
		owner = device->device.driver->owner;
		held = try_module_get(owner);
	}
	device_unlock(&device->device);

	if (held) {
		callback(channel);
		module_put(owner);
	}
	return callback;
}

static void primary_rescinded(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	struct hv_device *device = vmbus_device_get(channel);

	if (device) {
		/* Of a socket that the driver knows of, the driver decides. */
		if (!driver_tell(device) || !is_hvsock_channel(channel))
			vmbus_device_remove(device);
		put_device(&device->device);
	}
	end_if_over(chan);
}

static void rescind_run(struct work_struct *work)
{
	struct vmbus_chan *chan = container_of(work, struct vmbus_chan, rescind_work);

	/* Its probe, if it still runs, finds the channel dead and ends. */
	vmbus_offer_wait(chan);
	if (chan->channel.primary_channel)
		sub_rescinded(chan);
	else
		primary_rescinded(chan);
	kobject_put(&chan->channel.kobj);
}

void vmbus_rescind_init(struct vmbus_chan *chan)
{
	INIT_WORK(&chan->rescind_work, rescind_run);
}

void vmbus_rescind_came(u32 relid)
{
	struct vmbus_channel *channel = vmbus_relid_get(relid);
	struct vmbus_chan *chan;

	vmbus_stat_inc(VMBUS_STAT_RESCINDS);
	chan = channel ? to_chan(channel) : NULL;
	if (!chan || test_and_set_bit(VMBUS_CHAN_RESCINDED, &chan->flags)) {
		vmbus_stat_inc(VMBUS_STAT_RESCINDS_BAD);
		if (chan)
			kobject_put(&channel->kobj);
		return;
	}
	WRITE_ONCE(channel->rescind, true);
	vmbus_request_abort(relid);
	vmbus_rescind_progress();
	/* The reference goes to the work. */
	queue_work(queue, &chan->rescind_work);
}

/**
 * vmbus_set_chn_rescind_callback() - who wants to hear of a rescind before the device goes
 * @channel:		a primary channel
 * @chn_rescind_cb:	called in process context
 */
void vmbus_set_chn_rescind_callback(struct vmbus_channel *channel,
				    void (*chn_rescind_cb)(struct vmbus_channel *))
{
	channel->chn_rescind_callback = chn_rescind_cb;
}

static bool socket_over(struct vmbus_channel *channel)
{
	return READ_ONCE(channel->probe_done) && vmbus_chan_rescinded(to_chan(channel));
}

/**
 * vmbus_hvsock_device_unregister() - the socket of this channel is gone
 * @channel:	of the socket
 *
 * The host rescinds the channel of a closed socket; this waits for it, bounded,
 * since it also follows a rescind.
 */
void vmbus_hvsock_device_unregister(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);
	struct hv_device *device;

	kobject_get(&channel->kobj);
	if (!vmbus_rescind_wait(socket_over, channel, SOCKET_SECONDS))
		pr_warn("hv_vmbus: the host did not rescind socket channel %u\n",
			vmbus_chan_relid(chan));
	device = vmbus_device_get(channel);
	if (device) {
		vmbus_device_remove(device);
		put_device(&device->device);
	}
	end_if_over(chan);
	kobject_put(&channel->kobj);
}

int vmbus_rescind_start(void)
{
	queue = alloc_workqueue("hv_vmbus_rescind", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

void vmbus_rescind_stop(void)
{
	destroy_workqueue(queue);
}
