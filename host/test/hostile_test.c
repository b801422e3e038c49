// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that does anything, in any order. Nothing is expected of the host
 * but to stay in one piece, to keep its tables bounded and to own nothing in
 * the end; the sanitizers are the judges. A run is repeated by its seed:
 * HOSTILE_SEED=N, HOSTILE_RUNS=N.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/test/fake_guest.h"
#include "host/test/fake_machine.h"
#include "protocol/gpadl.h"
#include "protocol/version.h"

#define STEPS		400
#define DEVICES		3
#define CHANNELS	8

static u64 seed;

static u32 any(u32 below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(seed >> 33) % below;
}

struct hostile {
	struct guest *g;
	struct test_device dev[DEVICES];
	struct guest_channel ch[CHANNELS];
	bool mapped[CHANNELS];
};

/* Mostly one that exists. */
static u32 some_relid(struct hostile *h)
{
	struct vmbus_channel *ch = NULL;
	u32 n = any(CHANNELS);

	if (!any(20))
		return any(5000);
	do
		ch = vmbus_channel_next(h->g->vmbus, ch);
	while (ch && n--);
	return ch ? channel_relid(ch) : any(CHANNELS);
}

static u32 some_gpadl(struct hostile *h)
{
	return any(8) ? h->g->next_gpadl - any(6) : any(0x7fffffff);
}

static void random_message(struct hostile *h)
{
	static const u32 conns[] = { 1, 4, 0x2a01, 77 };
	union hvp_chanmsg msg;
	u32 i;

	memset(&msg, 0, sizeof(msg));
	for (i = 0; i < sizeof(msg) && any(4); i++)
		msg.bytes[any(sizeof(msg))] = (u8)any(256);
	msg.h.type = any(26);
	if (msg.h.type == HVP_CM_UNLOAD || msg.h.type == HVP_CM_INITIATE_CONTACT)
		return;
	msg.h.padding = any(10) ? 0 : any(256);
	msg.open.relid = some_relid(h);
	guest_post_on(h->g, any(4) ? h->g->conn : conns[any(4)], &msg, any(sizeof(msg) + 1));
}

static void random_gpadl(struct hostile *h)
{
	struct hvp_gpadl_header *header;
	struct hvp_gpa_range range;
	union hvp_chanmsg msg;

	memset(&msg, 0xff, sizeof(msg));
	header = &msg.gpadl_header;
	*header = (struct hvp_gpadl_header){
		.h.type = HVP_CM_GPADL_HEADER, .relid = some_relid(h), .gpadl = some_gpadl(h),
		.range_buflen = (u16)(any(4) ? 8 + 8 * any(60) : any(0x10000)),
		.range_count = (u16)(any(8) ? 1 : any(0x10000)),
	};
	range.byte_count = any(4) ? any(60) * 4096 : any(0x7fffffff);
	range.byte_offset = any(8) ? 0 : any(0x7fffffff);
	memcpy(msg.bytes + sizeof(*header), &range, sizeof(range));
	guest_post(h->g, &msg, any(sizeof(msg) + 1));
}

static void random_body(struct hostile *h)
{
	union hvp_chanmsg msg = { .gpadl_body = {
		.h.type = HVP_CM_GPADL_BODY, .number = any(3), .gpadl = some_gpadl(h),
	} };

	guest_post(h->g, &msg, 16 + 8 * any(29));
}

static void take_all(struct hostile *h)
{
	union hvp_chanmsg msg;
	u32 vp;

	fake_settle(h->g->loop);
	while (fake_synic_take(h->g->synic, &msg, &vp))
		;
}

static void contact(struct hostile *h)
{
	static const u32 versions[] = { HVP_V5_3, HVP_V5_0, HVP_V4_0, HVP_V2_4, 0x60000, 7 };
	u32 version = versions[any(6)];
	struct hvp_initiate_contact msg;

	if (vmbus_state(h->g->vmbus) == VMBUS_RUNNING && any(30))
		return;
	msg = guest_contact_message(h->g, version);
	if (!any(6))
		msg.target_vp = any(9);
	if (!any(6))
		msg.interrupt_page = any(0x7fffffff);
	guest_post_on(h->g, version >= HVP_V5_0 ? 4 : 1, &msg, sizeof(msg));
	h->g->conn = version >= HVP_V5_0 ? 0x2a01 : 1;
	if (any(8))
		guest_request_offers(h->g);
	take_all(h);
}

/* A whole, sound open, if the host lets us. */
static void open_channel(struct hostile *h)
{
	u32 relid = some_relid(h), i = relid % CHANNELS;
	struct guest_channel *ch = &h->ch[i];
	struct hvp_open_channel msg;
	u64 pfn = 64 + i * 16;

	*ch = (struct guest_channel){ .guest = h->g, .relid = relid, .pages = 8, .size = 3 * 4096 };
	ch->offer.connection_id = 0x10000 + ch->relid;
	ch->gpadl = h->g->next_gpadl++;
	ch->out = guest_page(h->g, pfn);
	ch->out_data = (u8 *)ch->out + 4096;
	ch->in = guest_page(h->g, pfn + 4);
	ch->in_data = (u8 *)ch->in + 4096;
	memset(ch->out, 0, sizeof(*ch->out));
	memset(ch->in, 0, sizeof(*ch->in));
	ch->in->features = any(2);
	h->mapped[i] = true;
	guest_send_gpadl(h->g, ch->relid, ch->gpadl, pfn, 8);
	msg = guest_open_message(ch);
	if (!any(10))
		msg.downstream_page = any(10);
	guest_post(h->g, &msg, sizeof(msg));
}

static struct guest_channel *some_channel(struct hostile *h)
{
	u32 i = any(CHANNELS);

	return h->mapped[i] ? &h->ch[i] : NULL;
}

static void close_channel(struct hostile *h)
{
	struct guest_channel *ch = &h->ch[any(CHANNELS)];
	u32 relid = ch->relid && any(4) ? ch->relid : some_relid(h);

	guest_post_relid(h->g, HVP_CM_CLOSE_CHANNEL, relid);
	if (any(4))
		guest_post_teardown(h->g, relid, any(4) ? ch->gpadl : some_gpadl(h));
	if (any(2))
		guest_post_relid(h->g, HVP_CM_RELID_RELEASED, relid);
}

static void good_packets(struct hostile *h)
{
	struct guest_channel *ch = some_channel(h);
	u32 n = any(40);

	if (!ch || !hvp_ring_index_ok(ch->out->write_index, ch->size) ||
	    !hvp_ring_index_ok(ch->out->read_index, ch->size))
		return;
	while (n--) {
		if (any(4))
			guest_put(ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, any(50), NULL, 0,
				  "payload", 7);
		else
			guest_send_pages(ch, any(50), any(20000), any(4096), any(40000));
	}
	guest_signal(ch);
}

static void bad_ring(struct hostile *h)
{
	struct guest_channel *ch = some_channel(h);
	u32 *word;

	if (!ch)
		return;
	word = any(2) ? &ch->out->write_index : &ch->in->write_index;
	if (any(2))
		word[any(4)] = any(3) ? any(ch->size / 8) * 8 : any(0x7fffffff);
	else
		ch->out_data[any(ch->size)] = (u8)any(256);
	guest_signal(ch);
}

static void read_some(struct hostile *h)
{
	struct guest_channel *ch = some_channel(h);

	if (!ch)
		return;
	ch->in->read_index = ch->in->write_index;
	guest_signal(ch);
}

static void host_acts(struct hostile *h)
{
	struct test_device *dev = &h->dev[any(DEVICES)];

	switch (any(8)) {
	case 0:
		vmbus_device_rescind(dev->device);
		break;
	case 1:
		vmbus_device_offer(dev->device);
		break;
	case 2:
		vmbus_device_offer_subs(dev->device, (u16)any(4));
		break;
	case 3:
		vmbus_device_rescind_sub(dev->device, (u16)any(4));
		break;
	case 4:
		dev->hold = any(2);
		dev->budget = any(3);
		break;
	case 5:
		if (dev->ch)
			channel_send(dev->ch, HVP_PKT_INBAND, any(20), NULL, 0, "x", 1, (u16)any(2));
		break;
	case 6:
		if (dev->ch)
			channel_resume(dev->ch);
		break;
	default:
		test_device_answer(dev);
	}
}

static void pass_time(struct hostile *h)
{
	fake_advance(h->g->loop, any(3000));
}

static void fault(struct hostile *h)
{
	static const char *const texts[] = {
		"msg.open-result drop", "msg.gpadl-torndown delay=700", "ring.complete delay=50",
		"ring.complete drop", "ring.drain delay=20", "ring.signal rescind",
		"stor.srb delay=300", "stor.srb drop", "msg.offer rescind", "ring.send delay=10",
		"msg.unload-response delay=900", "ring.drain rescind",
	};
	struct err err;

	fault_arm(vmbus_fault(h->g->vmbus), texts[any(HVP_COUNT_OF(texts))], NULL, &err);
}

static void unload(struct hostile *h)
{
	if (!any(12))
		guest_unload(h->g);
}

static void (*const actions[])(struct hostile *h) = {
	random_message, random_gpadl, random_body, contact, contact, open_channel, open_channel,
	open_channel, close_channel, good_packets, good_packets, good_packets, bad_ring, read_some,
	host_acts, host_acts, pass_time, fault, unload, take_all,
};

static void one_run(void)
{
	struct hostile h = { .g = guest_create(NULL) };
	char name[16];
	u32 i;

	for (i = 0; i < DEVICES; i++) {
		snprintf(name, sizeof(name), "scsi%u", i);
		test_device_offer(&h.dev[i], h.g, name, (u8)i);
	}
	contact(&h);
	for (i = 0; i < STEPS; i++)
		actions[any(HVP_COUNT_OF(actions))](&h);
	guest_finish(h.g);
	guest_destroy(h.g);
}

static u64 setting(const char *name, u64 normal)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : normal;
}

static void anything_in_any_order(void **state)
{
	u64 first = setting("HOSTILE_SEED", 1), runs = setting("HOSTILE_RUNS", 150), i;

	(void)state;
	for (i = 0; i < runs; i++) {
		seed = first + i;
		one_run();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(anything_in_any_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
