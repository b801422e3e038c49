/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_RING_H
#define HOST_VMBUS_RING_H

#include "host/vmbus/checker.h"
#include "protocol/packet.h"
#include "protocol/ring.h"
#include "protocol/types.h"

/*
 * The host's view of one ring: its pages, wherever they lie in guest memory,
 * and private copies of everything the host wrote or has accepted. Shared
 * words are loaded once, checked against the private ones, and then only the
 * private ones are used.
 *
 * Ring 0 (guest to host): the host consumes. It owns read_index and
 * interrupt_mask. Ring 1 (host to guest): the host produces. It owns
 * write_index and pending_send_size.
 */
struct ring {
	struct hvp_ring_header *header;	/* guest memory; NULL: not mapped */
	u8 **page;			/* data pages, guest memory */
	u32 size;			/* data bytes */

	u32 read;			/* accepted, or (consumer) next to read */
	u32 write;			/* accepted, or (producer) next to write */
	u32 published;			/* consumer: read index in shared memory; producer: write index */
	u32 mask;			/* consumer: last stored */
	u32 pending;			/* producer: last stored */
};

/* What the guest did wrong, for the checker. */
struct ring_fault {
	enum checker_rule rule;
	const char *what;
	u64 value;
};

/**
 * ring_attach() - take over mapped pages at open
 * @pages:	header page, then data pages; owned by the ring from here on success
 * @count:	at least 2
 * @consumer:	whether the host reads from it
 *
 * Return: 0; -EPROTO and @fault when its indices make no sense; -ENOMEM.
 */
int ring_attach(struct ring *ring, u8 **pages, u32 count, bool consumer, struct ring_fault *fault);
void ring_detach(struct ring *ring);

/* Consumer */

/**
 * ring_recv_begin() - accept what the guest has published by now
 * Return: bytes queued, or -EPROTO and @fault.
 */
int ring_recv_begin(struct ring *ring, struct ring_fault *fault);

/**
 * ring_recv_next() - copy the next packet, trailer excluded, and step over it
 * @buf, @room:	private buffer, grown with realloc() as needed
 *
 * Return: 1 and @pkt; 0 when what was accepted is used up; -EPROTO and @fault;
 * -ENOMEM.
 */
int ring_recv_next(struct ring *ring, u8 **buf, u32 *room, struct hvp_packet *pkt,
		   struct ring_fault *fault);

/**
 * ring_recv_end() - publish the read index
 * Return: whether the guest waits for the room and must be interrupted.
 */
bool ring_recv_end(struct ring *ring);

/* Bytes accepted and not read yet. */
u32 ring_recv_left(const struct ring *ring);

/**
 * ring_mask() - store the interrupt mask, with a full barrier behind it
 * Return: 0, or -EPROTO and @fault when the guest has written it.
 */
int ring_mask(struct ring *ring, bool masked, struct ring_fault *fault);

/* Bytes in the ring right now, without accepting them. 0 when the index is bad. */
u32 ring_peek(const struct ring *ring);

/* Producer */

/**
 * ring_send_room() - load the guest's read index
 * Return: bytes writable, or -EPROTO and @fault.
 */
int ring_send_room(struct ring *ring, struct ring_fault *fault);

/* Copy @len bytes (fit, by ring_send_room()) behind what is not published yet. */
void ring_send_put(struct ring *ring, const void *bytes, u32 len);

/**
 * ring_send_commit() - publish
 * @fault:	as in ring_send_room()
 *
 * Return: 1 when the guest must be interrupted, 0, or -EPROTO.
 */
int ring_send_commit(struct ring *ring, struct ring_fault *fault);

/* Tell the guest how much room the host waits for; 0: none. Full barrier behind it. */
void ring_send_want(struct ring *ring, u32 bytes);
bool ring_send_can_want(const struct ring *ring);

#endif
