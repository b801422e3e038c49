// SPDX-License-Identifier: GPL-2.0-only
/* Sending and receiving whole packets. */
#include "drivers/vmbus/channel.h"
#include "drivers/vmbus/ring.h"

#include <linux/uio.h>

static const u64 padding;

/*
 * Sends head and payload; the head begins with a descriptor whose lengths are
 * filled in here. The three pieces: head, payload, zeros up to 8 bytes.
 */
static int packet_send(struct vmbus_channel *channel, void *head, u32 head_len, void *payload,
		       u32 payload_len, u64 requestid, u64 *trans_id)
{
	struct vmpacket_descriptor *desc = head;
	u64 len = (u64)head_len + payload_len;
	struct kvec kv[] = {
		{ .iov_base = head, .iov_len = head_len },
		{ .iov_base = payload, .iov_len = payload_len },
		{ .iov_base = (void *)&padding, .iov_len = -len & 7 },
	};

	if (head_len % 8 || len > VMBUS_PACKET_MAX - 7)
		return -EINVAL;
	desc->offset8 = head_len / 8;
	desc->len8 = (len + 7) / 8;
	return vmbus_ring_write(channel, kv, ARRAY_SIZE(kv), requestid, trans_id);
}

static int inband_send(struct vmbus_channel *channel, void *buffer, u32 bufferlen, u64 requestid,
		       u64 *trans_id, enum vmbus_packet_type type, u32 flags)
{
	struct vmpacket_descriptor desc = {
		.type = type,
		.flags = flags,
		.trans_id = requestid,
	};

	return packet_send(channel, &desc, sizeof(desc), buffer, bufferlen, requestid, trans_id);
}

#ifdef HAVE_SENDPACKET_GETID
/**
 * vmbus_sendpacket_getid() - vmbus_sendpacket() that tells the transaction id used
 * @channel:	an open channel
 * @buffer:	payload, copied
 * @bufferlen:	bytes
 * @requestid:	comes back in the completion
 * @trans_id:	written before the host can answer; not on failure
 * @type:	in-band data, or a completion
 * @flags:	VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED or 0
 */
int vmbus_sendpacket_getid(struct vmbus_channel *channel, void *buffer, u32 bufferlen,
			   u64 requestid, u64 *trans_id, enum vmbus_packet_type type, u32 flags)
{
	return inband_send(channel, buffer, bufferlen, requestid, trans_id, type, flags);
}
#endif

/**
 * vmbus_sendpacket() - send a buffer as one packet
 * @channel:	an open channel
 * @buffer:	payload, copied
 * @bufferlen:	bytes
 * @requestid:	comes back in the completion
 * @type:	in-band data, or a completion
 * @flags:	VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED or 0
 *
 * Return: 0 or an error of vmbus_ring_write(); any context.
 */
int vmbus_sendpacket(struct vmbus_channel *channel, void *buffer, u32 bufferlen, u64 requestid,
		     enum vmbus_packet_type type, u32 flags)
{
	return inband_send(channel, buffer, bufferlen, requestid, NULL, type, flags);
}

/**
 * vmbus_sendpacket_mpb_desc() - send a buffer together with guest memory it is about
 * @channel:	an open channel
 * @desc:	ranges filled in, the descriptor in front of them is ours
 * @desc_size:	bytes of @desc that are used
 * @buffer:	payload, copied
 * @bufferlen:	bytes
 * @requestid:	comes back in the completion
 */
int vmbus_sendpacket_mpb_desc(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *desc,
			      u32 desc_size, void *buffer, u32 bufferlen, u64 requestid)
{
	desc->type = VM_PKT_DATA_USING_GPA_DIRECT;
	desc->flags = VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED;
	desc->transactionid = VMBUS_RQST_ERROR;	/* replaced in the ring */
	desc->reserved = 0;
#ifdef HAVE_SENDPACKET_PAGEBUFFER
	/* Where that call is gone, drivers set the number of ranges. */
	desc->rangecount = 1;
#endif
	return packet_send(channel, desc, desc_size, buffer, bufferlen, requestid, NULL);
}

#ifdef HAVE_SENDPACKET_PAGEBUFFER
/**
 * vmbus_sendpacket_pagebuffer() - like vmbus_sendpacket_mpb_desc(), one range per page
 * @channel:	an open channel
 * @pagebuffers: the ranges
 * @pagecount:	their number
 * @buffer:	payload, copied
 * @bufferlen:	bytes
 * @requestid:	comes back in the completion
 */
int vmbus_sendpacket_pagebuffer(struct vmbus_channel *channel, struct hv_page_buffer pagebuffers[],
				u32 pagecount, void *buffer, u32 bufferlen, u64 requestid)
{
	struct vmbus_channel_packet_page_buffer desc = {
		.type = VM_PKT_DATA_USING_GPA_DIRECT,
		.flags = VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED,
		.transactionid = VMBUS_RQST_ERROR,	/* replaced in the ring */
		.rangecount = pagecount,
	};

	if (!pagecount || pagecount > MAX_PAGE_BUFFER_COUNT)
		return -EINVAL;
	memcpy(desc.range, pagebuffers, pagecount * sizeof(desc.range[0]));
	return packet_send(channel, &desc, offsetof(typeof(desc), range[pagecount]), buffer,
			   bufferlen, requestid, NULL);
}
#endif

static int packet_receive(struct vmbus_channel *channel, void *buffer, u32 bufferlen,
			  u32 *buffer_actual_len, u64 *requestid, bool raw)
{
	struct vmpacket_descriptor *desc;
	u32 offset, len;

	*buffer_actual_len = 0;
	*requestid = 0;
	desc = hv_pkt_iter_first(channel);
	if (!desc)
		return 0;

	offset = raw ? 0 : desc->offset8 * 8;
	len = desc->len8 * 8 - offset;
	*buffer_actual_len = len;
	*requestid = desc->trans_id;
	/* It stays; callers come back with more room. */
	if (len > bufferlen)
		return -ENOBUFS;

	memcpy(buffer, (u8 *)desc + offset, len);
	__hv_pkt_iter_next(channel, desc);
	hv_pkt_iter_close(channel);
	return 0;
}

/**
 * vmbus_recvpacket() - receive the payload of one packet
 * @channel:	an open channel
 * @buffer:	room for it
 * @bufferlen:	bytes
 * @buffer_actual_len: bytes of the payload, 0 when there is no packet
 * @requestid:	its transaction id
 *
 * Return: 0, or -ENOBUFS when it does not fit and was left in the ring.
 */
int vmbus_recvpacket(struct vmbus_channel *channel, void *buffer, u32 bufferlen,
		     u32 *buffer_actual_len, u64 *requestid)
{
	return packet_receive(channel, buffer, bufferlen, buffer_actual_len, requestid, false);
}

/**
 * vmbus_recvpacket_raw() - receive one packet with its descriptor
 * @channel:	an open channel
 * @buffer:	room for it
 * @bufferlen:	bytes
 * @buffer_actual_len: bytes of the packet, 0 when there is none
 * @requestid:	its transaction id
 *
 * Return: as vmbus_recvpacket()
 */
int vmbus_recvpacket_raw(struct vmbus_channel *channel, void *buffer, u32 bufferlen,
			 u32 *buffer_actual_len, u64 *requestid)
{
	return packet_receive(channel, buffer, bufferlen, buffer_actual_len, requestid, true);
}
