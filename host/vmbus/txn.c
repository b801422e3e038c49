// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of the guest in flight, and the pages they lend.
 *
 * A transaction belongs to its channel and blocks the end of its close: see
 * channel.c. A VSP ends it once; a fault may keep it in flight after that (its
 * completion is late or lost), and then the bus ends it when the channel
 * closes.
 */
#include <stdlib.h>

#include "host/machine/loop.h"
#include "host/vmbus/state.h"

/* The page list */

struct packet_view {
	struct hvp_packet pkt;
	struct hvp_packet_iter it;
};

/* The packet as protocol/packet.h walks it: a ring that holds nothing else. */
static void view(struct packet_view *v, const struct channel_packet *pkt)
{
	u32 header_len = pkt->header_len + (u32)sizeof(struct hvp_packet_desc);
	u32 len = header_len + pkt->payload_len;

	v->pkt = (struct hvp_packet){
		.type = pkt->type,
		.flags = pkt->flags,
		.header_len = header_len,
		.payload_len = pkt->payload_len,
		.ring_len = hvp_ring_packet_bytes(len),
		.transaction = pkt->transaction,
	};
	v->it = (struct hvp_packet_iter){
		.data = (const u8 *)pkt->header - sizeof(struct hvp_packet_desc),
		.size = len + HVP_RING_TRAILER,
		.read = 0,
		.left = len,
	};
}

static int add_page(struct channel_txn *txn, u64 gpa, u32 len)
{
	struct txn_segment *last = txn->segments ? &txn->segment[txn->segments - 1] : NULL;

	if (!access_map(txn->ch->vmbus, gpa, len, true))
		return -EBADMSG;
	if (last && last->gpa + last->len == gpa)
		last->len += len;
	else
		txn->segment[txn->segments++] = (struct txn_segment){ .gpa = gpa, .len = len };
	txn->bytes += len;
	return 0;
}

static int add_range(struct channel_txn *txn, u32 bytes, u32 offset, const u64 *pfns, u32 count)
{
	u32 i;
	int ret;

	for (i = 0; i < count; i++) {
		u32 part = HVP_PAGE_SIZE - offset;

		if (part > bytes)
			part = bytes;
		if (part == 0 || pfns[i] >> (64 - HVP_PAGE_SHIFT))
			return -EBADMSG;
		ret = add_page(txn, (pfns[i] << HVP_PAGE_SHIFT) + offset, part);
		if (ret)
			return ret;
		bytes -= part;
		offset = 0;
	}
	return bytes ? -EBADMSG : 0;
}

static int read_pages(struct channel_txn *txn, const struct channel_packet *pkt)
{
	u64 pfns[CHANNEL_TXN_MAX_PAGES];
	struct hvp_gpa_cursor cursor;
	u32 bytes, offset, count;
	struct packet_view v;
	int ret;

	view(&v, pkt);
	ret = hvp_gpa_first(&v.it, &v.pkt, &cursor);
	if (ret)
		return ret;
	while ((ret = hvp_gpa_next(&v.it, &v.pkt, &cursor, &bytes, &offset, pfns,
				   CHANNEL_TXN_MAX_PAGES, &count)) == 1) {
		ret = add_range(txn, bytes, offset, pfns, count);
		if (ret)
			return ret;
	}
	return ret;
}

/* Life */

/* One whose completion a fault holds back is over, as far as the guest's ids are concerned. */
static struct channel_txn *find(struct vmbus_channel *ch, u64 id)
{
	struct channel_txn *txn;

	LIST_FOREACH(txn, &ch->txn_hash[id % CHANNEL_HASH], hash)
		if (txn->id == id && txn->wants_completion && !txn->answered)
			return txn;
	return NULL;
}

int channel_txn_begin(struct channel_txn **out, struct vmbus_channel *ch,
		      const struct channel_packet *pkt, void *opaque)
{
	bool direct = pkt->type == HVP_PKT_GPA_DIRECT;
	/* Each page takes 8 bytes of the header, so there cannot be more. */
	u32 room = direct ? pkt->header_len / sizeof(u64) : 0;
	struct channel_txn *txn = calloc(1, sizeof(*txn) + room * sizeof(txn->segment[0]));
	int ret;

	if (!txn)
		return -ENOMEM;
	txn->ch = ch;
	txn->opaque = opaque;
	txn->id = pkt->transaction;
	txn->wants_completion = pkt->flags & HVP_PKT_WANT_COMPLETION;
	ret = direct ? read_pages(txn, pkt) : 0;
	if (ret) {
		checker_report(ch->vmbus->checker, RULE_TXN_MEMORY, ch->relid, "packet 0x%llx",
			       (unsigned long long)pkt->transaction);
		free(txn);
		return -EBADMSG;
	}
	/* 0 says that the sender does not tell its requests apart. */
	if (txn->id && txn->wants_completion && find(ch, txn->id))
		checker_report(ch->vmbus->checker, RULE_TXN_AGAIN, ch->relid, "packet 0x%llx",
			       (unsigned long long)txn->id);
	LIST_INSERT_HEAD(&ch->txn_hash[txn->id % CHANNEL_HASH], txn, hash);
	TAILQ_INSERT_TAIL(&ch->txns, txn, link);
	ch->txn_count++;
	ch->stats.txns++;
	*out = txn;
	return 0;
}

void txn_free(struct channel_txn *txn)
{
	struct vmbus_channel *ch = txn->ch;

	LIST_REMOVE(txn, hash);
	TAILQ_REMOVE(&ch->txns, txn, link);
	ch->txn_count--;
	loop_timer_destroy(txn->timer);
	free(txn);
	channel_idle_check(ch);
}

static void check_holds(struct channel_txn *txn)
{
	if (txn->holds)
		checker_report(txn->ch->vmbus->checker, RULE_HOST_TXN, txn->ch->relid,
			       "packet 0x%llx ended with %u holds on its pages",
			       (unsigned long long)txn->id, txn->holds);
}

void channel_txn_end(struct channel_txn *txn)
{
	check_holds(txn);
	txn_free(txn);
}

static void answer(struct vmbus_channel *ch, u64 id, const void *payload, u32 len,
		   struct channel_txn *txn)
{
	struct fault_ctx ctx = channel_fault_ctx(ch);
	struct fault_action action = fault_hit(ch->vmbus->fault, FAULT_RING_COMPLETE, &ctx);
	struct out_packet *p;

	if (action.kind == FAULT_DROP || action.kind == FAULT_NEVER) {
		if (txn)
			txn->answered = true;	/* for the guest it stays in flight */
		return;
	}
	if (action.kind == FAULT_RESCIND)
		vmbus_device_rescind(ch->device);

	p = send_build(ch, HVP_PKT_COMPLETION, 0, id, NULL, 0, payload, len);
	if (p && action.kind == FAULT_DELAY) {
		if (txn)
			txn->answered = true;
		send_later(ch, p, action.value, txn);
		return;
	}
	if (p)
		send_packet(ch, p);
	if (txn)
		txn_free(txn);
}

void channel_txn_complete(struct channel_txn *txn, const void *payload, u32 len)
{
	check_holds(txn);
	if (!txn->wants_completion || txn->ch->state != CHANNEL_OPEN)
		txn_free(txn);
	else
		answer(txn->ch, txn->id, payload, len, txn);
}

void channel_reply(struct vmbus_channel *ch, const struct channel_packet *pkt,
		   const void *payload, u32 len)
{
	if (pkt->flags & HVP_PKT_WANT_COMPLETION && ch->state == CHANNEL_OPEN)
		answer(ch, pkt->transaction, payload, len, NULL);
}

/* Faults in the path of a request */

static void go_on(struct channel_txn *txn, int err)
{
	void (*resume)(void *opaque, int err) = txn->resume;

	txn->resume = NULL;
	resume(txn->resume_opaque, err);
}

static void delay_over(void *opaque)
{
	go_on(opaque, 0);
}

bool channel_txn_fault(struct channel_txn *txn, enum fault_point point,
		       void (*resume)(void *opaque, int err), void *opaque)
{
	struct vmbus_channel *ch = txn->ch;
	struct fault_ctx ctx = channel_fault_ctx(ch);
	struct fault_action action = fault_hit(ch->vmbus->fault, point, &ctx);

	if (action.kind == FAULT_NONE)
		return false;
	if (action.kind == FAULT_RESCIND) {
		vmbus_device_rescind(ch->device);
		return false;
	}
	if (action.kind == FAULT_DELAY) {
		if (!txn->timer)
			txn->timer = loop_timer_create(ch->vmbus->config.loop, delay_over, txn);
		if (!txn->timer)
			return false;
		loop_timer_arm(txn->timer, action.value * 1000000);
	}
	txn->resume = resume;
	txn->resume_opaque = opaque;
	return true;
}

bool channel_txn_recall(struct channel_txn *txn)
{
	if (!txn->resume || !txn->timer || !loop_timer_armed(txn->timer))
		return false;
	loop_timer_cancel(txn->timer);
	txn->resume = NULL;
	return true;
}

/* The channel closed: what the faults hold back ends now. The VSP ends the rest. */
void txn_channel_closed(struct vmbus_channel *ch)
{
	struct channel_txn *txn, *next;

	for (txn = TAILQ_FIRST(&ch->txns); txn; txn = next) {
		next = TAILQ_NEXT(txn, link);
		if (txn->answered)
			txn_free(txn);
		else if (txn->resume)
			go_on(txn, -ECANCELED);
	}
}

/* Access */

void *channel_txn_opaque(const struct channel_txn *txn)
{
	return txn->opaque;
}

struct vmbus_channel *channel_txn_channel(const struct channel_txn *txn)
{
	return txn->ch;
}

u32 channel_txn_bytes(const struct channel_txn *txn)
{
	return txn->bytes;
}

u32 channel_txn_count(const struct vmbus_channel *ch)
{
	return ch->txn_count;
}

static bool in_bounds(const struct channel_txn *txn, u32 offset, u32 len)
{
	return offset <= txn->bytes && len <= txn->bytes - offset;
}

int channel_txn_iov(struct channel_txn *txn, u32 offset, u32 len, bool write, struct iovec *iov,
		    unsigned int max)
{
	unsigned int used = 0;
	u32 i;

	if (!in_bounds(txn, offset, len))
		return -EFAULT;
	for (i = 0; i < txn->segments && len; i++) {
		const struct txn_segment *s = &txn->segment[i];
		u32 part;
		void *p;

		if (offset >= s->len) {
			offset -= s->len;
			continue;
		}
		part = s->len - offset < len ? s->len - offset : len;
		if (used == max)
			return -E2BIG;
		p = access_map(txn->ch->vmbus, s->gpa + offset, part, write);
		if (!p)
			return -EFAULT;
		iov[used++] = (struct iovec){ .iov_base = p, .iov_len = part };
		len -= part;
		offset = 0;
	}
	txn->holds++;
	return (int)used;
}

void channel_txn_release(struct channel_txn *txn)
{
	txn->holds--;
}

static int copy(struct channel_txn *txn, u32 offset, void *out, const void *in, u32 len)
{
	u32 i, done = 0;

	if (!in_bounds(txn, offset, len))
		return -EFAULT;
	for (i = 0; i < txn->segments && done < len; i++) {
		const struct txn_segment *s = &txn->segment[i];
		u32 part;
		u8 *p;

		if (offset >= s->len) {
			offset -= s->len;
			continue;
		}
		part = s->len - offset < len - done ? s->len - offset : len - done;
		p = access_map(txn->ch->vmbus, s->gpa + offset, part, in != NULL);
		if (!p)
			return -EFAULT;
		if (in)
			memcpy(p, (const u8 *)in + done, part);
		else
			memcpy((u8 *)out + done, p, part);
		done += part;
		offset = 0;
	}
	return 0;
}

int channel_txn_read(struct channel_txn *txn, u32 offset, void *buf, u32 len)
{
	return copy(txn, offset, buf, NULL, len);
}

int channel_txn_write(struct channel_txn *txn, u32 offset, const void *buf, u32 len)
{
	return copy(txn, offset, NULL, buf, len);
}
