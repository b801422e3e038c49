// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices and their relids.
 *
 *	        offer                 rescind                   RelidReleased
 *	(none) ------> OFFERED relid ---------> rescinded relid ------------> (none)
 *
 * A channel object lives as long as its relid: from the offer until the guest
 * released it, or the connection ended. The relid is not offered again before
 * that, and neither is the instance: a device whose VSP offers it again while
 * the guest still holds old relids is offered when the last one is back.
 * Relids are handed out in a circle, so that the use of a stale one shows.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/machine/loop.h"
#include "host/vmbus/state.h"

struct vmbus_channel *offer_find(struct vmbus *vmbus, u32 relid)
{
	return relid && relid <= VMBUS_MAX_CHANNELS ? vmbus->channels[relid] : NULL;
}

/* Relids */

static u32 take_relid(struct vmbus *vmbus)
{
	u32 i, relid;

	for (i = 0; i < VMBUS_MAX_CHANNELS; i++) {
		relid = (vmbus->next_relid - 1 + i) % VMBUS_MAX_CHANNELS + 1;
		if (vmbus->channels[relid])
			continue;
		vmbus->next_relid = relid % VMBUS_MAX_CHANNELS + 1;
		vmbus->used[relid] = 1;
		return relid;
	}
	return 0;
}

static struct vmbus_channel *channel_new(struct vmbus_device *device, u16 sub_index)
{
	struct vmbus *vmbus = device->vmbus;
	struct vmbus_channel *ch = calloc(1, sizeof(*ch));
	u32 relid = ch ? take_relid(vmbus) : 0;

	if (!relid) {
		free(ch);
		return NULL;
	}
	ch->vmbus = vmbus;
	ch->device = device;
	ch->relid = relid;
	ch->sub_index = sub_index;
	TAILQ_INIT(&ch->txns);
	TAILQ_INIT(&ch->queue);
	TAILQ_INIT(&ch->delayed);
	TAILQ_INSERT_TAIL(&device->channels, ch, link);
	vmbus->channels[relid] = ch;
	vmbus->stats.relids_live++;
	return ch;
}

/* The channel is shut and idle. */
static void channel_free(struct vmbus_channel *ch)
{
	struct vmbus *vmbus = ch->vmbus;

	gpadl_drop_channel(ch);
	loop_forget(vmbus->config.loop, ch);
	loop_timer_destroy(ch->room_timer);
	loop_timer_destroy(ch->drain_timer);
	loop_timer_destroy(ch->signal_timer);
	TAILQ_REMOVE(&ch->device->channels, ch, link);
	vmbus->channels[ch->relid] = NULL;
	vmbus->stats.relids_live--;
	free(ch->reopen);
	free(ch->packet);
	free(ch);
}

/* Offers */

static void send_offer(struct vmbus_channel *ch)
{
	const struct vmbus_device_params *p = &ch->device->params;
	struct hvp_offer_channel msg = {
		.h.type = HVP_CM_OFFER_CHANNEL,
		.class_id = p->class_id,
		.instance_id = p->instance_id,
		.flags = p->flags,
		.mmio_megabytes = p->mmio_megabytes,
		.sub_channel_index = ch->sub_index,
		.relid = ch->relid,
		.dedicated_interrupt = 1,
		.connection_id = CONN_EVENT_BASE + ch->relid,
	};

	memcpy(msg.user_defined, p->user_defined, sizeof(msg.user_defined));
	ch->vmbus->stats.offers++;
	if (!message_send(ch->vmbus, FAULT_MSG_OFFER, ch, &msg, sizeof(msg)))
		ch->excused = true;
}

static int deliver(struct vmbus_device *device)
{
	struct vmbus_channel *ch = channel_new(device, 0);

	if (!ch)
		return -ENOSPC;
	send_offer(ch);
	return 0;
}

void offer_deliver_all(struct vmbus *vmbus)
{
	struct vmbus_device *device;

	TAILQ_FOREACH(device, &vmbus->devices, link)
		if (device->wanted && TAILQ_EMPTY(&device->channels))
			deliver(device);
}

int vmbus_device_offer(struct vmbus_device *device)
{
	int ret;

	if (device->wanted)
		return -EALREADY;
	device->wanted = true;
	if (device->vmbus->state != VMBUS_RUNNING || !TAILQ_EMPTY(&device->channels))
		return 0;
	ret = deliver(device);
	if (ret)
		device->wanted = false;
	return ret;
}

int vmbus_device_offer_subs(struct vmbus_device *device, u16 n)
{
	struct vmbus_channel *primary = vmbus_device_channel(device, 0);
	u16 i;

	if (!primary || primary->state != CHANNEL_OPEN)
		return -ENOTCONN;
	for (i = 1; i <= n; i++) {
		struct vmbus_channel *ch;

		if (vmbus_device_channel(device, i))
			continue;
		ch = channel_new(device, i);
		if (!ch)
			return -ENOSPC;
		send_offer(ch);
		if (primary->rescinded)	/* by a fault at this offer */
			break;
	}
	return 0;
}

/* Rescinds */

static void rescind_channel(struct vmbus_channel *ch)
{
	struct hvp_relid_msg msg = { .h.type = HVP_CM_RESCIND_OFFER, .relid = ch->relid };

	if (ch->rescinded)
		return;
	ch->rescinded = true;
	ch->vmbus->stats.rescinds++;
	if (!message_send(ch->vmbus, FAULT_MSG_RESCIND, ch, &msg, sizeof(msg)))
		ch->excused = true;
}

/* Once a second: the Rescind has left the SynIC when nothing is left there. */
void offer_watch(struct vmbus_channel *ch)
{
	if (ch->rescinded && !ch->rescind_taken_ns && message_all_taken(ch->vmbus))
		ch->rescind_taken_ns = connection_guest_ns(ch->vmbus);
}

bool offer_rescind_known(const struct vmbus_channel *ch)
{
	return !ch->excused && ch->rescind_taken_ns &&
	       connection_old(ch->vmbus, ch->rescind_taken_ns, RESCIND_AGE_NS);
}

void offer_rescind_subs(struct vmbus_device *device)
{
	struct vmbus_channel *ch;

	TAILQ_FOREACH(ch, &device->channels, link)
		if (ch->sub_index)
			rescind_channel(ch);
}

static void withdrawn(struct vmbus_device *device)
{
	if (!device->dying && device->ops->withdrawn)
		device->ops->withdrawn(device->dev);
	if (device->wanted && device->vmbus->state == VMBUS_RUNNING &&
	    TAILQ_EMPTY(&device->channels))
		deliver(device);
}

int vmbus_device_rescind(struct vmbus_device *device)
{
	struct vmbus_channel *ch;

	if (!device->wanted)
		return -EALREADY;
	device->wanted = false;
	offer_rescind_subs(device);
	TAILQ_FOREACH(ch, &device->channels, link)
		rescind_channel(ch);
	if (!device->dying && device->ops->rescinded)
		device->ops->rescinded(device->dev);
	if (TAILQ_EMPTY(&device->channels))
		withdrawn(device);
	return 0;
}

int vmbus_device_rescind_sub(struct vmbus_device *device, u16 index)
{
	struct vmbus_channel *ch = index ? vmbus_device_channel(device, index) : NULL;

	if (!ch)
		return -ENOENT;
	rescind_channel(ch);
	return 0;
}

/* The guest gives relids back */

/* A released channel whose last transaction ended. */
void offer_channel_idle(struct vmbus_channel *ch)
{
	struct vmbus_device *device = ch->device;

	channel_free(ch);
	if (TAILQ_EMPTY(&device->channels))
		withdrawn(device);
}

static bool may_release(struct vmbus *vmbus, u32 relid, struct vmbus_channel *ch)
{
	if (!ch || ch->released) {
		bool again = relid <= VMBUS_MAX_CHANNELS && vmbus->used[relid];

		checker_report(vmbus->checker, again ? RULE_RELID_AGAIN : RULE_RELID_UNKNOWN, relid,
			       "RelidReleased");
		return false;
	}
	if (ch->state == CHANNEL_OPEN) {
		checker_report(vmbus->checker, RULE_RELID_OPEN, relid, "RelidReleased");
		return false;
	}
	if (!ch->rescinded) {
		checker_report(vmbus->checker, RULE_RELID_UNASKED, relid, "RelidReleased");
		return false;
	}
	return true;
}

void offer_relid_released(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	u32 relid = msg->relid.relid;
	struct vmbus_channel *ch = offer_find(vmbus, relid);

	(void)len;
	if (!may_release(vmbus, relid, ch))
		return;
	ch->released = true;
	vmbus->stats.relids_released++;
	if (channel_idle(ch))
		offer_channel_idle(ch);
}

/* The connection ended: relids, GPADLs and sub-channels end with it. */
void offer_forget_all(struct vmbus *vmbus)
{
	struct vmbus_device *device, *next;

	for (device = TAILQ_FIRST(&vmbus->devices); device; device = next) {
		bool held = !TAILQ_EMPTY(&device->channels);
		struct vmbus_channel *ch;

		next = TAILQ_NEXT(device, link);
		while ((ch = TAILQ_FIRST(&device->channels)))
			channel_free(ch);
		if (held && !device->wanted)
			withdrawn(device);
	}
	memset(vmbus->used, 0, sizeof(vmbus->used));
}

/* Devices */

static bool taken(struct vmbus *vmbus, const struct vmbus_device_params *params)
{
	struct vmbus_device *device;

	TAILQ_FOREACH(device, &vmbus->devices, link) {
		if (strcmp(device->name, params->name) == 0)
			return true;
		if (hvp_guid_equal(&device->params.class_id, &params->class_id) &&
		    hvp_guid_equal(&device->params.instance_id, &params->instance_id))
			return true;
	}
	return false;
}

int vmbus_device_create(struct vmbus_device **out, struct vmbus *vmbus,
			const struct vmbus_device_params *params,
			const struct vmbus_device_ops *ops, void *dev)
{
	struct vmbus_device *device;

	if (taken(vmbus, params))
		return -EEXIST;
	if (vmbus->device_count == VMBUS_MAX_DEVICES)
		return -ENOSPC;
	device = calloc(1, sizeof(*device));
	if (!device)
		return -ENOMEM;
	device->vmbus = vmbus;
	device->params = *params;
	snprintf(device->name, sizeof(device->name), "%s", params->name);
	device->params.name = device->name;
	device->ops = ops;
	device->dev = dev;
	TAILQ_INIT(&device->channels);
	TAILQ_INSERT_TAIL(&vmbus->devices, device, link);
	vmbus->device_count++;
	*out = device;
	return 0;
}

/*
 * The guest is told, but the relids cannot wait for its answer: they stay
 * marked as used, so that a late message about them is not "unknown".
 */
void vmbus_device_destroy(struct vmbus_device *device)
{
	struct vmbus_channel *ch;
	struct vmbus *vmbus;

	if (!device)
		return;
	vmbus = device->vmbus;
	device->dying = true;
	if (!vmbus->finished)
		vmbus_device_rescind(device);
	while ((ch = TAILQ_FIRST(&device->channels))) {
		channel_shut(ch);
		if (!channel_idle(ch))
			checker_report(vmbus->checker, RULE_HOST_TXN, ch->relid,
				       "%u transactions at the end of %s", ch->txn_count,
				       device->name);
		channel_free(ch);
	}
	TAILQ_REMOVE(&vmbus->devices, device, link);
	vmbus->device_count--;
	free(device);
}

/* Looking */

enum vmbus_device_state vmbus_device_state(const struct vmbus_device *device)
{
	if (device->wanted)
		return VMBUS_DEVICE_OFFERED;
	return TAILQ_EMPTY(&device->channels) ? VMBUS_DEVICE_WITHDRAWN : VMBUS_DEVICE_RESCINDED;
}

const char *vmbus_device_name(const struct vmbus_device *device)
{
	return device->name;
}

const struct vmbus_device_params *vmbus_device_params(const struct vmbus_device *device)
{
	return &device->params;
}

struct vmbus *vmbus_device_bus(const struct vmbus_device *device)
{
	return device->vmbus;
}

struct vmbus_channel *vmbus_device_channel(struct vmbus_device *device, u16 index)
{
	struct vmbus_channel *ch;

	TAILQ_FOREACH(ch, &device->channels, link)
		if (ch->sub_index == index && !ch->rescinded)
			return ch;
	return NULL;
}

struct vmbus_device *vmbus_device_find(struct vmbus *vmbus, const char *name)
{
	struct vmbus_device *device;

	TAILQ_FOREACH(device, &vmbus->devices, link)
		if (strcmp(device->name, name) == 0)
			return device;
	return NULL;
}

struct vmbus_device *vmbus_device_next(struct vmbus *vmbus, struct vmbus_device *device)
{
	return device ? TAILQ_NEXT(device, link) : TAILQ_FIRST(&vmbus->devices);
}

struct vmbus_channel *vmbus_channel_next(struct vmbus *vmbus, struct vmbus_channel *ch)
{
	u32 relid;

	for (relid = ch ? ch->relid + 1 : 1; relid <= VMBUS_MAX_CHANNELS; relid++)
		if (vmbus->channels[relid])
			return vmbus->channels[relid];
	return NULL;
}
