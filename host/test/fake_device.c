// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device of the host for the tests: it answers requests, or holds them, or
 * loses them at a fault point, and remembers what happened to it.
 */
#include "host/test/fake_guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static u32 dev_open(void *opaque, struct vmbus_channel *ch)
{
	struct test_device *dev = opaque;

	if (dev->open_status)
		return dev->open_status;
	dev->opens++;
	if (channel_sub_index(ch))
		dev->sub = ch;
	else
		dev->ch = ch;
	return 0;
}

static void end_held(struct test_device *dev, struct vmbus_channel *ch)
{
	unsigned int i, left = 0;

	for (i = 0; i < dev->held_count; i++) {
		if (channel_txn_channel(dev->held[i]) == ch)
			channel_txn_end(dev->held[i]);
		else
			dev->held[left++] = dev->held[i];
	}
	dev->held_count = left;
}

static void dev_closed(void *opaque, struct vmbus_channel *ch)
{
	struct test_device *dev = opaque;

	dev->closes++;
	if (!dev->late)
		end_held(dev, ch);
	if (channel_sub_index(ch))
		dev->sub = NULL;
	else
		dev->ch = NULL;
}

static void work(struct test_device *dev, struct channel_txn *txn)
{
	if (dev->hold && dev->held_count < 64)
		dev->held[dev->held_count++] = txn;
	else
		channel_txn_complete(txn, dev->last, dev->last_len);
}

struct parked {
	struct test_device *dev;
	struct channel_txn *txn;
};

static void resumed(void *opaque, int err)
{
	struct parked *p = opaque;

	p->dev->resumed++;
	p->dev->resumed_err = err;
	if (err)
		channel_txn_end(p->txn);
	else
		work(p->dev, p->txn);
	free(p);
}

static void take_request(struct test_device *dev, struct vmbus_channel *ch,
			 const struct channel_packet *pkt)
{
	struct parked *p = calloc(1, sizeof(*p));

	p->dev = dev;
	if (channel_txn_begin(&p->txn, ch, pkt, dev)) {
		free(p);
		channel_reply(ch, pkt, "no", 2);
		return;
	}
	if (channel_txn_fault(p->txn, FAULT_STOR_SRB, resumed, p))
		return;
	work(dev, p->txn);
	free(p);
}

static void dev_readable(void *opaque, struct vmbus_channel *ch)
{
	struct test_device *dev = opaque;
	unsigned int left = dev->budget ? dev->budget : ~0u;
	struct channel_packet pkt;

	while (left-- && channel_recv(ch, &pkt)) {
		dev->packets++;
		dev->last_type = pkt.type;
		dev->last_id = pkt.transaction;
		dev->last_len = pkt.payload_len < sizeof(dev->last) ? pkt.payload_len :
								      sizeof(dev->last);
		memcpy(dev->last, pkt.payload, dev->last_len);
		if (pkt.flags & HVP_PKT_WANT_COMPLETION && !dev->silent)
			take_request(dev, ch, &pkt);
	}
}

static void dev_writable(void *opaque, struct vmbus_channel *ch)
{
	struct test_device *dev = opaque;

	assert_false(channel_congested(ch));
	dev->writables++;
}

static void dev_rescinded(void *opaque)
{
	((struct test_device *)opaque)->rescinds++;
}

static void dev_withdrawn(void *opaque)
{
	((struct test_device *)opaque)->withdrawals++;
}

static const struct vmbus_device_ops dev_ops = {
	.open = dev_open,
	.closed = dev_closed,
	.readable = dev_readable,
	.writable = dev_writable,
	.rescinded = dev_rescinded,
	.withdrawn = dev_withdrawn,
};

void test_device_offer(struct test_device *dev, struct guest *g, const char *name, u8 number)
{
	struct vmbus_device_params params = {
		.name = name,
		.class_id = HVP_CLASS_SCSI,
		.instance_id = HVP_GUID(0x11111111, 0x2222, 0x3333, 0, 0, 0, 0, 0, 0, 0, number),
		.user_defined = { 0xab },
	};

	snprintf(dev->name, sizeof(dev->name), "%s", name);
	assert_int_equal(vmbus_device_create(&dev->device, g->vmbus, &params, &dev_ops, dev), 0);
	assert_int_equal(vmbus_device_offer(dev->device), 0);
}

void test_device_answer(struct test_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->held_count; i++)
		channel_txn_complete(dev->held[i], dev->last, dev->last_len);
	dev->held_count = 0;
}
