// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening, closing and moving channels.
 *
 *	          OpenChannel, accepted
 *	OFFERED ------------------------> OPEN
 *	   ^                                |  CloseChannel, Unload, new contact,
 *	   |                                v  or the end of the device
 *	   +------------------------- CLOSING
 *	     the last transaction ended
 *
 * Rescind is a mark, not a state: a rescinded channel that is open stays so,
 * and is served, until the guest closes it, because drivers say goodbye to
 * their device over it (sd flushes the cache of a disk that goes). A host that
 * takes the device away without that is a fault: ring.drain never.
 *
 * Closing has one order: signals are unbound, packets are forgotten, the VSP
 * hears of it (and ends its transactions, now or later), the host's own
 * requests are forgotten. When the last transaction has ended the rings are
 * let go and, if the guest asked already, their GPADL is answered as torn
 * down: only then may the guest use that memory, or a transaction's pages,
 * for anything else.
 */
#include <stdlib.h>

#include "host/hyperv/hypercall.h"
#include "host/machine/loop.h"
#include "host/vmbus/state.h"
#include "protocol/version.h"

#define MIN_RING_PAGES	2u	/* header and one page of data */

/* Opening */

static u8 **map_frames(struct vmbus *vmbus, const u64 *pfn, u32 count)
{
	u8 **pages = malloc(count * sizeof(*pages));
	u32 i;

	if (!pages)
		return NULL;
	for (i = 0; i < count; i++) {
		pages[i] = access_map(vmbus, pfn[i] << HVP_PAGE_SHIFT, HVP_PAGE_SIZE, true);
		if (!pages[i]) {
			free(pages);
			return NULL;
		}
	}
	return pages;
}

static int attach(struct vmbus_channel *ch, struct ring *ring, const u64 *pfn, u32 count,
		  bool consumer)
{
	struct ring_fault fault;
	u8 **pages = map_frames(ch->vmbus, pfn, count);
	int ret;

	if (!pages)
		return -ENOMEM;
	ret = ring_attach(ring, pages, count, consumer, &fault);
	free(pages);
	if (ret == -EPROTO)
		checker_report(ch->vmbus->checker, fault.rule, ch->relid, "%s %llu", fault.what,
			       (unsigned long long)fault.value);
	return ret;
}

static int attach_rings(struct vmbus_channel *ch, const struct gpadl *g, u32 downstream)
{
	int ret = attach(ch, &ch->in, g->pfn, downstream, true);

	if (ret)
		return ret;
	ret = attach(ch, &ch->out, g->pfn + downstream, g->info.pfn_count - downstream, false);
	if (ret)
		ring_detach(&ch->in);
	return ret;
}

static struct gpadl *ring_memory(struct vmbus_channel *ch, const struct hvp_open_channel *open)
{
	struct checker *checker = ch->vmbus->checker;
	struct gpadl *g = gpadl_find(ch->vmbus, open->ring_gpadl);
	u32 down = open->downstream_page;

	if (!g || g->teardown || g->is_ring) {
		checker_report(checker, RULE_OPEN_RING, ch->relid, "gpadl 0x%x %s", open->ring_gpadl,
			       !g ? "does not exist" : g->is_ring ? "is a ring already" :
			       "is being torn down");
		return NULL;
	}
	if (!g->complete) {
		checker_report(checker, RULE_GPADL_INCOMPLETE, ch->relid,
			       "OpenChannel names gpadl 0x%x with %u of %u frames", open->ring_gpadl,
			       g->have, g->info.pfn_count);
		return NULL;
	}
	if (g->ch != ch) {
		checker_report(checker, RULE_GPADL_OWNER, ch->relid,
			       "OpenChannel names gpadl 0x%x of relid %u", open->ring_gpadl,
			       g->ch->relid);
		return NULL;
	}
	if (g->info.byte_offset || g->info.byte_count & HVP_PAGE_MASK || down < MIN_RING_PAGES ||
	    down > g->info.pfn_count || g->info.pfn_count - down < MIN_RING_PAGES) {
		checker_report(checker, RULE_OPEN_RING, ch->relid,
			       "gpadl 0x%x: %u bytes at offset %u, downstream page %u",
			       open->ring_gpadl, g->info.byte_count, g->info.byte_offset, down);
		return NULL;
	}
	return g;
}

static void on_signal(void *opaque, uint32_t conn_id, uint64_t count)
{
	(void)conn_id;
	channel_signalled(opaque, count);
}

static int bind(struct vmbus_channel *ch)
{
	u32 conn_id = CONN_EVENT_BASE + ch->relid;
	int ret = hypercall_bind_event(ch->vmbus->config.hypercall, conn_id, on_signal, ch);

	if (!ret)
		ch->conn_id = conn_id;
	return ret;
}

static void unbind(struct vmbus_channel *ch)
{
	if (ch->conn_id)
		hypercall_unbind_event(ch->vmbus->config.hypercall, ch->conn_id);
	ch->conn_id = 0;
}

static void undo_open(struct vmbus_channel *ch)
{
	unbind(ch);
	send_discard(ch);
	ring_detach(&ch->in);
	ring_detach(&ch->out);
	ch->state = CHANNEL_OFFERED;
	if (ch->ring_gpadl)
		ch->ring_gpadl->is_ring = false;
	ch->ring_gpadl = NULL;
}

/* Return: status for the guest. */
static u32 open_channel(struct vmbus_channel *ch, const struct hvp_open_channel *open)
{
	struct gpadl *g = ring_memory(ch, open);
	u32 status = NTSTATUS_UNSUCCESSFUL;

	if (!g)
		return NTSTATUS_BAD_REQUEST;
	if (open->target_vp >= ch->vmbus->config.cpus) {
		checker_report(ch->vmbus->checker, RULE_OPEN_VP, ch->relid, "VP %u of %u",
			       open->target_vp, ch->vmbus->config.cpus);
		return NTSTATUS_BAD_REQUEST;
	}
	if (attach_rings(ch, g, open->downstream_page))
		return NTSTATUS_BAD_REQUEST;

	leaks_check_reopen(ch, g);
	g->is_ring = true;
	g->was_ring = false;
	ch->ring_gpadl = g;
	ch->target_vp = open->target_vp;
	ch->open_id = open->open_id;
	memcpy(ch->open_data, open->user_data, sizeof(ch->open_data));
	ch->priv = NULL;
	ch->broken = false;
	ch->asked_for_room = false;
	ch->lost_signal = false;
	ch->was_congested = false;
	ch->idle_seen = 0;
	ch->at_open = ch->stats;
	ch->state = CHANNEL_OPEN;
	if (bind(ch) == 0)
		status = ch->device->ops->open(ch->device->dev, ch);
	if (status)
		undo_open(ch);
	else
		ch->stats.opens++;
	return status;
}

static void answer_open(struct vmbus *vmbus, struct vmbus_channel *ch,
			const struct hvp_open_channel *open, u32 status)
{
	struct hvp_open_result msg = {
		.h.type = HVP_CM_OPEN_RESULT,
		.relid = open->relid,
		.open_id = open->open_id,
		.status = status,
	};

	if (!message_send(vmbus, FAULT_MSG_OPEN_RESULT, ch, &msg, sizeof(msg)) && ch) {
		ch->excused = true;
		if (ch->ring_gpadl)
			ch->ring_gpadl->excused = true;
	}
}

static bool may_open(struct vmbus *vmbus, struct vmbus_channel *ch, u32 relid)
{
	if (!ch || ch->released) {
		checker_report(vmbus->checker, RULE_RELID_UNKNOWN, relid, "OpenChannel");
		return false;
	}
	if (ch->state == CHANNEL_OPEN || ch->reopen) {
		checker_report(vmbus->checker, RULE_OPEN_AGAIN, relid, "OpenChannel");
		return false;
	}
	if (!ch->rescinded)
		return true;
	/* The guest may have asked before it saw the rescind; not much later, though. */
	if (offer_rescind_known(ch))
		checker_report(vmbus->checker, RULE_RELID_RESCINDED, relid, "OpenChannel");
	return false;
}

/* What the VSP sends from its open() follows the answer. */
static void open_and_answer(struct vmbus_channel *ch, const struct hvp_open_channel *open)
{
	u32 status;

	channel_batch_begin(ch);
	status = open_channel(ch, open);
	answer_open(ch->vmbus, ch, open, status);
	channel_batch_commit(ch);
	if (status == 0)
		channel_drain_soon(ch);
}

void channel_handle_open(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	struct vmbus_channel *ch = offer_find(vmbus, msg->open.relid);

	(void)len;
	if (!may_open(vmbus, ch, msg->open.relid)) {
		answer_open(vmbus, ch, &msg->open, NTSTATUS_UNSUCCESSFUL);
		return;
	}
	if (ch->state == CHANNEL_OFFERED) {
		open_and_answer(ch, &msg->open);
		return;
	}
	/* The last transactions of the previous open are still under way. */
	ch->reopen = malloc(sizeof(*ch->reopen));
	if (ch->reopen)
		*ch->reopen = msg->open;
	else
		answer_open(vmbus, ch, &msg->open, NTSTATUS_UNSUCCESSFUL);
}

/* Closing */

bool channel_idle(const struct vmbus_channel *ch)
{
	return ch->state == CHANNEL_OFFERED;
}

static void closed(struct vmbus_channel *ch)
{
	struct gpadl *g = ch->ring_gpadl;

	ring_detach(&ch->in);
	ring_detach(&ch->out);
	ch->state = CHANNEL_OFFERED;
	ch->ring_gpadl = NULL;
	if (g)
		gpadl_release_ring(g);
}

static void idle_later(void *opaque)
{
	struct vmbus_channel *ch = opaque;
	struct vmbus *vmbus = ch->vmbus;
	struct hvp_open_channel *reopen = ch->reopen;

	if (ch->state != CHANNEL_CLOSING || ch->txn_count)
		return;
	closed(ch);
	ch->reopen = NULL;
	if (ch->released)
		offer_channel_idle(ch);
	else if (reopen && vmbus->state == VMBUS_RUNNING)
		open_and_answer(ch, reopen);
	free(reopen);
	connection_settle_soon(vmbus);
}

/* A transaction ended. May be called from inside a VSP, so the rest is deferred. */
void channel_idle_check(struct vmbus_channel *ch)
{
	if (ch->state == CHANNEL_CLOSING && ch->txn_count == 0)
		loop_defer(ch->vmbus->config.loop, idle_later, ch);
}

void channel_shut(struct vmbus_channel *ch)
{
	if (ch->state != CHANNEL_OPEN)
		return;
	ch->state = CHANNEL_CLOSING;
	ch->closed_ns = connection_guest_ns(ch->vmbus);
	unbind(ch);
	send_discard(ch);
	if (ch->device->ops->closed)
		ch->device->ops->closed(ch->device->dev, ch);
	txn_channel_closed(ch);
	send_forget_transactions(ch);
	if (ch->txn_count == 0)
		closed(ch);
}

/* A host takes the sub-channels away when their primary channel closes. */
static void primary_closed(struct vmbus_device *device)
{
	struct vmbus_channel *ch;

	TAILQ_FOREACH(ch, &device->channels, link)
		if (ch->sub_index && ch->state == CHANNEL_OPEN && !ch->excused)
			checker_report(device->vmbus->checker, RULE_CLOSE_ORDER, ch->relid,
				       "sub-channel %u is open", ch->sub_index);
	offer_rescind_subs(device);
}

void channel_handle_close(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	u32 relid = msg->relid.relid;
	struct vmbus_channel *ch = offer_find(vmbus, relid);

	(void)len;
	if (!ch || ch->released) {
		checker_report(vmbus->checker, RULE_RELID_UNKNOWN, relid, "CloseChannel");
		return;
	}
	if (ch->state != CHANNEL_OPEN) {
		/* A guest that was not told of a failed or late open closes to be sure. */
		if (!ch->excused)
			checker_report(vmbus->checker, RULE_CLOSE_NOT_OPEN, relid, "state %s",
				       channel_state_name(ch->state));
		return;
	}
	if (ch->host_txn_count)
		checker_report(vmbus->checker, RULE_TXN_LEAKED, relid, "%u requests of the host",
			       ch->host_txn_count);
	if (ch->sub_index == 0)
		primary_closed(ch->device);
	channel_shut(ch);
}

/* Moving */

void channel_handle_modify(struct vmbus *vmbus, const union hvp_chanmsg *msg, size_t len)
{
	struct vmbus_channel *ch = offer_find(vmbus, msg->modify.relid);
	struct hvp_modify_response answer = {
		.h.type = HVP_CM_MODIFY_CHANNEL_RESPONSE,
		.relid = msg->modify.relid,
		.status = NTSTATUS_UNSUCCESSFUL,
	};

	(void)len;
	if (!ch || ch->released) {
		checker_report(vmbus->checker, RULE_RELID_UNKNOWN, msg->modify.relid, "ModifyChannel");
	} else if (msg->modify.target_vp >= vmbus->config.cpus) {
		checker_report(vmbus->checker, RULE_MODIFY_VP, ch->relid, "VP %u of %u",
			       msg->modify.target_vp, vmbus->config.cpus);
	} else if (ch->state != CHANNEL_OPEN) {
		checker_report(vmbus->checker, RULE_MODIFY_NOT_OPEN, ch->relid, "state %s",
			       channel_state_name(ch->state));
	} else {
		ch->target_vp = msg->modify.target_vp;
		answer.status = 0;
	}
	if (hvp_version_has(vmbus->version, HVP_FEATURE_MODIFY_RESPONSE))
		message_send(vmbus, FAULT_MSG_MODIFY_RESPONSE, ch, &answer, sizeof(answer));
}

/* Looking */

enum channel_state channel_state(const struct vmbus_channel *ch)
{
	return ch->state;
}

const char *channel_state_name(enum channel_state state)
{
	static const char *const names[] = {
		[CHANNEL_OFFERED] = "offered",
		[CHANNEL_OPEN] = "open",
		[CHANNEL_CLOSING] = "closing",
	};

	return names[state];
}

bool channel_rescinded(const struct vmbus_channel *ch)
{
	return ch->rescinded;
}

bool channel_broken(const struct vmbus_channel *ch)
{
	return ch->broken;
}

u32 channel_relid(const struct vmbus_channel *ch)
{
	return ch->relid;
}

u16 channel_sub_index(const struct vmbus_channel *ch)
{
	return ch->sub_index;
}

u32 channel_target_vp(const struct vmbus_channel *ch)
{
	return ch->target_vp;
}

struct vmbus_device *channel_device(const struct vmbus_channel *ch)
{
	return ch->device;
}

const struct channel_stats *channel_stats(const struct vmbus_channel *ch)
{
	return &ch->stats;
}

u32 channel_ring_bytes(const struct vmbus_channel *ch, bool to_host)
{
	return to_host ? ch->in.size : ch->out.size;
}

const u8 *channel_open_data(const struct vmbus_channel *ch)
{
	return ch->open_data;
}

void channel_set_private(struct vmbus_channel *ch, void *priv)
{
	ch->priv = priv;
}

void *channel_private(const struct vmbus_channel *ch)
{
	return ch->priv;
}
