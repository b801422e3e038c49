/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_CHANNEL_H
#define HOST_VMBUS_CHANNEL_H

#include <sys/uio.h>

#include "host/vmbus/fault.h"
#include "protocol/packet.h"
#include "protocol/types.h"

/*
 * An open channel, as a VSP uses it: packets in, packets out, and the guest's
 * memory that a request lends.
 *
 * Receiving: ops->readable() calls channel_recv() until it returns 0. The bus
 * masks the guest's signals meanwhile, publishes the read index once after the
 * callback, unmasks, and looks again, so that a VSP cannot lose a wake-up.
 *
 * Sending: what is sent inside readable(), or between channel_batch_begin()
 * and channel_batch_commit(), is published once and signalled at most once.
 * Nothing a VSP sends is lost while the guest does not drain its ring: it
 * waits in a queue here. While that queue is not empty channel_recv() returns
 * 0, so that a guest that never drains cannot make the host grow.
 */
struct channel_stats;
struct vmbus_channel;
struct vmbus_device;

/* A packet, copied once out of the ring: plain memory until the next channel_recv(). */
struct channel_packet {
	u16 type;		/* enum hvp_packet_type */
	u16 flags;		/* HVP_PKT_WANT_COMPLETION */
	u64 transaction;
	const void *header;	/* what follows the descriptor: GPA list, transfer pages, or nothing */
	u32 header_len;
	const void *payload;
	u32 payload_len;	/* padded to 8 by the guest */
};

/**
 * channel_recv() - the next packet; only inside ops->readable()
 *
 * A malformed ring is reported to the checker and breaks the channel: nothing
 * is received on it any more until the guest has closed it.
 * Return: 1 and @pkt, or 0.
 */
int channel_recv(struct vmbus_channel *ch, struct channel_packet *pkt);

/* Call ops->readable() soon, if packets wait: for a VSP that stopped reading early. */
void channel_resume(struct vmbus_channel *ch);

/* Group what is sent. May nest. */
void channel_batch_begin(struct vmbus_channel *ch);
void channel_batch_commit(struct vmbus_channel *ch);

/**
 * channel_send() - send a packet that is not the answer to a transaction
 * @type:	HVP_PKT_INBAND, HVP_PKT_XFER_PAGES, ...
 * @transaction: echoed by the guest's completion
 * @header:	type header (behind the descriptor), a multiple of 8 bytes; NULL if none
 * @flags:	HVP_PKT_WANT_COMPLETION: the checker expects exactly one completion
 *
 * Return: 0; -ENOTCONN when not open; -EMSGSIZE when it can never fit;
 * -ENOBUFS when too much waits already; -EEXIST when @transaction is in flight.
 */
int channel_send(struct vmbus_channel *ch, u16 type, u64 transaction, const void *header,
		 u32 header_len, const void *payload, u32 len, u16 flags);

/* Whether packets wait for the guest to drain its ring; ops->writable() tells the end. */
bool channel_congested(const struct vmbus_channel *ch);

/*
 * Transactions: requests of the guest, with the pages they lend.
 *
 *	begin --> in flight --(VSP works, maybe over iovecs)--> complete or end --> gone
 *
 * The checker knows what is outstanding. Each ends exactly once; after that no
 * access through it is possible, and a pointer from channel_txn_iov() must not
 * be used: whoever still holds one when the transaction ends (its hold count
 * is not 0) is reported as "the host touches memory the guest took back".
 */
struct channel_txn;

#define CHANNEL_TXN_MAX_PAGES	2048	/* 8 MiB; a longer list is refused */

/**
 * channel_txn_begin() - take charge of a packet that wants a completion
 * @pkt:	from channel_recv(); a HVP_PKT_GPA_DIRECT one brings its page list
 * @opaque:	the VSP's, see channel_txn_opaque()
 *
 * Return: 0; -EBADMSG (the checker was told) when its page list is malformed or
 * names no RAM: answer the guest with channel_reply(); -ENOMEM.
 */
int channel_txn_begin(struct channel_txn **out, struct vmbus_channel *ch,
		      const struct channel_packet *pkt, void *opaque);

/**
 * channel_txn_complete() - send the completion packet, give the pages back, free @txn
 *
 * Also fine after the channel has closed: then nothing is sent.
 */
void channel_txn_complete(struct channel_txn *txn, const void *payload, u32 len);

/* End without an answer: the channel is closed, or the protocol has none. Frees @txn. */
void channel_txn_end(struct channel_txn *txn);

/* Answer a packet for which no transaction was begun. */
void channel_reply(struct vmbus_channel *ch, const struct channel_packet *pkt,
		   const void *payload, u32 len);

void *channel_txn_opaque(const struct channel_txn *txn);
struct vmbus_channel *channel_txn_channel(const struct channel_txn *txn);
u32 channel_txn_bytes(const struct channel_txn *txn);	/* lent, over all ranges */

/* Copy out of or into the lent memory. Return: 0, or -EFAULT when out of its bounds. */
int channel_txn_read(struct channel_txn *txn, u32 offset, void *buf, u32 len);
int channel_txn_write(struct channel_txn *txn, u32 offset, const void *buf, u32 len);

/**
 * channel_txn_iov() - pointers to the lent memory, for I/O without a copy
 * @write:	whether the host will write through them
 * @max:	room in @iov
 *
 * Adjacent pages are merged. Takes a hold on success, which the VSP gives back
 * with channel_txn_release() when the I/O is over, before the transaction ends.
 * Return: entries written; -EFAULT out of bounds; -E2BIG for more than @max.
 */
int channel_txn_iov(struct channel_txn *txn, u32 offset, u32 len, bool write, struct iovec *iov,
		    unsigned int max);
void channel_txn_release(struct channel_txn *txn);

/**
 * channel_txn_fault() - a fault point in the path of a request
 * @resume:	go on with the request: @err is 0 after a delay, -ECANCELED when the
 *		channel closed meanwhile (then end the transaction)
 *
 * Return: true when an armed fault took the request: return at once, @resume
 * follows. A dropped request stays in flight until the channel closes.
 */
bool channel_txn_fault(struct channel_txn *txn, enum fault_point point,
		       void (*resume)(void *opaque, int err), void *opaque);

/**
 * channel_txn_recall() - take a request back from a delay at its fault point
 *
 * Return: true when it was delayed: @resume does not follow. False for one that
 * is lost for good ("drop", "never") or that no fault holds.
 */
bool channel_txn_recall(struct channel_txn *txn);

/* Transactions in flight on the channel. */
u32 channel_txn_count(const struct vmbus_channel *ch);

/*
 * Memory the guest shares by GPADL (network buffers). @gpadl: handle the guest
 * named; must belong to this channel's device and be alive at each access.
 */
int channel_gpadl_bytes(struct vmbus_channel *ch, u32 gpadl, u32 *bytes);
int channel_gpadl_read(struct vmbus_channel *ch, u32 gpadl, u32 offset, void *buf, u32 len);
int channel_gpadl_write(struct vmbus_channel *ch, u32 gpadl, u32 offset, const void *buf, u32 len);

enum channel_state {
	CHANNEL_OFFERED,	/* known to the bus, not open */
	CHANNEL_OPEN,
	CHANNEL_CLOSING,	/* closed by the guest, transactions still in flight */
};

enum channel_state channel_state(const struct vmbus_channel *ch);
const char *channel_state_name(enum channel_state state);
bool channel_rescinded(const struct vmbus_channel *ch);
bool channel_broken(const struct vmbus_channel *ch);
u32 channel_relid(const struct vmbus_channel *ch);	/* 0: not delivered to a guest */
u16 channel_sub_index(const struct vmbus_channel *ch);
u32 channel_target_vp(const struct vmbus_channel *ch);
struct vmbus_device *channel_device(const struct vmbus_channel *ch);
const struct channel_stats *channel_stats(const struct vmbus_channel *ch);
u32 channel_ring_bytes(const struct vmbus_channel *ch, bool to_host);	/* data bytes, 0 if closed */

/* The 120 bytes the guest put into OpenChannel. */
const u8 *channel_open_data(const struct vmbus_channel *ch);

/* The VSP's own pointer for this channel; NULL after open(). */
void channel_set_private(struct vmbus_channel *ch, void *priv);
void *channel_private(const struct vmbus_channel *ch);

#endif
