/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMBUS_CHANNEL_H
#define VMBUS_CHANNEL_H

#include "compat/hyperv.h"

#include <linux/mutex.h>
#include <linux/workqueue.h>

struct vmbus_request_slot;

enum vmbus_chan_flag {
	VMBUS_CHAN_RESCINDED,	/* the host took the offer back */
	VMBUS_CHAN_NO_DEVICE,	/* primary: its device is unregistered, or never was registered */
	VMBUS_CHAN_ENDING,	/* sub-channel: its primary closes, so it cannot be opened */
	VMBUS_CHAN_DETACHED,	/* off the lists and out of sysfs */
	VMBUS_CHAN_REMOVED,	/* off all lists, relid released */
	VMBUS_CHAN_MOVE_MISSED,	/* the host did not confirm a move in time (cpu.c) */
	VMBUS_CHAN_BROKEN,	/* malformed data in a ring: nothing moves any more */
};

/*
 * The kernel's channel with what only the bus knows of it. Leaf drivers have
 * pointers to the embedded structure, which must stay first.
 */
struct vmbus_chan {
	struct vmbus_channel channel;

	unsigned long flags;		/* enum vmbus_chan_flag, atomic bit operations */

	struct mutex lock;		/* open, close, move: one at a time */
	bool ring_held;			/* the host may still own the ring, under lock */

	struct list_head buffers;	/* shared by the driver, where it does not keep track (gpadl.c) */

	struct work_struct rescind_work;

	/*
	 * The mapping of the inbound ring. What drivers see, inbound.ring_buffer,
	 * is the same until the channel breaks (vmbus_ring_hide()).
	 */
	struct hv_ring_buffer *inbound_ring;

	/* Reading, by whoever runs the driver's callback. */
	void *packet;			/* private copy of the packet in hand */
	u32 packet_room;
	u32 packet_ring_len;		/* ring bytes of the packet in hand, trailer included */
	u32 published_read;		/* the read index the host knows */

	/* Transaction ids, under requestor.req_lock. */
	struct vmbus_request_slot *request_slots;
	u32 request_free;		/* index of the first free slot, or the count */
};

static inline struct vmbus_chan *to_chan(struct vmbus_channel *channel)
{
	return container_of(channel, struct vmbus_chan, channel);
}

static inline u32 vmbus_chan_relid(const struct vmbus_chan *chan)
{
	return chan->channel.offermsg.child_relid;
}

static inline bool vmbus_chan_rescinded(const struct vmbus_chan *chan)
{
	return test_bit(VMBUS_CHAN_RESCINDED, &chan->flags);
}

/**
 * vmbus_chan_break() - the ring holds something impossible: stop using it
 * @what:	for the one log line
 *
 * Any context. Reading finds nothing from now on, writing fails with -EIO.
 */
void vmbus_chan_break(struct vmbus_channel *channel, const char *what);

static inline bool vmbus_chan_broken(struct vmbus_channel *channel)
{
	return test_bit(VMBUS_CHAN_BROKEN, &to_chan(channel)->flags);
}

/**
 * vmbus_chan_init_tasklet() - the tasklet of a new channel
 *
 * Once for all its life: stock drivers schedule it themselves, also before the
 * channel is open and after it is closed. Then it does nothing.
 */
void vmbus_chan_init_tasklet(struct vmbus_channel *channel);

/**
 * vmbus_chan_alloc() - a channel for an offer, with one reference
 */
struct vmbus_chan *vmbus_chan_alloc(const struct vmbus_channel_offer_channel *offer);

/**
 * vmbus_chan_remove() - the end of a channel that no driver uses any more
 *
 * Takes it off all lists, tells the host that its relid is free if it was
 * rescinded, and drops the reference of vmbus_chan_alloc(). Only the first call
 * does anything.
 */
void vmbus_chan_remove(struct vmbus_chan *chan);

/* Off the lists and out of sysfs; only the relid is left, until the host rescinds. */
void vmbus_chan_detach(struct vmbus_chan *chan);

/**
 * vmbus_chan_post() - post a request about a channel, after vmbus_request_begin()
 *
 * Return: as vmbus_post(), or -ENODEV without posting when it is rescinded:
 * what ends the requests of a rescinded channel may have come before this one.
 */
int vmbus_chan_post(struct vmbus_chan *chan, const void *msg, size_t len);

/* Its driver is gone, or never took it: call nothing of what it left in the channel. */
void vmbus_chan_forget_driver(struct vmbus_channel *channel);

/* Close what a driver left open: sub-channels, then the channel. */
void vmbus_chan_force_close(struct vmbus_channel *channel);

#endif
