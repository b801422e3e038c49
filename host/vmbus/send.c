// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets to the guest.
 *
 *	send --> ring, if nothing waits and it fits --> commit: publish, interrupt
 *	    \--> queue, with pending_send_size set to what its head needs
 *	              ^                                      |
 *	              +-- flush: the guest signalled that -- +
 *	                  there is room (or a timer, for a guest that does not
 *	                  know that word)
 *
 * A batch is published when its outermost commit comes, or when the ring is
 * full. The guest is interrupted only when the contract asks for it.
 */
#include <stdlib.h>

#include "host/hyperv/synic.h"
#include "host/machine/loop.h"
#include "host/vmbus/state.h"

#define QUEUE_MAX	4096u		/* packets that a VSP may send ahead; completions do not count */
#define ROOM_RETRY_NS	5000000u
#define PACKET_MAX	(0xffffu * 8)	/* len8 is 16 bits */

/* Interrupting the guest */

static void raise_event(void *opaque)
{
	struct vmbus_channel *ch = opaque;
	struct vmbus *vmbus = ch->vmbus;

	if (ch->state != CHANNEL_OPEN)
		return;
	ch->stats.events_out++;
	if (synic_set_event(vmbus->config.synic, ch->target_vp, vmbus->message_sint, ch->relid))
		ch->stats.interrupts_out++;
	trace_signal(vmbus->trace, HVP_TO_GUEST, ch->relid, 1);
}

void send_interrupt(struct vmbus_channel *ch)
{
	struct fault_ctx ctx = channel_fault_ctx(ch);
	struct fault_action action = fault_hit(ch->vmbus->fault, FAULT_RING_SIGNAL, &ctx);

	if (action.kind == FAULT_DROP || action.kind == FAULT_NEVER)
		return;
	if (action.kind == FAULT_DELAY) {
		if (!ch->signal_timer)
			ch->signal_timer = loop_timer_create(ch->vmbus->config.loop, raise_event, ch);
		if (ch->signal_timer) {
			loop_timer_arm(ch->signal_timer, action.value * 1000000);
			return;
		}
	}
	if (action.kind == FAULT_RESCIND)
		vmbus_device_rescind(ch->device);
	raise_event(ch);
}

/* Into the ring */

static void drop_queue(struct out_queue *queue)
{
	struct out_packet *p;

	while ((p = TAILQ_FIRST(queue))) {
		TAILQ_REMOVE(queue, p, link);
		loop_timer_destroy(p->timer);
		free(p);
	}
}

void send_discard(struct vmbus_channel *ch)
{
	drop_queue(&ch->queue);
	drop_queue(&ch->delayed);
	ch->queued = 0;
	loop_timer_destroy(ch->room_timer);
	loop_timer_destroy(ch->drain_timer);
	loop_timer_destroy(ch->signal_timer);
	ch->room_timer = NULL;
	ch->drain_timer = NULL;
	ch->signal_timer = NULL;
}

static bool room_for(struct vmbus_channel *ch, u32 len)
{
	struct ring_fault fault;
	int room = ring_send_room(&ch->out, &fault);

	if (room < 0) {
		channel_break(ch, fault.rule, fault.what, fault.value);
		return false;
	}
	return hvp_ring_fits((u32)room, len);
}

static void put(struct vmbus_channel *ch, const struct out_packet *p)
{
	u64 trailer = hvp_ring_trailer(ch->out.write);

	ring_send_put(&ch->out, p->bytes, p->len - HVP_RING_TRAILER);
	ring_send_put(&ch->out, &trailer, sizeof(trailer));
	ch->stats.packets_out++;
	ch->stats.bytes_out += p->len;
}

static void commit(struct vmbus_channel *ch)
{
	struct ring_fault fault;
	int ret;

	if (ch->state != CHANNEL_OPEN || ch->broken || ch->out.published == ch->out.write)
		return;
	ret = ring_send_commit(&ch->out, &fault);
	ch->stats.publishes_out++;
	if (ret < 0)
		channel_break(ch, fault.rule, fault.what, fault.value);
	else if (ret)
		send_interrupt(ch);
}

static void move_queue(struct vmbus_channel *ch)
{
	struct out_packet *p;

	while ((p = TAILQ_FIRST(&ch->queue)) && !ch->broken && room_for(ch, p->len)) {
		put(ch, p);
		TAILQ_REMOVE(&ch->queue, p, link);
		ch->queued--;
		free(p);
	}
}

static void retry(void *opaque)
{
	struct vmbus_channel *ch = opaque;

	if (ch->state == CHANNEL_OPEN && send_flush(ch))
		channel_drain_soon(ch);
}

/* Ask for room, then look once more: the guest may have read meanwhile. */
static void wait_for_room(struct vmbus_channel *ch)
{
	struct out_packet *head = TAILQ_FIRST(&ch->queue);

	while (head && !ch->broken) {
		ch->asked_for_room = true;
		ring_send_want(&ch->out, head->len);
		if (!room_for(ch, head->len))
			break;
		move_queue(ch);
		head = TAILQ_FIRST(&ch->queue);
	}
	if (!head) {
		ring_send_want(&ch->out, 0);
		return;
	}
	if (ch->broken || ring_send_can_want(&ch->out))
		return;
	if (!ch->room_timer)
		ch->room_timer = loop_timer_create(ch->vmbus->config.loop, retry, ch);
	if (ch->room_timer)
		loop_timer_arm(ch->room_timer, ROOM_RETRY_NS);
}

/* Return: whether nothing waits any more. */
bool send_flush(struct vmbus_channel *ch)
{
	if (TAILQ_EMPTY(&ch->queue))
		return true;
	move_queue(ch);
	wait_for_room(ch);
	commit(ch);
	return TAILQ_EMPTY(&ch->queue);
}

void send_packet(struct vmbus_channel *ch, struct out_packet *packet)
{
	struct hvp_packet_desc desc;

	if (ch->state != CHANNEL_OPEN || ch->broken) {
		free(packet);
		return;
	}
	memcpy(&desc, packet->bytes, sizeof(desc));
	trace_packet(ch->vmbus->trace, HVP_TO_GUEST, ch->relid, desc.type, desc.flags,
		     desc.transaction, desc.offset8 * 8u, (desc.len8 - desc.offset8) * 8u);
	if (TAILQ_EMPTY(&ch->queue) && room_for(ch, packet->len)) {
		put(ch, packet);
		free(packet);
		if (ch->batch == 0)
			commit(ch);
		return;
	}
	ch->stats.ring_full_out++;
	TAILQ_INSERT_TAIL(&ch->queue, packet, link);
	ch->queued++;
	ch->was_congested = true;
	commit(ch);
	wait_for_room(ch);
	if (ch->batch == 0)
		commit(ch);
	/* The guest read meanwhile, and need not signal for it. */
	if (TAILQ_EMPTY(&ch->queue))
		channel_drain_soon(ch);
}

void channel_batch_begin(struct vmbus_channel *ch)
{
	ch->batch++;
}

void channel_batch_commit(struct vmbus_channel *ch)
{
	if (--ch->batch == 0)
		commit(ch);
}

bool channel_congested(const struct vmbus_channel *ch)
{
	return !TAILQ_EMPTY(&ch->queue);
}

/* Packets */

struct out_packet *send_build(struct vmbus_channel *ch, u16 type, u16 flags, u64 transaction,
			      const void *header, u32 header_len, const void *payload, u32 len)
{
	u32 offset = (u32)sizeof(struct hvp_packet_desc) + header_len;
	u32 total = offset + ((len + 7) & ~7u);
	struct hvp_packet_desc desc = {
		.type = type,
		.offset8 = (u16)(offset / 8),
		.len8 = (u16)(total / 8),
		.flags = flags,
		.transaction = transaction,
	};
	struct out_packet *p = calloc(1, sizeof(*p) + total + HVP_RING_TRAILER);

	if (!p)
		return NULL;
	p->ch = ch;
	p->len = total + HVP_RING_TRAILER;
	memcpy(p->bytes, &desc, sizeof(desc));
	if (header_len)
		memcpy(p->bytes + sizeof(desc), header, header_len);
	if (len)
		memcpy(p->bytes + offset, payload, len);
	return p;
}

static void later(void *opaque)
{
	struct out_packet *p = opaque;
	struct vmbus_channel *ch = p->ch;
	struct channel_txn *txn = p->txn;

	TAILQ_REMOVE(&ch->delayed, p, link);
	loop_timer_destroy(p->timer);
	p->timer = NULL;
	send_packet(ch, p);
	if (txn)
		txn_free(txn);
}

void send_later(struct vmbus_channel *ch, struct out_packet *packet, u64 ms,
		struct channel_txn *txn)
{
	packet->txn = txn;
	packet->timer = loop_timer_create(ch->vmbus->config.loop, later, packet);
	if (!packet->timer) {
		send_packet(ch, packet);
		if (txn)
			txn_free(txn);
		return;
	}
	TAILQ_INSERT_TAIL(&ch->delayed, packet, link);
	loop_timer_arm(packet->timer, ms * 1000000);
}

/* Requests of the host */

static struct host_txn *find_request(struct vmbus_channel *ch, u64 id)
{
	struct host_txn *t;

	LIST_FOREACH(t, &ch->host_txns[id % CHANNEL_HASH], hash)
		if (t->id == id)
			return t;
	return NULL;
}

void send_completion_seen(struct vmbus_channel *ch, u64 transaction)
{
	struct host_txn *t = find_request(ch, transaction);

	if (!t) {
		checker_report(ch->vmbus->checker, RULE_TXN_UNKNOWN, ch->relid, "completion of 0x%llx",
			       (unsigned long long)transaction);
		return;
	}
	LIST_REMOVE(t, hash);
	ch->host_txn_count--;
	free(t);
}

void send_forget_transactions(struct vmbus_channel *ch)
{
	struct host_txn *t;
	u32 i;

	for (i = 0; i < CHANNEL_HASH; i++) {
		while ((t = LIST_FIRST(&ch->host_txns[i]))) {
			LIST_REMOVE(t, hash);
			free(t);
		}
	}
	ch->host_txn_count = 0;
}

static int remember_request(struct vmbus_channel *ch, u64 id)
{
	struct host_txn *t = malloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->id = id;
	LIST_INSERT_HEAD(&ch->host_txns[id % CHANNEL_HASH], t, hash);
	ch->host_txn_count++;
	return 0;
}

static int check_send(struct vmbus_channel *ch, u32 header_len, u32 len, bool wants, u64 id)
{
	if (ch->state != CHANNEL_OPEN || ch->broken)
		return -ENOTCONN;
	if (header_len & 7 || header_len > PACKET_MAX || len > PACKET_MAX ||
	    header_len + len + 64 > PACKET_MAX || header_len + len + 64 > ch->out.size)
		return -EMSGSIZE;
	if (ch->queued >= QUEUE_MAX)
		return -ENOBUFS;
	return wants && find_request(ch, id) ? -EEXIST : 0;
}

int channel_send(struct vmbus_channel *ch, u16 type, u64 transaction, const void *header,
		 u32 header_len, const void *payload, u32 len, u16 flags)
{
	bool wants = flags & HVP_PKT_WANT_COMPLETION;
	int ret = check_send(ch, header_len, len, wants, transaction);
	struct fault_ctx ctx = channel_fault_ctx(ch);
	struct fault_action action;
	struct out_packet *p;

	if (ret)
		return ret;
	action = fault_hit(ch->vmbus->fault, FAULT_RING_SEND, &ctx);
	if (action.kind == FAULT_DROP || action.kind == FAULT_NEVER)
		return 0;
	p = send_build(ch, type, flags, transaction, header, header_len, payload, len);
	if (!p)
		return -ENOMEM;
	if (wants && remember_request(ch, transaction)) {
		free(p);
		return -ENOMEM;
	}
	if (action.kind == FAULT_RESCIND)
		vmbus_device_rescind(ch->device);
	if (action.kind == FAULT_DELAY)
		send_later(ch, p, action.value, NULL);
	else
		send_packet(ch, p);
	return 0;
}
