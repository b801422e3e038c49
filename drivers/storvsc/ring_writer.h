/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_RING_WRITER_H
#define STORVSC_RING_WRITER_H

#include "protocol/types.h"

struct vmbus_channel;

/*
 * The way out: packets are written in place, several are published together.
 *
 *   published            reserved
 *       v                   v
 *   ....|xxxxxxx|xxxxx|xxxxx|......   the host sees what lies before `published`
 *
 *   ring_writer_begin()     room for one packet, or -EAGAIN
 *   ring_writer_put..()     from first to last byte, never read back
 *   ring_writer_end()       the packet is reserved; without it nothing happened
 *   ring_writer_publish()   the host may have it; tells whether to signal
 *
 * Everything here runs under channel->outbound.ring_lock, the lock of the bus's
 * own senders. Between _begin() and _publish() the private write index is
 * ahead of the shared one, so nobody else may send on this channel; a shared
 * index that moved all the same breaks the writer.
 *
 * Whoever reserves must see to it that somebody publishes: the same call, the
 * next one, or commit_rqs.
 */
struct ring_writer {
	struct vmbus_channel *channel;
	u8 *data;
	u32 size;
	u32 published;		/* write index that the host sees */
	u32 reserved;		/* behind the last packet */
	u32 start;		/* of the packet under construction */
	u32 at;			/* next byte of it */
	u32 read;		/* host's read index when last looked at */
	u32 low_water;		/* bytes: with less free the ring counts as full */
	bool broken;

	u64 batches;
	u64 signals;
	u64 full;
};

void ring_writer_init(struct ring_writer *w, struct vmbus_channel *channel,
		      unsigned int low_water_percent);

/**
 * ring_writer_begin() - start a packet
 * @bytes:	descriptor, headers and payload; multiple of 8
 * @reserve:	keep clear of the low-water mark
 *
 * Return: 0; -EAGAIN when it does not fit now; -EIO when the ring is broken.
 */
int ring_writer_begin(struct ring_writer *w, u32 bytes, bool reserve);

/* All packets begin and end at multiples of 8, so this never straddles the end. */
static inline void ring_writer_put64(struct ring_writer *w, u64 value)
{
	*(u64 *)(w->data + w->at) = value;
	w->at += sizeof(value);
	if (w->at == w->size)
		w->at = 0;
}

void ring_writer_put(struct ring_writer *w, const void *bytes, u32 length);

/**
 * ring_writer_straight() - where the next @length bytes can be written in place
 *
 * Return: NULL when they would cross the end of the ring.
 */
void *ring_writer_straight(struct ring_writer *w, u32 length);
void ring_writer_skip(struct ring_writer *w, u32 length);

/* Trailer; from here on the packet will be published. */
void ring_writer_end(struct ring_writer *w);

static inline bool ring_writer_pending(const struct ring_writer *w)
{
	return w->reserved != w->published;
}

/**
 * ring_writer_publish() - let the host see everything that is reserved
 *
 * Return: whether the host has to be signalled, by vmbus_setevent().
 */
bool ring_writer_publish(struct ring_writer *w);

#endif
