// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a channel's ring.
 *
 *	signal --> mask --> accept --> ops->readable() --> publish read index
 *	                      ^                                   |
 *	                      |  more was queued                  v
 *	                      +---------------------- unmask, look again --> sleep
 *
 * While the host drains, the guest's signals are masked. The mask is cleared
 * only with everything read, and the ring is looked at once more behind a full
 * barrier, so a guest that signals only when it makes an empty, unmasked ring
 * non-empty is never missed. A VSP that stops reading early, and one whose
 * answers do not fit into the guest's ring, keep the mask set: the host comes
 * back by itself.
 *
 * Which signals are illegal? Each batch a guest publishes may cause one signal,
 * and that signal may come late, when the batch has been read already. So an
 * unneeded signal shows only in the sum: more signals than packets (a batch
 * has at least one) plus, where the host ever waited for room, one for each
 * packet of the host that the guest read. The sums are compared when the ring
 * has been drained behind the signal. The opposite, a signal that is due and
 * does not come, shows as packets that wait while the host sleeps unmasked.
 */
#include <stdlib.h>

#include "host/machine/loop.h"
#include "host/vmbus/state.h"

#define ROUNDS_MAX	8	/* then others get their turn */
#define MISSING_LOOKS	30	/* seconds that a due signal may take */

void channel_break(struct vmbus_channel *ch, enum checker_rule rule, const char *what, u64 value)
{
	ch->broken = true;
	checker_report(ch->vmbus->checker, rule, ch->relid, "%s %llu (0x%llx)", what,
		       (unsigned long long)value, (unsigned long long)value);
}

static bool usable(const struct vmbus_channel *ch)
{
	return ch->state == CHANNEL_OPEN && !ch->broken;
}

static bool accept(struct vmbus_channel *ch)
{
	struct ring_fault fault;

	if (ring_recv_begin(&ch->in, &fault) >= 0)
		return true;
	channel_break(ch, fault.rule, fault.what, fault.value);
	return false;
}

static bool mask(struct vmbus_channel *ch, bool on)
{
	struct ring_fault fault;

	if (ring_mask(&ch->in, on, &fault) == 0)
		return true;
	channel_break(ch, fault.rule, fault.what, fault.value);
	return false;
}

static void publish(struct vmbus_channel *ch)
{
	if (ring_recv_end(&ch->in))
		send_interrupt(ch);
}

/* One turn: what was accepted is offered to the VSP once. Return: whether all was read. */
static bool turn(struct vmbus_channel *ch)
{
	if (ring_recv_left(&ch->in) && ch->device->ops->readable) {
		ch->receiving = true;
		ch->device->ops->readable(ch->device->dev, ch);
		ch->receiving = false;
	}
	publish(ch);
	return !ch->broken && ring_recv_left(&ch->in) == 0;
}

static void count_signals(struct vmbus_channel *ch)
{
	u64 signals = ch->stats.signals_in - ch->at_open.signals_in;
	u64 causes = ch->stats.packets_in - ch->at_open.packets_in;

	if (ch->asked_for_room)
		causes += ch->stats.packets_out - ch->at_open.packets_out;
	if (!usable(ch) || signals <= causes || ring_peek(&ch->in) != 0)
		return;
	checker_report(ch->vmbus->checker, RULE_SIGNAL_NEEDLESS, ch->relid,
		       "%llu signals, %llu packets", (unsigned long long)signals,
		       (unsigned long long)causes);
}

/* Return: true when the ring is empty and unmasked, and the host may sleep. */
static bool drain_rounds(struct vmbus_channel *ch)
{
	int round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		if (!mask(ch, true) || !accept(ch) || !turn(ch))
			return true;
		if (!mask(ch, false) || !accept(ch) || ring_recv_left(&ch->in) == 0)
			return true;
	}
	return !mask(ch, true);
}

/* Return: whether nothing waits to be sent any more. */
static bool flush(struct vmbus_channel *ch)
{
	if (!send_flush(ch))
		return false;
	if (ch->was_congested && ch->device->ops->writable) {
		ch->was_congested = false;
		ch->device->ops->writable(ch->device->dev, ch);
	}
	return !channel_congested(ch);
}

static void drain(struct vmbus_channel *ch)
{
	bool done;

	if (!usable(ch) || ch->draining)
		return;
	ch->draining = true;
	ch->stats.wakeups++;
	channel_batch_begin(ch);
	done = !flush(ch) || drain_rounds(ch);
	channel_batch_commit(ch);
	ch->draining = false;
	if (!done)
		channel_drain_soon(ch);
}

static void drain_deferred(void *opaque)
{
	struct vmbus_channel *ch = opaque;

	ch->deferred = false;
	drain(ch);
	count_signals(ch);
}

void channel_drain_soon(struct vmbus_channel *ch)
{
	if (!ch->deferred)
		ch->deferred = loop_defer(ch->vmbus->config.loop, drain_deferred, ch) == 0;
}

void channel_resume(struct vmbus_channel *ch)
{
	if (usable(ch))
		channel_drain_soon(ch);
}

/* The guest signalled */

static bool fault_takes(struct vmbus_channel *ch)
{
	struct fault_ctx ctx = channel_fault_ctx(ch);
	struct fault_action action = fault_hit(ch->vmbus->fault, FAULT_RING_DRAIN, &ctx);

	switch (action.kind) {
	case FAULT_DELAY:
		if (!ch->drain_timer)
			ch->drain_timer = loop_timer_create(ch->vmbus->config.loop, drain_deferred,
							    ch);
		if (!ch->drain_timer)
			return false;
		if (!loop_timer_armed(ch->drain_timer))
			loop_timer_arm(ch->drain_timer, action.value * 1000000);
		return true;
	case FAULT_DROP:
	case FAULT_NEVER:
		ch->lost_signal = true;
		return true;
	case FAULT_RESCIND:
		vmbus_device_rescind(ch->device);
		return false;
	default:
		return false;
	}
}

void channel_signalled(struct vmbus_channel *ch, u64 count)
{
	u64 packets = ch->stats.packets_in;

	ch->stats.signals_in += count;
	trace_signal(ch->vmbus->trace, HVP_TO_HOST, ch->relid, count);
	if (!usable(ch) || fault_takes(ch))
		return;
	drain(ch);
	if (ch->stats.packets_in == packets)
		ch->stats.empty_signals += count;
	count_signals(ch);
}

/*
 * Once a second: do packets wait for a signal that should have come? A busy
 * ring may hold some at every look, but not the same ones.
 */
void channel_watch(struct vmbus_channel *ch)
{
	bool moved = ch->watch_read != ch->in.read;

	ch->watch_read = ch->in.read;
	if (moved || !usable(ch) || ch->rescinded || ch->draining || ch->deferred || ch->in.mask ||
	    ch->lost_signal || channel_congested(ch) ||
	    (ch->drain_timer && loop_timer_armed(ch->drain_timer)) || ring_peek(&ch->in) == 0) {
		ch->idle_seen = 0;
		return;
	}
	if (++ch->idle_seen < MISSING_LOOKS)
		return;
	ch->idle_seen = 0;
	checker_report(ch->vmbus->checker, RULE_SIGNAL_MISSING, ch->relid,
		       "%u bytes wait since %u seconds", ring_peek(&ch->in), MISSING_LOOKS);
}

/* For VSPs */

int channel_recv(struct vmbus_channel *ch, struct channel_packet *pkt)
{
	struct ring_fault fault;
	struct hvp_packet p;
	int ret;

	/* A guest that does not take its answers gets no further questions answered. */
	if (!usable(ch) || !ch->receiving || channel_congested(ch))
		return 0;
	ret = ring_recv_next(&ch->in, &ch->packet, &ch->packet_room, &p, &fault);
	if (ret == -EPROTO)
		channel_break(ch, fault.rule, fault.what, fault.value);
	if (ret <= 0)
		return 0;
	ch->stats.packets_in++;
	ch->stats.bytes_in += p.ring_len;
	trace_packet(ch->vmbus->trace, HVP_TO_HOST, ch->relid, p.type, p.flags,
		     p.transaction, p.header_len, p.payload_len);
	if (p.type == HVP_PKT_COMPLETION)
		send_completion_seen(ch, p.transaction);

	*pkt = (struct channel_packet){
		.type = p.type,
		.flags = p.flags,
		.transaction = p.transaction,
		.header = ch->packet + sizeof(struct hvp_packet_desc),
		.header_len = p.header_len - (u32)sizeof(struct hvp_packet_desc),
		.payload = ch->packet + p.header_len,
		.payload_len = p.payload_len,
	};
	return 1;
}
