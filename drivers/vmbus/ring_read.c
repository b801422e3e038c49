// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading packets: the interface that leaf drivers iterate with.
 *
 * hv_pkt_iter_first() copies the next packet out of the ring, once, and what
 * the driver sees is that copy. The read index moves privately with each
 * packet and is published when the driver has had enough. A packet whose
 * lengths do not fit each other, the ring or our room ends the use of the ring:
 * where the next one begins is unknown.
 */
#include "drivers/vmbus/channel.h"
#include "protocol/packet.h"
#include "protocol/ring.h"

/* Snapshot of the queue: bytes, or 0 when there is none or it makes no sense. */
static u32 readable_get(struct vmbus_channel *channel)
{
	struct hv_ring_buffer_info *info = &channel->inbound;
	struct hv_ring_buffer *ring = READ_ONCE(to_chan(channel)->inbound_ring);
	u32 write;

	/* Not there: the driver looks into a channel that it closed. */
	if (!ring || vmbus_chan_broken(channel))
		return 0;
	/* Pairs with the host's barrier between packet and write index. */
	write = virt_load_acquire(&ring->write_index);
	if (!hvp_ring_index_ok(write, info->ring_datasize)) {
		vmbus_chan_break(channel, "index of the inbound ring out of range");
		return 0;
	}
	return hvp_ring_readable(write, info->priv_read_index, info->ring_datasize);
}

/* 0 and the packet in chan->packet; the descriptor in the copy is the one that was checked. */
static int packet_copy(struct vmbus_chan *chan, u32 readable)
{
	struct hv_ring_buffer_info *info = &chan->channel.inbound;
	const u8 *data = chan->inbound_ring->buffer;
	struct hvp_packet_desc desc;
	struct hvp_packet packet;
	u32 len;

	if (readable < sizeof(desc))
		return -EBADMSG;
	hvp_ring_copy_out(&desc, data, info->ring_datasize, info->priv_read_index, sizeof(desc));
	if (hvp_packet_check(&desc, readable, &packet))
		return -EBADMSG;
	len = packet.ring_len - HVP_RING_TRAILER;
	if (len > chan->packet_room)
		return -EMSGSIZE;

	memcpy(chan->packet, &desc, sizeof(desc));
	hvp_ring_copy_out(chan->packet + sizeof(desc), data, info->ring_datasize,
			  hvp_ring_advance(info->priv_read_index, sizeof(desc),
					   info->ring_datasize),
			  len - sizeof(desc));
	chan->packet_ring_len = packet.ring_len;
	return 0;
}

/**
 * hv_pkt_iter_first() - the next packet of the inbound ring
 * @channel:	an open channel
 *
 * Return: a private copy, valid until the next call; NULL when none is left.
 */
struct vmpacket_descriptor *hv_pkt_iter_first(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);
	u32 readable = readable_get(channel);
	int ret;

	if (!readable)
		return NULL;
	ret = packet_copy(chan, readable);
	if (!ret)
		return chan->packet;
	vmbus_chan_break(channel, ret == -EMSGSIZE ? "packet larger than the driver expects" :
						     "malformed packet");
	return NULL;
}

/**
 * __hv_pkt_iter_next() - step over a packet
 * @channel:	its channel
 * @desc:	what hv_pkt_iter_first() returned; its length is remembered, not read again
 *
 * Return: the packet behind it, or NULL.
 */
struct vmpacket_descriptor *__hv_pkt_iter_next(struct vmbus_channel *channel,
					       const struct vmpacket_descriptor *desc)
{
	struct hv_ring_buffer_info *info = &channel->inbound;
	struct vmbus_chan *chan = to_chan(channel);

	info->priv_read_index = hvp_ring_advance(info->priv_read_index, chan->packet_ring_len,
						 info->ring_datasize);
	chan->packet_ring_len = 0;
	return hv_pkt_iter_first(channel);
}

static void signal_if_awaited(struct vmbus_channel *channel, u32 old_read, u32 new_read)
{
	struct hv_ring_buffer *ring = to_chan(channel)->inbound_ring;
	u32 size = channel->inbound.ring_datasize;
	u32 pending, write;

	if (!ring->feature_bits.feat_pending_send_sz)
		return;

	/* Pairs with the host's between publishing what it waits for and looking once more. */
	virt_mb();
	pending = READ_ONCE(ring->pending_send_sz);
	write = READ_ONCE(ring->write_index);
	if (!pending || !hvp_ring_index_ok(write, size))
		return;
	if (!hvp_ring_signal_after_read(pending, hvp_ring_writable(write, old_read, size),
					hvp_ring_writable(write, new_read, size)))
		return;
	channel->intr_in_full++;
	vmbus_setevent(channel);
}

/**
 * hv_pkt_iter_close() - let the host have the room of all packets stepped over
 * @channel:	an open channel
 */
void hv_pkt_iter_close(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);
	struct hv_ring_buffer_info *info = &channel->inbound;
	u32 old = chan->published_read;
	u32 new = info->priv_read_index;

	if (!chan->inbound_ring || old == new || vmbus_chan_broken(channel))
		return;
	/* All copies are made before the host may write there again. */
	virt_store_release(&chan->inbound_ring->read_index, new);
	chan->published_read = new;
	signal_if_awaited(channel, old, new);
}

/**
 * hv_ringbuffer_get_debuginfo() - indices and fill of a ring, for debug files
 * @ring_info:	one ring of a channel
 * @debug_info:	written on success
 *
 * Return: 0, or -EINVAL when the ring is not mapped.
 */
int hv_ringbuffer_get_debuginfo(struct hv_ring_buffer_info *ring_info,
				struct hv_ring_buffer_debug_info *debug_info)
{
	const struct hv_ring_buffer *ring;
	u32 size = ring_info->ring_datasize;
	int ret = -EINVAL;

	mutex_lock(&ring_info->ring_buffer_mutex);
	ring = ring_info->ring_buffer;
	if (ring) {
		u32 write = READ_ONCE(ring->write_index);
		u32 read = READ_ONCE(ring->read_index);
		bool sane = hvp_ring_index_ok(write, size) && hvp_ring_index_ok(read, size);

		*debug_info = (struct hv_ring_buffer_debug_info){
			.current_interrupt_mask = READ_ONCE(ring->interrupt_mask),
			.current_read_index = read,
			.current_write_index = write,
			.bytes_avail_toread = sane ? hvp_ring_readable(write, read, size) : 0,
			.bytes_avail_towrite = sane ? hvp_ring_writable(write, read, size) : 0,
		};
		ret = 0;
	}
	mutex_unlock(&ring_info->ring_buffer_mutex);
	return ret;
}
