// SPDX-License-Identifier: GPL-2.0-only
/*
 * The core that all services share: receive, copy once, check, negotiate,
 * answer. What a request means is for the service's own file, who waits for a
 * daemon is transport.c.
 *
 *           open               versions agreed
 *   CLOSED ------> NEGOTIATING ----------------> READY --+
 *     ^               |                          |  ^    | negotiated anew: what
 *     | close         | nothing in common        |  +----+ was asked before is void
 *     |               v                          v
 *     +------------ REFUSED <-------------------- (nothing in common)
 *
 * The channel's callback only starts the worker, which receives under
 * util->lock until the ring is empty; within a budget, then it starts itself
 * again. A service that answers in the callback has no lock: its callback and
 * the closing of the channel are all there is.
 *
 * Locks: io_lock of a transport, then util->lock, which only util_unlock()
 * releases: the worker passes by a lock that is taken, and is started again
 * then. Nobody waits for the host while holding either. No memory is allocated
 * on the way of a request: with filesystems frozen that could wait for ever.
 */
#include "drivers/utils/utils.h"

#include "compat/hyperv.h"
#include "compat/reference.h"
#include "drivers/utils/transport.h"

#include <linux/mm.h>
#include <linux/slab.h>

#define BUDGET		64	/* messages until others get a turn */
#define HEADERS		(sizeof(struct hvp_pipe_header) + sizeof(struct hvp_ic_header))

struct workqueue_struct *util_wq;

/* The first of its kind is told; all are counted. */
static void malformed(struct util *util, const char *what, u32 value)
{
	if (!util->counters.malformed++)
		dev_warn(&util->device->device, "%s: %s (%u); more of these are only counted\n",
			 util->type->name, what, value);
}

/* Make room in an answer for a body that is longer than the request's. */
static void answer_grow(struct util_message *message, u32 body_len)
{
	struct hvp_pipe_header *pipe = (void *)message->bytes;
	u32 len = HEADERS + body_len;

	if (len <= message->len)
		return;
	message->len = len;
	pipe->size = len - sizeof(*pipe);
}

/**
 * util_answer() - send a message back
 * @util:	its service
 * @message:	what was received, the body changed as the answer wants it
 * @status:	HVP_HR_*
 *
 * The host gets back as many bytes as it sent, as it always did.
 */
void util_answer(struct util *util, struct util_message *message, u32 status)
{
	int err;

	message->header->status = status;
	message->header->flags = HVP_IC_REPLY_FLAGS;
	err = vmbus_sendpacket(util->device->channel, message->bytes, message->len, message->id,
			       VM_PKT_DATA_INBAND, 0);
	if (err)
		util->counters.unsent++;
	else
		util->counters.answered++;
}

/**
 * util_refuse() - answer a request whose values cannot be
 * @util:	its service
 * @message:	what was received
 * @what:	names the request, for the log
 *
 * As of malformed messages, the first is told and all are counted: who looks for
 * why the host's wish was not done finds it, and a host cannot fill the log.
 */
void util_refuse(struct util *util, struct util_message *message, const char *what)
{
	if (!util->counters.refused++)
		dev_warn(&util->device->device,
			 "%s: values in a %s that cannot be; more of these are only counted\n",
			 util->type->name, what);
	util_answer(util, message, HVP_HR_INVALID_ARGUMENT);
}

/**
 * util_hold() - keep the message just received until it can be answered
 * @util:	its service
 *
 * It becomes util->held; the one held before is forgotten.
 */
void util_hold(struct util *util)
{
	swap(util->in, util->held);
}

static void reset(struct util *util)
{
	if (util->transport)
		util_transport_drop(util);
	if (util->type->reset)
		util->type->reset(util);
}

static void negotiate(struct util *util, struct util_message *message)
{
	int err;

	/* Behind a short request is what an earlier one left. */
	if (message->body_len < HVP_IC_NEGOTIATE_REPLY_SIZE)
		memset(message->body + message->body_len, 0,
		       HVP_IC_NEGOTIATE_REPLY_SIZE - message->body_len);
	err = util_negotiate(message->body, message->body_len, util->type->versions,
			     &util->agreed);
	if (err == -EBADMSG) {
		malformed(util, "bad negotiation, bytes", message->body_len);
		return;
	}

	reset(util);
	util->state = err ? UTIL_REFUSED : UTIL_READY;
	if (err)
		util->agreed = (struct util_agreed){ };
	message->header->size = HVP_IC_NEGOTIATE_REPLY_SIZE;
	answer_grow(message, HVP_IC_NEGOTIATE_REPLY_SIZE);
	util_answer(util, message, HVP_HR_OK);
	if (err)
		pr_warn_ratelimited("hv_utils: %s: no version in common with the host\n",
				    util->type->name);
	else
		pr_info_ratelimited("hv_utils: %s IC version %u.%u\n", util->type->label,
				    util->agreed.message.major, util->agreed.message.minor);
}

static void dispatch(struct util *util, struct util_message *message)
{
	if (message->header->flags & HVP_IC_RESPONSE)
		malformed(util, "an answer, nothing was asked", message->header->type);
	else if (message->header->type == HVP_IC_NEGOTIATE)
		negotiate(util, message);
	else if (message->header->type != util->type->type)
		util_answer(util, message, HVP_HR_NOT_SUPPORTED);
	else if (util->state != UTIL_READY)
		util_answer(util, message, HVP_HR_FAIL);
	else
		util->type->received(util, message);
}

/* Moves with every packet; an empty one leaves no other trace. */
static u32 position(const struct util *util)
{
	return READ_ONCE(util->device->channel->inbound.ring_buffer->read_index);
}

/* Return: false when there is no message left. */
static bool receive(struct util *util)
{
	struct util_message *message = util->in;
	const struct hvp_ic_header *header;
	u32 before = position(util);
	const void *body;
	int err;

	err = vmbus_recvpacket(util->device->channel, message->bytes, sizeof(message->bytes),
			       &message->len, &message->id);
	/* What does not fit the buffer does not fit the ring. */
	if (err || (!message->len && position(util) == before))
		return false;

	util->counters.received++;
	if (hvp_ic_check(message->bytes, message->len, &header, &body, &message->body_len)) {
		malformed(util, "bad frame, bytes", message->len);
		return true;
	}
	message->header = (void *)header;
	message->body = (void *)body;
	dispatch(util, message);
	return true;
}

/* Return: whether there is more. */
static bool drain(struct util *util)
{
	unsigned int left = BUDGET;

	while (left && receive(util))
		left--;
	if (left < BUDGET && util->type->drained)
		util->type->drained(util);
	return !left;
}

/**
 * util_unlock() - release util->lock
 * @util:	service, of which the caller has a reference
 *
 * What waited for the lock goes on only now: who is woken inside would run
 * into it at once.
 */
void util_unlock(struct util *util)
{
	bool live = util->live;
	bool stirred = util->transport && util_transport_settle(util);

	mutex_unlock(&util->lock);
	if (stirred)
		util_transport_wake(util);
	/* Pairs with work_run(). */
	smp_mb();
	if (live && READ_ONCE(util->passed_by) && xchg(&util->passed_by, false))
		util_kick(util, 0);
}

/* Jiffies for which the negotiation still waits for the daemon. */
static unsigned long hold_left(const struct util *util)
{
	unsigned long end = util->opened + util->type->hold_seconds * HZ;

	if (!util->type->hold_seconds || util->state != UTIL_NEGOTIATING ||
	    util_transport_up(util) || time_after_eq(jiffies, end))
		return 0;
	return end - jiffies;
}

/*
 * The lock is not waited for: the host is quick to ask again while who has
 * signalled the last answer to it still has the lock, and would be spun for.
 */
static void work_run(struct work_struct *work)
{
	struct util *util = container_of(to_delayed_work(work), struct util, work);
	unsigned long hold;

	WRITE_ONCE(util->passed_by, true);
	/* Pairs with util_unlock(): this finds it free, or its holder finds that it was passed by. */
	smp_mb();
	if (!mutex_trylock(&util->lock))
		return;
	WRITE_ONCE(util->passed_by, false);
	if (util->live) {
		hold = hold_left(util);
		/* Under the lock, so that a daemon that comes now is not overridden. */
		if (hold || drain(util))
			util_kick(util, hold);
	}
	util_unlock(util);
}

/**
 * util_kick() - receive what there is
 * @util:	service
 * @delay:	jiffies from now
 */
void util_kick(struct util *util, unsigned long delay)
{
	mod_delayed_work(util_wq, &util->work, delay);
}

/* Called once for a signal, when the ring was empty: it does not matter that it stays full. */
static void signalled(void *context)
{
	struct util *util = context;

	if (compat_has_reference_counter())
		WRITE_ONCE(util->signalled, compat_reference_counter());
	util_kick(util, 0);
}

/* Called again by the bus as long as there is something. */
static void signalled_in_callback(void *context)
{
	drain(context);
}

/* The host may have signalled before it refused, and the stock bus leaves the callback behind. */
static void forget_open(struct util *util)
{
	struct vmbus_channel *channel = util->device->channel;
	unsigned long flags;

	spin_lock_irqsave(&channel->sched_lock, flags);
	channel->onchannel_callback = NULL;
	spin_unlock_irqrestore(&channel->sched_lock, flags);
	tasklet_unlock_wait(&channel->callback_event);
	cancel_delayed_work_sync(&util->work);
}

/**
 * util_open() - open the channel; the host negotiates
 * @util:	service, its channel closed
 *
 * Return: 0, or an error of vmbus_open(): then neither worker nor callback runs.
 */
int util_open(struct util *util)
{
	struct vmbus_channel *channel = util->device->channel;
	bool in_callback = util->type->in_callback;
	int err;

	set_channel_read_mode(channel, in_callback ? HV_CALL_BATCHED : HV_CALL_DIRECT);
	compat_set_max_packet(channel, UTIL_RING_ROOM);
	mutex_lock(&util->lock);
	util->state = UTIL_NEGOTIATING;
	util->opened = jiffies;
	util_unlock(util);

	/* Without lock: the stock bus waits for a silent host without bound. */
	err = vmbus_open(channel, VMBUS_RING_SIZE(UTIL_RING_ROOM),
			 VMBUS_RING_SIZE(UTIL_RING_ROOM), NULL, 0,
			 in_callback ? signalled_in_callback : signalled, util);

	mutex_lock(&util->lock);
	if (err)
		util->state = UTIL_CLOSED;
	else
		util->live = true;
	util_unlock(util);
	if (err)
		forget_open(util);
	/* What was signalled until now found nothing live. */
	else if (!in_callback)
		util_kick(util, 0);
	return err;
}

/**
 * util_close() - close the channel
 * @util:	service, its channel open
 *
 * Behind it neither worker nor callback runs, and nobody touches the channel.
 */
void util_close(struct util *util)
{
	mutex_lock(&util->lock);
	util->live = false;
	if (util->transport)
		util_transport_drop(util);
	util_unlock(util);

	vmbus_close(util->device->channel);
	cancel_delayed_work_sync(&util->work);
	if (util->transport)
		util_transport_stop_clock(util);

	mutex_lock(&util->lock);
	util->state = UTIL_CLOSED;
	util->agreed = (struct util_agreed){ };
	util_unlock(util);
}

static void util_free(struct kref *refs)
{
	struct util *util = container_of(refs, struct util, refs);

	/* Who had the lock when the channel was closed may have started it since. */
	cancel_delayed_work_sync(&util->work);
	util_transport_free(util);
	kvfree(util->in);
	kvfree(util->held);
	kfree(util);
}

/* The last one: the device's, or that of a file that was open longer. */
void util_put(struct util *util)
{
	kref_put(&util->refs, util_free);
}

static int util_alloc(struct util *util)
{
	util->in = kvzalloc(sizeof(*util->in), GFP_KERNEL);
	if (!util->in)
		return -ENOMEM;
	if (!util->type->daemon)
		return 0;
	util->held = kvzalloc(sizeof(*util->held), GFP_KERNEL);
	if (!util->held)
		return -ENOMEM;
	return util_transport_new(util);
}

/**
 * util_new() - a service, its channel closed
 * @type:	of which kind
 * @device:	that the host offers
 *
 * Return: NULL when there is no memory.
 */
struct util *util_new(const struct util_type *type, struct hv_device *device)
{
	struct util *util = kzalloc(type->size, GFP_KERNEL);

	if (!util)
		return NULL;
	util->type = type;
	util->device = device;
	kref_init(&util->refs);
	mutex_init(&util->lock);
	INIT_DELAYED_WORK(&util->work, work_run);
	if (util_alloc(util)) {
		util_put(util);
		return NULL;
	}
	return util;
}
