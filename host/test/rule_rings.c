// SPDX-License-Identifier: GPL-2.0-only
#include "host/test/rule_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "host/test/fake_machine.h"
#include "protocol/hypercall.h"

static void signal_before_open(struct guest *g)
{
	offered(g);
	guest_signal(&ch);
}

static void signal_after_close(struct guest *g)
{
	start(g);
	guest_close(&ch);
	guest_signal(&ch);
}

/* The host opens the channel before it looks at what was refused. */
static void signal_before_open_seen_late(struct guest *g)
{
	start(g);
	fake_malformed_call(g->hypercall, HVP_CALL_SIGNAL_EVENT, ch.offer.connection_id,
			    HVP_STATUS_INVALID_CONNECTION_ID);
}

static void signal_without_a_packet(struct guest *g)
{
	start(g);
	guest_send(&ch, HVP_PKT_INBAND, 0, 1, "x", 1);
	guest_signal(&ch);
}

static void packet_without_a_signal(struct guest *g)
{
	start(g);
	guest_put(&ch, HVP_PKT_INBAND, 0, 1, NULL, 0, "x", 1);
	fake_advance(g->loop, 32000);
}

/* Rings */

static void spoil_and_signal(void)
{
	guest_put(&ch, HVP_PKT_INBAND, 0, 1, NULL, 0, "x", 1);
	guest_signal(&ch);
	assert_int_equal(dev.packets, 0);
	assert_true(channel_broken(dev.ch));
}

static void write_index_outside(struct guest *g)
{
	start(g);
	ch.out->write_index = ch.size;
	guest_signal(&ch);
	assert_true(channel_broken(dev.ch));
}

static void write_index_unaligned(struct guest *g)
{
	start(g);
	ch.out->write_index = 44;
	guest_signal(&ch);
	assert_true(channel_broken(dev.ch));
}

static void read_index_outside(struct guest *g)
{
	start(g);
	ch.in->read_index = ch.size;
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 0, NULL, 0, "x", 1, 0), 0);
	assert_true(channel_broken(dev.ch));
}

/* The host has seen three packets and read one; the guest takes one back. */
static void write_index_moved_back(struct guest *g)
{
	u32 second = 0;
	int i;

	start(g);
	dev.budget = 1;
	for (i = 0; i < 3; i++) {
		second = ch.out->write_index;
		guest_put(&ch, HVP_PKT_INBAND, 0, 1, NULL, 0, "x", 1);
	}
	guest_signal(&ch);
	assert_int_equal(dev.packets, 1);
	ch.out->write_index = second;
	channel_resume(dev.ch);
	fake_settle(g->loop);
	assert_int_equal(dev.packets, 1);
	assert_true(channel_broken(dev.ch));
}

static void read_index_passes_write_index(struct guest *g)
{
	start(g);
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 0, NULL, 0, "x", 1, 0), 0);
	ch.in->read_index = 64;
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 0, NULL, 0, "x", 1, 0), 0);
	assert_true(channel_broken(dev.ch));
}

/* A descriptor of our own, and a ring that says it holds @queued bytes. */
static void raw_packet(u16 type, u16 offset8, u16 len8, u32 queued)
{
	struct hvp_packet_desc desc = { .type = type, .offset8 = offset8, .len8 = len8 };

	memcpy(ch.out_data, &desc, sizeof(desc));
	ch.out->write_index = queued;
	guest_signal(&ch);
	assert_true(channel_broken(dev.ch));
	assert_int_equal(dev.packets, 0);
}

static void packet_of_length_0(struct guest *g)
{
	start(g);
	raw_packet(HVP_PKT_INBAND, 2, 0, 32);
}

static void packet_longer_than_what_is_queued(struct guest *g)
{
	start(g);
	raw_packet(HVP_PKT_INBAND, 2, 4, 32);
}

static void packet_offset_behind_its_end(struct guest *g)
{
	start(g);
	raw_packet(HVP_PKT_INBAND, 4, 3, 32);
}

static void packet_of_unknown_type(struct guest *g)
{
	start(g);
	raw_packet(99, 2, 3, 32);
}

static void half_a_descriptor(struct guest *g)
{
	start(g);
	raw_packet(HVP_PKT_INBAND, 2, 3, 16);
}

static void guest_writes_the_host_s_read_index(struct guest *g)
{
	start(g);
	ch.out->read_index = 8;
	spoil_and_signal();
}

static void guest_writes_the_host_s_mask(struct guest *g)
{
	start(g);
	guest_send(&ch, HVP_PKT_INBAND, 0, 1, "x", 1);
	dev.packets = 0;
	ch.out->interrupt_mask = 1;
	spoil_and_signal();
}

static void guest_writes_the_host_s_write_index(struct guest *g)
{
	start(g);
	ch.in->write_index = 8;
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 0, NULL, 0, "x", 1, 0), 0);
	assert_true(channel_broken(dev.ch));
}

static void trailer_of_another_packet(struct guest *g)
{
	start(g);
	guest_put(&ch, HVP_PKT_INBAND, 0, 1, NULL, 0, "x", 1);
	memset(ch.out_data + 24, 0xff, 8);
	guest_signal(&ch);
	assert_true(channel_broken(dev.ch));
}

const struct rule_case rule_cases_rings[] = {
	CASE(RULE_SIGNAL_CLOSED, signal_before_open),
	CASE(RULE_SIGNAL_CLOSED, signal_after_close),
	CASE(RULE_SIGNAL_CLOSED, signal_before_open_seen_late),
	CASE(RULE_SIGNAL_NEEDLESS, signal_without_a_packet),
	CASE(RULE_SIGNAL_MISSING, packet_without_a_signal),
	CASE(RULE_RING_INDEX, write_index_outside),
	CASE(RULE_RING_INDEX, write_index_unaligned),
	CASE(RULE_RING_INDEX, read_index_outside),
	CASE(RULE_RING_BACKWARDS, write_index_moved_back),
	CASE(RULE_RING_BACKWARDS, read_index_passes_write_index),
	CASE(RULE_RING_PACKET, packet_of_length_0),
	CASE(RULE_RING_PACKET, packet_longer_than_what_is_queued),
	CASE(RULE_RING_PACKET, packet_offset_behind_its_end),
	CASE(RULE_RING_PACKET, packet_of_unknown_type),
	CASE(RULE_RING_PACKET, half_a_descriptor),
	CASE(RULE_RING_HOST_FIELD, guest_writes_the_host_s_read_index),
	CASE(RULE_RING_HOST_FIELD, guest_writes_the_host_s_mask),
	CASE(RULE_RING_HOST_FIELD, guest_writes_the_host_s_write_index),
	CASE(RULE_RING_TRAILER, trailer_of_another_packet),
	{ 0 }
};
