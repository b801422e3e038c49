// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <sys/queue.h>

#include "host/hyperv/hypercall.h"
#include "host/hyperv/synic.h"
#include "host/test/fake_machine.h"
#include "protocol/hypercall.h"
#include "protocol/synic.h"

#define VPS		4
#define BINDINGS	4096
#define CONNECTIONS	8

/* SynIC */

struct message {
	STAILQ_ENTRY(message) link;
	u32 vp;
	u32 sint;
	size_t len;
	union hvp_chanmsg body;
};

struct synic {
	STAILQ_HEAD(, message) messages;
	unsigned int count;
	unsigned int limit;
	bool off;
	u8 events[VPS][HVP_EVENT_FLAGS];
};

struct synic *fake_synic_create(void)
{
	struct synic *synic = calloc(1, sizeof(*synic));

	STAILQ_INIT(&synic->messages);
	synic->limit = SYNIC_QUEUE_MAX;
	return synic;
}

void fake_synic_destroy(struct synic *synic)
{
	synic_post_cancel(synic, ~0u, ~0u);
	free(synic);
}

void fake_synic_limit(struct synic *synic, unsigned int messages)
{
	synic->limit = messages;
}

void fake_synic_off(struct synic *synic, bool off)
{
	synic->off = off;
}

int synic_post(struct synic *synic, uint32_t vp, uint32_t sint, uint32_t type, const void *payload,
	       size_t len)
{
	struct message *m;

	if (vp >= VPS || sint >= HVP_SINT_COUNT || type != HVP_MSG_CHANNEL)
		return -EINVAL;
	if (synic->off)
		return -ENXIO;
	if (synic->count >= synic->limit)
		return -ENOBUFS;
	m = calloc(1, sizeof(*m));
	m->vp = vp;
	m->sint = sint;
	m->len = len;
	memcpy(&m->body, payload, len);
	STAILQ_INSERT_TAIL(&synic->messages, m, link);
	synic->count++;
	return 0;
}

unsigned int synic_post_pending(struct synic *synic, uint32_t vp, uint32_t sint)
{
	unsigned int pending = 0;
	struct message *m;

	STAILQ_FOREACH(m, &synic->messages, link)
		pending += m->vp == vp && m->sint == sint;
	return pending;
}

void synic_counters(struct synic *synic, uint32_t vp, struct synic_counters *out)
{
	(void)synic;
	(void)vp;
	*out = (struct synic_counters){ .messages = 0 };
}

void synic_post_cancel(struct synic *synic, uint32_t vp, uint32_t sint)
{
	struct message *m, *next;

	for (m = STAILQ_FIRST(&synic->messages); m; m = next) {
		next = STAILQ_NEXT(m, link);
		if (vp != ~0u && (m->vp != vp || m->sint != sint))
			continue;
		STAILQ_REMOVE(&synic->messages, m, message, link);
		synic->count--;
		free(m);
	}
}

bool synic_set_event(struct synic *synic, uint32_t vp, uint32_t sint, uint32_t flag)
{
	bool was = synic->events[vp][flag];

	(void)sint;
	synic->events[vp][flag] = 1;
	return !was;
}

size_t fake_synic_take(struct synic *synic, union hvp_chanmsg *msg, u32 *vp)
{
	struct message *m = STAILQ_FIRST(&synic->messages);
	size_t len;

	if (!m)
		return 0;
	*msg = m->body;
	*vp = m->vp;
	len = m->len;
	STAILQ_REMOVE_HEAD(&synic->messages, link);
	synic->count--;
	free(m);
	return len;
}

bool fake_synic_event(struct synic *synic, u32 vp, u32 flag)
{
	bool was = synic->events[vp][flag];

	synic->events[vp][flag] = 0;
	return was;
}

/* Hypercalls */

struct binding {
	u32 conn_id;		/* 0: unused */
	hypercall_event_cb cb;
	void *opaque;
};

struct hypercall {
	const struct hypercall_ops *ops;
	void *opaque;
	u32 open[CONNECTIONS];
	bool held;
	struct binding bindings[BINDINGS];
};

struct hypercall *fake_hypercall_create(void)
{
	return calloc(1, sizeof(struct hypercall));
}

void fake_hypercall_destroy(struct hypercall *hc)
{
	free(hc);
}

void hypercall_set_ops(struct hypercall *hc, const struct hypercall_ops *ops, void *opaque)
{
	hc->ops = ops;
	hc->opaque = opaque;
}

static u32 *find_open(struct hypercall *hc, u32 conn_id)
{
	unsigned int i;

	for (i = 0; i < CONNECTIONS; i++)
		if (hc->open[i] == conn_id)
			return &hc->open[i];
	return NULL;
}

int hypercall_open_message(struct hypercall *hc, uint32_t conn_id)
{
	u32 *slot = find_open(hc, conn_id);

	if (!slot)
		slot = find_open(hc, 0);
	if (!slot)
		return -ENOSPC;
	*slot = conn_id;
	return 0;
}

void hypercall_close_message(struct hypercall *hc, uint32_t conn_id)
{
	u32 *slot = find_open(hc, conn_id);

	if (slot)
		*slot = 0;
}

void hypercall_hold(struct hypercall *hc, bool hold)
{
	hc->held = hold;
}

static struct binding *find_binding(struct hypercall *hc, u32 conn_id)
{
	unsigned int i;

	for (i = 0; i < BINDINGS; i++)
		if (hc->bindings[i].conn_id == conn_id)
			return &hc->bindings[i];
	return NULL;
}

int hypercall_bind_event(struct hypercall *hc, uint32_t conn_id, hypercall_event_cb cb,
			 void *opaque)
{
	struct binding *b;

	if (find_binding(hc, conn_id))
		return -EEXIST;
	b = find_binding(hc, 0);
	if (!b)
		return -ENOMEM;
	*b = (struct binding){ .conn_id = conn_id, .cb = cb, .opaque = opaque };
	return 0;
}

void hypercall_unbind_event(struct hypercall *hc, uint32_t conn_id)
{
	struct binding *b = find_binding(hc, conn_id);

	if (b)
		*b = (struct binding){ 0 };
}

u16 fake_post(struct hypercall *hc, u32 conn_id, u32 type, const void *msg, size_t len)
{
	if (conn_id == 0 || !find_open(hc, conn_id)) {
		hc->ops->refused(hc->opaque, 0, HVP_CALL_POST_MESSAGE, conn_id,
				 HVP_STATUS_INVALID_CONNECTION_ID);
		return HVP_STATUS_INVALID_CONNECTION_ID;
	}
	if (hc->held)	/* as if the queue were full at once */
		return HVP_STATUS_INSUFFICIENT_BUFFERS;
	hc->ops->post_message(hc->opaque, 0, conn_id, type, msg, len);
	return HVP_STATUS_SUCCESS;
}

u16 fake_signal(struct hypercall *hc, u32 conn_id, u64 count)
{
	struct binding *b = conn_id ? find_binding(hc, conn_id) : NULL;

	if (!b) {
		hc->ops->refused(hc->opaque, 0, HVP_CALL_SIGNAL_EVENT, conn_id,
				 HVP_STATUS_INVALID_CONNECTION_ID);
		return HVP_STATUS_INVALID_CONNECTION_ID;
	}
	b->cb(b->opaque, conn_id, count);
	return HVP_STATUS_SUCCESS;
}

void fake_malformed_call(struct hypercall *hc, u16 code, u32 conn_id, u16 status)
{
	hc->ops->refused(hc->opaque, 0, code, conn_id, status);
}

void fake_crash(struct hypercall *hc)
{
	static const uint64_t regs[5] = { 1, 2, 3, 4, 5 };

	hc->ops->crash(hc->opaque, regs);
}
