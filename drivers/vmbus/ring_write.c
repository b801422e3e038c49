// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing a packet. The write index is ours, but it lies in memory the host can
 * write, and a driver may have its own writer; so under ring_lock it is read
 * once, checked, and used from there. The read index is the host's: read once,
 * checked, used.
 */
#include "drivers/vmbus/ring.h"

#include "drivers/vmbus/channel.h"
#include "protocol/ring.h"

#include <linux/uio.h>

static u32 kvec_bytes(const struct kvec *kv, u32 count)
{
	u32 total = 0;
	u32 i;

	for (i = 0; i < count; i++)
		total += kv[i].iov_len;
	return total;
}

/* The mapping shows the data twice, so nothing has to be split at the end. */
static void packet_copy(u8 *at, const struct kvec *kv, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		memcpy(at, kv[i].iov_base, kv[i].iov_len);
		at += kv[i].iov_len;
	}
}

static void full_count(struct vmbus_channel *channel)
{
	channel->out_full_total++;
	if (channel->out_full_flag)
		return;
	channel->out_full_flag = true;
	channel->out_full_first++;
}

/* 0: there is room at *@write for @bytes with their trailer. */
static int room_find(struct vmbus_channel *channel, u32 bytes, u32 *write)
{
	struct hv_ring_buffer_info *info = &channel->outbound;
	u32 size = info->ring_datasize;
	u32 read;

	lockdep_assert_held(&info->ring_lock);

	*write = READ_ONCE(info->ring_buffer->write_index);
	read = READ_ONCE(info->ring_buffer->read_index);
	if (!hvp_ring_index_ok(*write, size) || !hvp_ring_index_ok(read, size)) {
		vmbus_chan_break(channel, "index of the outbound ring out of range");
		return -EIO;
	}
	if (!hvp_ring_fits(hvp_ring_writable(*write, read, size), hvp_ring_packet_bytes(bytes))) {
		full_count(channel);
		return -EAGAIN;
	}
	return 0;
}

/* What the channel makes of @requestid; the id in the packet must be ours alone. */
static int transaction_begin(struct vmbus_channel *channel, const struct vmpacket_descriptor *desc,
			     u64 requestid, u64 *id)
{
	*id = VMBUS_NO_RQSTOR;
	if (desc->flags != VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED)
		return 0;
	*id = compat_take_request_id(channel, requestid);
	return *id == VMBUS_RQST_ERROR ? -EAGAIN : 0;
}

static bool signal_needed(struct vmbus_channel *channel, u32 first)
{
	struct hv_ring_buffer *ring = channel->outbound.ring_buffer;

	lockdep_assert_held(&channel->outbound.ring_lock);

	/* Pairs with the host's between clearing the mask and its last look at the write index. */
	virt_mb();
	return hvp_ring_signal_after_write(first, READ_ONCE(ring->read_index),
					   READ_ONCE(ring->interrupt_mask));
}

static int write_locked(struct vmbus_channel *channel, const struct kvec *kv, u32 count,
			u64 requestid, u64 *trans_id, u32 *first)
{
	struct hv_ring_buffer_info *info = &channel->outbound;
	u32 bytes = kvec_bytes(kv, count);
	struct vmpacket_descriptor *desc;
	u64 trailer, id;
	int ret;
	u8 *at;

	lockdep_assert_held(&info->ring_lock);

	if (vmbus_chan_rescinded(to_chan(channel)))
		return -ENODEV;
	if (vmbus_chan_broken(channel) || !info->ring_buffer)
		return -EIO;
	ret = room_find(channel, bytes, first);
	if (ret)
		return ret;
	ret = transaction_begin(channel, kv[0].iov_base, requestid, &id);
	if (ret)
		return ret;

	at = (u8 *)info->ring_buffer->buffer + *first;
	packet_copy(at, kv, count);
	desc = (struct vmpacket_descriptor *)at;
	desc->trans_id = id == VMBUS_NO_RQSTOR ? requestid : id;
	if (trans_id)
		*trans_id = id == VMBUS_NO_RQSTOR ? requestid : id;
	trailer = hvp_ring_trailer(*first);
	memcpy(at + bytes, &trailer, sizeof(trailer));
	/* Pairs with the host's barrier between the write index and the packet. */
	virt_store_release(&info->ring_buffer->write_index,
			   hvp_ring_advance(*first, hvp_ring_packet_bytes(bytes),
					    info->ring_datasize));
	channel->out_full_flag = false;
	return 0;
}

int vmbus_ring_write(struct vmbus_channel *channel, const struct kvec *kv, u32 count,
		     u64 requestid, u64 *trans_id)
{
	unsigned long flags;
	bool signal;
	u32 first;
	int ret;

	spin_lock_irqsave(&channel->outbound.ring_lock, flags);
	ret = write_locked(channel, kv, count, requestid, trans_id, &first);
	/* Behind the lock the channel may close, and its rings go. */
	signal = !ret && signal_needed(channel, first);
	spin_unlock_irqrestore(&channel->outbound.ring_lock, flags);
	if (signal) {
		channel->intr_out_empty++;
		vmbus_setevent(channel);
	}
	return ret;
}

/**
 * hv_ringbuffer_spinlock_busy() - for drivers that print during a panic
 * @channel:	an open channel
 */
bool hv_ringbuffer_spinlock_busy(struct vmbus_channel *channel)
{
	return spin_is_locked(&channel->outbound.ring_lock);
}
