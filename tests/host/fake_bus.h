/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_HOST_FAKE_BUS_H
#define TESTS_HOST_FAKE_BUS_H

/*
 * A bus without rings: the functions of host/vmbus/ that a VSP calls, over
 * plain arrays, and the guest's side of them. For one device and one test
 * program, which includes this once.
 */
#include <errno.h>
#include <sys/uio.h>

#include "host/machine/loop.h"
#include "host/vmbus/channel.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/device.h"
#include "host/vmbus/fault.h"
#include "host/vmbus/vmbus.h"
#include "protocol/version.h"
#include "tests/unit/unit.h"

#define FAKE_CHANNELS	4
#define FAKE_SENT_MAX	64

struct vmbus {
	struct loop *loop;
	struct checker *checker;
	struct fault *fault;
	u32 version;
};

struct vmbus_channel {
	struct vmbus_device *device;
	u16 index;
	bool open;
	void *priv;
	int batch;			/* depth */
	unsigned int commits;		/* batches that ended with something in them */
	unsigned int unpublished;
	const struct channel_packet *incoming;	/* what channel_recv() returns once each */
	unsigned int incoming_count;
	u32 txns;
};

struct vmbus_device {
	struct vmbus *vmbus;
	struct vmbus_device_params params;
	const struct vmbus_device_ops *ops;
	void *dev;
	bool offered;
	u16 subs_offered;
	struct vmbus_channel channels[FAKE_CHANNELS];
};

/* A request in flight and the memory it lends; what the fake keeps of a dropped one, too. */
struct channel_txn {
	struct vmbus_channel *ch;
	u64 id;
	u8 *memory;
	u32 bytes;
	void *opaque;
	int holds;
	void (*resume)(void *opaque, int err);
	void *resume_opaque;
};

/* What the VSP has sent, oldest first. */
struct fake_sent {
	struct vmbus_channel *ch;
	u16 type;
	u64 id;
	u32 len;
	u8 bytes[16384];
};

static struct fake_sent fake_sent[FAKE_SENT_MAX];
static unsigned int fake_sent_count;
static struct channel_txn *fake_dropped;
static struct vmbus_device *fake_device;

/* Memory that the next GPA-direct packet lends. */
static u8 *fake_lent;
static u32 fake_lent_bytes;

/* ---- vmbus.h, device.h ---- */

struct checker *vmbus_checker(struct vmbus *vmbus)
{
	return vmbus->checker;
}

struct fault *vmbus_fault(struct vmbus *vmbus)
{
	return vmbus->fault;
}

struct loop *vmbus_loop(struct vmbus *vmbus)
{
	return vmbus->loop;
}

u32 vmbus_version(const struct vmbus *vmbus)
{
	return vmbus->version;
}

int vmbus_device_create(struct vmbus_device **out, struct vmbus *vmbus,
			const struct vmbus_device_params *params,
			const struct vmbus_device_ops *ops, void *dev)
{
	struct vmbus_device *device = calloc(1, sizeof(*device));
	u16 i;

	assert_non_null(device);
	device->vmbus = vmbus;
	device->params = *params;
	device->ops = ops;
	device->dev = dev;
	for (i = 0; i < FAKE_CHANNELS; i++) {
		device->channels[i].device = device;
		device->channels[i].index = i;
	}
	*out = device;
	fake_device = device;
	return 0;
}

static inline void guest_close(struct vmbus_channel *ch);

void vmbus_device_destroy(struct vmbus_device *device)
{
	int i;

	for (i = FAKE_CHANNELS - 1; device && i >= 0; i--)
		guest_close(&device->channels[i]);
	free(device);
}

int vmbus_device_offer(struct vmbus_device *device)
{
	device->offered = true;
	return 0;
}

int vmbus_device_rescind(struct vmbus_device *device)
{
	device->offered = false;
	return 0;
}

enum vmbus_device_state vmbus_device_state(const struct vmbus_device *device)
{
	return device->offered ? VMBUS_DEVICE_OFFERED : VMBUS_DEVICE_WITHDRAWN;
}

int vmbus_device_offer_subs(struct vmbus_device *device, u16 n)
{
	device->subs_offered = n;
	return 0;
}

struct vmbus_channel *vmbus_device_channel(struct vmbus_device *device, u16 index)
{
	return &device->channels[index];
}

/* ---- channel.h ---- */

u32 channel_relid(const struct vmbus_channel *ch)
{
	return ch->index + 1u;
}

u16 channel_sub_index(const struct vmbus_channel *ch)
{
	return ch->index;
}

void channel_set_private(struct vmbus_channel *ch, void *priv)
{
	ch->priv = priv;
}

void *channel_private(const struct vmbus_channel *ch)
{
	return ch->priv;
}

int channel_recv(struct vmbus_channel *ch, struct channel_packet *pkt)
{
	if (!ch->incoming_count)
		return 0;
	*pkt = *ch->incoming++;
	ch->incoming_count--;
	return 1;
}

void channel_batch_begin(struct vmbus_channel *ch)
{
	ch->batch++;
}

void channel_batch_commit(struct vmbus_channel *ch)
{
	assert_true(ch->batch > 0);
	if (--ch->batch == 0 && ch->unpublished) {
		ch->commits++;
		ch->unpublished = 0;
	}
}

static void fake_record(struct vmbus_channel *ch, u16 type, u64 id, const void *payload, u32 len)
{
	struct fake_sent *sent = &fake_sent[fake_sent_count++];

	assert_true(ch->open && fake_sent_count <= FAKE_SENT_MAX && len <= sizeof(sent->bytes));
	sent->ch = ch;
	sent->type = type;
	sent->id = id;
	sent->len = len;
	memset(sent->bytes, 0, sizeof(sent->bytes));
	memcpy(sent->bytes, payload, len);
	channel_batch_begin(ch);
	ch->unpublished++;
	channel_batch_commit(ch);
}

int channel_send(struct vmbus_channel *ch, u16 type, u64 transaction, const void *header,
		 u32 header_len, const void *payload, u32 len, u16 flags)
{
	(void)header;
	(void)flags;
	assert_int_equal(header_len, 0);
	if (!ch->open)
		return -ENOTCONN;
	fake_record(ch, type, transaction, payload, len);
	return 0;
}

void channel_reply(struct vmbus_channel *ch, const struct channel_packet *pkt,
		   const void *payload, u32 len)
{
	fake_record(ch, HVP_PKT_COMPLETION, pkt->transaction, payload, len);
}

int channel_txn_begin(struct channel_txn **out, struct vmbus_channel *ch,
		      const struct channel_packet *pkt, void *opaque)
{
	struct channel_txn *txn = calloc(1, sizeof(*txn));

	assert_non_null(txn);
	txn->ch = ch;
	txn->id = pkt->transaction;
	txn->opaque = opaque;
	if (pkt->type == HVP_PKT_GPA_DIRECT) {
		txn->memory = fake_lent;
		txn->bytes = fake_lent_bytes;
	}
	ch->txns++;
	*out = txn;
	return 0;
}

void channel_txn_end(struct channel_txn *txn)
{
	assert_int_equal(txn->holds, 0);
	assert_true(txn->ch->txns > 0);
	txn->ch->txns--;
	free(txn);
}

void channel_txn_complete(struct channel_txn *txn, const void *payload, u32 len)
{
	if (txn->ch->open)
		fake_record(txn->ch, HVP_PKT_COMPLETION, txn->id, payload, len);
	channel_txn_end(txn);
}

struct vmbus_channel *channel_txn_channel(const struct channel_txn *txn)
{
	return txn->ch;
}

u32 channel_txn_bytes(const struct channel_txn *txn)
{
	return txn->bytes;
}

int channel_txn_iov(struct channel_txn *txn, u32 offset, u32 len, bool write, struct iovec *iov,
		    unsigned int max)
{
	(void)write;
	if (offset + len > txn->bytes)
		return -EFAULT;
	if (!max)
		return -E2BIG;
	iov[0] = (struct iovec){ txn->memory + offset, len };
	txn->holds++;
	return 1;
}

void channel_txn_release(struct channel_txn *txn)
{
	txn->holds--;
}

/* Only "drop": at most one request is kept, until its channel closes. */
bool channel_txn_fault(struct channel_txn *txn, enum fault_point point,
		       void (*resume)(void *opaque, int err), void *opaque)
{
	struct fault_ctx ctx = { txn->ch->device->params.name, channel_relid(txn->ch) };
	struct fault_action action = fault_hit(txn->ch->device->vmbus->fault, point, &ctx);

	if (action.kind != FAULT_DROP)
		return false;
	txn->resume = resume;
	txn->resume_opaque = opaque;
	fake_dropped = txn;
	return true;
}

bool channel_txn_recall(struct channel_txn *txn)
{
	(void)txn;
	return false;
}

/* ---- the guest ---- */

static inline void fake_bus_start(struct vmbus *vmbus, u32 version)
{
	*vmbus = (struct vmbus){
		.loop = loop_create(),
		.checker = checker_create(),
		.fault = fault_create(),
		.version = version,
	};
	assert_true(vmbus->loop && vmbus->checker && vmbus->fault);
	fake_sent_count = 0;
	fake_dropped = NULL;
	fake_lent = NULL;
	fake_lent_bytes = 0;
}

static inline void fake_bus_stop(struct vmbus *vmbus)
{
	fault_destroy(vmbus->fault);
	checker_destroy(vmbus->checker);
	loop_destroy(vmbus->loop);
}

static void fake_stop_loop(void *loop)
{
	loop_stop(loop);
}

/* Let what is deferred happen. */
static inline void fake_run(struct vmbus *vmbus)
{
	loop_defer(vmbus->loop, fake_stop_loop, vmbus->loop);
	assert_int_equal(loop_run(vmbus->loop), 0);
}

static inline void guest_open(struct vmbus_channel *ch)
{
	assert_int_equal(ch->device->ops->open(ch->device->dev, ch), 0);
	ch->open = true;
}

static inline void guest_close(struct vmbus_channel *ch)
{
	struct channel_txn *dropped = fake_dropped;

	if (!ch->open)
		return;
	ch->open = false;
	ch->device->ops->closed(ch->device->dev, ch);
	if (dropped && dropped->ch == ch) {
		fake_dropped = NULL;
		dropped->resume(dropped->resume_opaque, -ECANCELED);
	}
	assert_int_equal(ch->batch, 0);
}

static inline void guest_send_packets(struct vmbus_channel *ch, const struct channel_packet *pkts,
				      unsigned int count)
{
	ch->incoming = pkts;
	ch->incoming_count = count;
	channel_batch_begin(ch);
	ch->device->ops->readable(ch->device->dev, ch);
	channel_batch_commit(ch);
	assert_int_equal(ch->incoming_count, 0);
}

static inline void guest_send(struct vmbus_channel *ch, u16 type, u64 id, const void *payload,
			      u32 len, u16 flags)
{
	static const u8 page_list[64];
	struct channel_packet pkt = {
		.type = type, .flags = flags, .transaction = id,
		.header = page_list,
		.header_len = type == HVP_PKT_GPA_DIRECT ? sizeof(page_list) : 0,
		.payload = payload, .payload_len = len,
	};

	guest_send_packets(ch, &pkt, 1);
}

/* The next packet of the VSP; there must be one. */
static inline const struct fake_sent *guest_receive(void)
{
	static struct fake_sent first;

	assert_true(fake_sent_count > 0);
	first = fake_sent[0];
	memmove(fake_sent, fake_sent + 1, --fake_sent_count * sizeof(first));
	return &first;
}

#endif
