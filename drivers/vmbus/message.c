// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages from the host. The interrupt copies one out of its slot into the
 * inbox; an ordered work item validates the copy and hands it to its handler:
 *
 *   slot -(copy once)-> inbox -(check)-> handler
 *
 * Handlers never wait for the host: everything that might is queued behind
 * them. When the inbox is full the slot stays full, which is the host's sign to
 * wait; the CPUs concerned look again once there is room.
 */
#include "drivers/vmbus/message.h"

#include "compat/hyperv.h"
#include "drivers/vmbus/abi.h"
#include "drivers/vmbus/connection.h"
#include "drivers/vmbus/interrupt.h"
#include "drivers/vmbus/offer.h"
#include "drivers/vmbus/quarantine.h"
#include "drivers/vmbus/request.h"
#include "drivers/vmbus/rescind.h"
#include "drivers/vmbus/stats.h"
#include "drivers/vmbus/synic.h"

#include <linux/cpumask.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

#define INBOX_SIZE 64u

struct inbox_entry {
	u32 len;
	union hvp_chanmsg msg;
};

static struct inbox {
	raw_spinlock_t lock;		/* protects the rest */
	u32 head, tail;			/* next to put, next to take; free-running */
	struct cpumask stalled;		/* CPUs whose slot waits for room */
	struct inbox_entry entry[INBOX_SIZE];
} inbox = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(inbox.lock),
};

static void open_answered(const union hvp_chanmsg *msg)
{
	const struct hvp_open_result *m = &msg->open_result;

	vmbus_request_answer(HVP_CM_OPEN_RESULT, m->relid, m->open_id, m->status, 0);
}

static void gpadl_created(const union hvp_chanmsg *msg)
{
	const struct hvp_gpadl_created *m = &msg->gpadl_created;

	vmbus_request_answer(HVP_CM_GPADL_CREATED, m->relid, m->gpadl, m->status, 0);
}

static void gpadl_torndown(const union hvp_chanmsg *msg)
{
	u32 gpadl = msg->gpadl_torndown.gpadl;

	if (!vmbus_request_answer(HVP_CM_GPADL_TORNDOWN, 0, gpadl, 0, 0))
		vmbus_quarantine_torndown(gpadl);
}

static void version_answered(const union hvp_chanmsg *msg)
{
	const struct hvp_version_response *m = &msg->version;
	bool ok = m->supported && !m->connection_state;

	vmbus_request_answer(HVP_CM_VERSION_RESPONSE, 0, 0, !ok, m->message_connection);
}

static void channel_modified(const union hvp_chanmsg *msg)
{
	const struct hvp_modify_response *m = &msg->modify_response;

	vmbus_request_answer(HVP_CM_MODIFY_CHANNEL_RESPONSE, m->relid, 0, m->status, 0);
}

static void socket_refused(const union hvp_chanmsg *msg)
{
	/* Sent only on failure. The socket that asked has a timeout of its own. */
	pr_debug("hv_vmbus: host refused a socket, status %#x\n", msg->tl_result.status);
}

static void unload_answered(const union hvp_chanmsg *msg)
{
	/* vmbus_inbox_put() has already told whoever waits. */
}

static void all_offers_delivered(const union hvp_chanmsg *msg)
{
	vmbus_offers_delivered();
}

static void offer_came(const union hvp_chanmsg *msg)
{
	vmbus_offer_came(&msg->offer);
}

static void offer_rescinded(const union hvp_chanmsg *msg)
{
	vmbus_rescind_came(msg->relid.relid);
}

/* One line for each type that the host may send; hvp_chanmsg_check() refuses the others. */
static void (* const handlers[])(const union hvp_chanmsg *msg) = {
	[HVP_CM_OFFER_CHANNEL]		= offer_came,
	[HVP_CM_RESCIND_OFFER]		= offer_rescinded,
	[HVP_CM_ALL_OFFERS_DELIVERED]	= all_offers_delivered,
	[HVP_CM_OPEN_RESULT]		= open_answered,
	[HVP_CM_GPADL_CREATED]		= gpadl_created,
	[HVP_CM_GPADL_TORNDOWN]		= gpadl_torndown,
	[HVP_CM_VERSION_RESPONSE]	= version_answered,
	[HVP_CM_UNLOAD_RESPONSE]	= unload_answered,
	[HVP_CM_TL_CONNECT_RESULT]	= socket_refused,
	[HVP_CM_MODIFY_CHANNEL_RESPONSE] = channel_modified,
};

static_assert(ARRAY_SIZE(handlers) == HVP_CM_COUNT, "a message type without a decision");

/* The first answer is all there is to say before a connection, and nothing is after it. */
static bool is_expected(u32 type)
{
	switch (READ_ONCE(vmbus_connection.conn_state)) {
	case CONNECTED:
		return true;
	case CONNECTING:
		return type == HVP_CM_VERSION_RESPONSE;
	default:
		return false;
	}
}

static void message_handle(const union hvp_chanmsg *msg, u32 len)
{
	u32 type = msg->h.type;

	vmbus_stat_inc(VMBUS_STAT_MESSAGES);
	if (!is_expected(type))
		return;
	if (hvp_chanmsg_check(msg, len, HVP_TO_GUEST, vmbus_proto_version) ||
	    type >= ARRAY_SIZE(handlers) || !handlers[type]) {
		vmbus_stat_inc(VMBUS_STAT_MESSAGES_BAD);
		pr_warn_ratelimited("hv_vmbus: dropped a message: type %u (%s), %u bytes\n",
				    type, hvp_chanmsg_name(type), len);
		return;
	}
	handlers[type](msg);
}

static bool inbox_take(struct inbox_entry *entry, struct cpumask *stalled)
{
	bool found = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&inbox.lock, flags);
	if (inbox.tail != inbox.head) {
		*entry = inbox.entry[inbox.tail++ % INBOX_SIZE];
		found = true;
	}
	cpumask_copy(stalled, &inbox.stalled);
	cpumask_clear(&inbox.stalled);
	raw_spin_unlock_irqrestore(&inbox.lock, flags);
	return found;
}

static void inbox_empty(struct work_struct *work)
{
	/* Only this ordered work uses them; too big for the stack. */
	static struct inbox_entry entry;
	static struct cpumask stalled;
	unsigned int cpu;

	while (inbox_take(&entry, &stalled)) {
		for_each_cpu(cpu, &stalled)
			vmbus_interrupt_retry(cpu);
		message_handle(&entry.msg, entry.len);
		cond_resched();
	}
}

static DECLARE_WORK(inbox_work, inbox_empty);

bool vmbus_inbox_put(const struct hvp_message *slot)
{
	struct inbox_entry *entry;
	u32 type = HVP_CM_INVALID;
	bool room;

	raw_spin_lock(&inbox.lock);
	room = inbox.head - inbox.tail < INBOX_SIZE;
	if (room) {
		entry = &inbox.entry[inbox.head++ % INBOX_SIZE];
		entry->len = min_t(u32, READ_ONCE(slot->payload_size), HVP_MESSAGE_PAYLOAD_MAX);
		memcpy(&entry->msg, slot->payload, entry->len);
		memset(entry->msg.bytes + entry->len, 0, HVP_MESSAGE_PAYLOAD_MAX - entry->len);
		type = entry->msg.h.type;
	} else {
		cpumask_set_cpu(smp_processor_id(), &inbox.stalled);
		vmbus_stat_inc(VMBUS_STAT_MESSAGES_STALLED);
	}
	raw_spin_unlock(&inbox.lock);

	/* Whoever waits for this one may be past the point where work items run. */
	if (type == HVP_CM_UNLOAD_RESPONSE)
		complete(&vmbus_connection.unload_event);
	queue_work(vmbus_connection.work_queue, &inbox_work);
	return room;
}

void vmbus_inbox_flush(void)
{
	flush_work(&inbox_work);
}

int vmbus_inbox_init(void)
{
	vmbus_connection.work_queue = alloc_ordered_workqueue("hv_vmbus_con", WQ_MEM_RECLAIM);
	return vmbus_connection.work_queue ? 0 : -ENOMEM;
}

void vmbus_inbox_exit(void)
{
	destroy_workqueue(vmbus_connection.work_queue);
	vmbus_connection.work_queue = NULL;
	inbox.tail = inbox.head;
}

static bool slot_poll(struct hvp_message *slot, enum hvp_chanmsg_type wanted)
{
	const struct hvp_chanmsg_header *header = (void *)slot->payload;
	bool found;
	u32 type;

	/* The hypervisor writes the type last. */
	type = smp_load_acquire(&slot->type);
	if (type != HVP_MSG_CHANNEL)
		return false;
	found = READ_ONCE(header->type) == wanted;

	/* The EOM register is the other CPU's: a next message comes only if that CPU is this one. */
	if (sync_cmpxchg(&slot->type, type, HVP_MSG_NONE) == type &&
	    READ_ONCE(slot->flags) & HVP_MSG_FLAG_PENDING)
		wrmsrl(HV_X64_MSR_EOM, 0);
	return found;
}

bool vmbus_message_poll(enum hvp_chanmsg_type type)
{
	unsigned int cpu;
	bool found = false;

	for_each_present_cpu(cpu) {
		struct hvp_message_page *page = per_cpu_ptr(&vmbus_synic, cpu)->messages;

		if (page && slot_poll(&page->slot[HVP_SINT_VMBUS], type))
			found = true;
	}
	return found;
}
