// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transaction ids that mean nothing to the host:
 *
 *   63             32 31            0
 *   | generation     | slot + 1      |
 *
 * The generation counts the uses of a slot, so an id that is answered late or
 * twice is recognised; id 0 never goes out.
 */
#include "drivers/vmbus/request_id.h"

#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/stats.h"

#include <linux/mm.h>

struct vmbus_request_slot {
	u64 address;	/* what the driver wants back; in use only */
	u32 generation;
	u32 next;	/* next free slot; IN_USE while handed out */
};

#define IN_USE U32_MAX

int vmbus_request_ids_alloc(struct vmbus_chan *chan)
{
	struct vmbus_requestor *requestor = &chan->channel.requestor;
	u32 count = chan->channel.rqstor_size;
	u32 i;

	spin_lock_init(&requestor->req_lock);
	requestor->size = 0;
	if (!count)
		return 0;

	chan->request_slots = kvcalloc(count, sizeof(*chan->request_slots), GFP_KERNEL);
	if (!chan->request_slots)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		chan->request_slots[i].next = i + 1;
	chan->request_free = 0;
	requestor->size = count;
	return 0;
}

void vmbus_request_ids_free(struct vmbus_chan *chan)
{
	unsigned long flags;
	void *slots;

	spin_lock_irqsave(&chan->channel.requestor.req_lock, flags);
	slots = chan->request_slots;
	chan->request_slots = NULL;
	chan->channel.requestor.size = 0;
	spin_unlock_irqrestore(&chan->channel.requestor.req_lock, flags);
	kvfree(slots);
}

static u64 id_take(struct vmbus_chan *chan, u64 address)
{
	struct vmbus_request_slot *slot;
	u32 index = chan->request_free;

	lockdep_assert_held(&chan->channel.requestor.req_lock);

	if (index >= chan->channel.requestor.size)
		return VMBUS_RQST_ERROR;
	slot = &chan->request_slots[index];
	chan->request_free = slot->next;
	slot->next = IN_USE;
	slot->address = address;
	slot->generation = (slot->generation + 1) & S32_MAX;
	return (u64)slot->generation << 32 | (index + 1);
}

static struct vmbus_request_slot *slot_of(struct vmbus_chan *chan, u64 id)
{
	u32 index = lower_32_bits(id) - 1;
	struct vmbus_request_slot *slot;

	if (index >= chan->channel.requestor.size)
		return NULL;
	slot = &chan->request_slots[index];
	return slot->next == IN_USE && slot->generation == upper_32_bits(id) ? slot : NULL;
}

/* @wanted: the address that must belong to the id; U64_MAX for any */
static u64 id_return(struct vmbus_chan *chan, u64 id, u64 wanted)
{
	struct vmbus_request_slot *slot;

	lockdep_assert_held(&chan->channel.requestor.req_lock);

	if (!chan->channel.requestor.size)
		return VMBUS_NO_RQSTOR;
	slot = slot_of(chan, id);
	if (!slot) {
		vmbus_stat_inc(VMBUS_STAT_REQUEST_IDS_BAD);
		return VMBUS_RQST_ERROR;
	}
	if (wanted != U64_MAX && wanted != slot->address)
		return slot->address;
	slot->next = chan->request_free;
	chan->request_free = slot - chan->request_slots;
	return slot->address;
}

static u64 channel_next_id(struct vmbus_channel *channel, u64 address)
{
	unsigned long flags;
	u64 id;

	spin_lock_irqsave(&channel->requestor.req_lock, flags);
	id = channel->requestor.size ? id_take(to_chan(channel), address) : VMBUS_NO_RQSTOR;
	spin_unlock_irqrestore(&channel->requestor.req_lock, flags);
	return id;
}

static u64 channel_address(struct vmbus_channel *channel, u64 id, u64 wanted)
{
	unsigned long flags;
	u64 address;

	spin_lock_irqsave(&channel->requestor.req_lock, flags);
	address = id_return(to_chan(channel), id, wanted);
	spin_unlock_irqrestore(&channel->requestor.req_lock, flags);
	return address;
}

#ifdef HAVE_CHANNEL_REQUEST_ID
/**
 * vmbus_next_request_id() - an id for a request
 * @channel:	its channel
 * @rqst_addr:	what vmbus_request_addr() shall return for it
 *
 * Return: the id; VMBUS_RQST_ERROR when all are in use; VMBUS_NO_RQSTOR when
 * the channel has none.
 */
u64 vmbus_next_request_id(struct vmbus_channel *channel, u64 rqst_addr)
{
	return channel_next_id(channel, rqst_addr);
}

/**
 * vmbus_request_addr() - end the use of an id
 * @channel:	its channel
 * @trans_id:	the id
 *
 * Return: the address; VMBUS_RQST_ERROR for an id that is not in use.
 */
u64 vmbus_request_addr(struct vmbus_channel *channel, u64 trans_id)
{
	return channel_address(channel, trans_id, U64_MAX);
}
#else
u64 vmbus_next_request_id(struct vmbus_requestor *rqstor, u64 rqst_addr)
{
	return channel_next_id(container_of(rqstor, struct vmbus_channel, requestor), rqst_addr);
}

u64 vmbus_request_addr(struct vmbus_requestor *rqstor, u64 trans_id)
{
	return channel_address(container_of(rqstor, struct vmbus_channel, requestor), trans_id,
			       U64_MAX);
}
#endif

#ifdef HAVE_SENDPACKET_GETID
/**
 * __vmbus_request_addr_match() - end the use of an id if it belongs to an address
 * @channel:	its channel
 * @trans_id:	the id
 * @rqst_addr:	the address, or VMBUS_RQST_ADDR_ANY
 *
 * The caller holds lock_requestor(). Return: the id's address, even when it is
 * another one and the id stays in use; VMBUS_RQST_ERROR.
 */
u64 __vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id, u64 rqst_addr)
{
	return id_return(to_chan(channel), trans_id, rqst_addr);
}

u64 vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id, u64 rqst_addr)
{
	return channel_address(channel, trans_id, rqst_addr);
}
#endif
