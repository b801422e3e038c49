// SPDX-License-Identifier: GPL-2.0-only
#include "host/test/rule_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "host/test/fake_machine.h"

static void close_of_relid_77(struct guest *g)
{
	start(g);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, 77);
}

static void close_of_relid_0(struct guest *g)
{
	start(g);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, 0);
}

static void open_of_relid_5000(struct guest *g)
{
	struct hvp_open_channel msg;

	start(g);
	msg = guest_open_message(&ch);
	msg.relid = 5000;
	guest_post(g, &msg, sizeof(msg));
	assert_int_not_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
}

static void modify_of_relid_77(struct guest *g)
{
	start(g);
	ch.relid = 77;
	assert_int_not_equal(guest_modify(&ch, 0), 0);
}

static void gpadl_for_relid_77(struct guest *g)
{
	start(g);
	guest_send_gpadl(g, 77, 0x55, 100, 1);
	assert_int_not_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.status, 0);
}

static void release_of_relid_77(struct guest *g)
{
	start(g);
	guest_post_relid(g, HVP_CM_RELID_RELEASED, 77);
}

static void open_long_after_rescind(struct guest *g)
{
	struct hvp_open_channel msg;

	offered(g);
	guest_rings(&ch, 8);
	rescind(g);
	fake_advance(g->loop, LONG_MS);
	msg = guest_open_message(&ch);
	guest_post(g, &msg, sizeof(msg));
	assert_int_not_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
	guest_release(&ch);
}

static void gpadl_long_after_rescind(struct guest *g)
{
	offered(g);
	rescind(g);
	fake_advance(g->loop, LONG_MS);
	guest_send_gpadl(g, ch.relid, 0x55, 100, 1);
	assert_int_not_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.status, 0);
	guest_release(&ch);
}

static void relid_released_twice(struct guest *g)
{
	offered(g);
	rescind(g);
	guest_release(&ch);
	guest_release(&ch);
}

static void relid_released_while_open(struct guest *g)
{
	start(g);
	rescind(g);
	guest_release(&ch);
}

static void relid_released_though_nobody_asked(struct guest *g)
{
	offered(g);
	guest_release(&ch);
}

static void relid_never_released(struct guest *g)
{
	offered(g);
	rescind(g);
	fake_advance(g->loop, LONG_MS);
}

static void relid_never_released_before_unload(struct guest *g)
{
	offered(g);
	rescind(g);
	fake_advance(g->loop, LONG_MS);
	guest_unload(g);
	guest_take(g, HVP_CM_UNLOAD_RESPONSE);
}

/* Opening, closing, moving */

static void open_twice(struct guest *g)
{
	struct hvp_open_channel msg;

	start(g);
	msg = guest_open_message(&ch);
	guest_post(g, &msg, sizeof(msg));
	assert_int_not_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
}

/* Open with one thing wrong. */
static void open_wrongly(struct guest *g, void (*spoil)(struct hvp_open_channel *msg))
{
	struct hvp_open_channel msg;

	offered(g);
	guest_rings(&ch, 8);
	msg = guest_open_message(&ch);
	spoil(&msg);
	guest_post(g, &msg, sizeof(msg));
	assert_int_not_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
	guest_teardown(g, ch.relid, ch.gpadl);
}

static void no_gpadl(struct hvp_open_channel *msg)
{
	msg->ring_gpadl = 0x1234;
}

static void open_without_gpadl(struct guest *g)
{
	open_wrongly(g, no_gpadl);
}

static void downstream_1(struct hvp_open_channel *msg)
{
	msg->downstream_page = 1;
}

static void open_with_no_upstream_ring(struct guest *g)
{
	open_wrongly(g, downstream_1);
}

static void downstream_last(struct hvp_open_channel *msg)
{
	msg->downstream_page = 7;
}

static void open_with_no_downstream_ring(struct guest *g)
{
	open_wrongly(g, downstream_last);
}

static void downstream_wild(struct hvp_open_channel *msg)
{
	msg->downstream_page = 0xffffffff;
}

static void open_with_a_wild_offset(struct guest *g)
{
	open_wrongly(g, downstream_wild);
}

static void bad_index(struct hvp_open_channel *msg)
{
	(void)msg;
	ch.out->write_index = ch.size + 8;
}

static void open_with_a_bad_index(struct guest *g)
{
	open_wrongly(g, bad_index);
}

static void vp_4(struct hvp_open_channel *msg)
{
	msg->target_vp = GUEST_VPS;
}

static void open_on_vp_4_of_4(struct guest *g)
{
	open_wrongly(g, vp_4);
}

static void close_before_open(struct guest *g)
{
	offered(g);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
}

static void close_twice(struct guest *g)
{
	start(g);
	guest_close(&ch);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
}

static void primary_closed_before_its_sub_channel(struct guest *g)
{
	struct guest_channel sub;

	start(g);
	vmbus_device_offer_subs(dev.device, 1);
	sub = guest_next_offer(g);
	assert_int_equal(guest_open(&sub, 8), 0);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
}

static void modify_of_a_closed_channel(struct guest *g)
{
	offered(g);
	assert_int_not_equal(guest_modify(&ch, 1), 0);
}

static void modify_to_vp_4_of_4(struct guest *g)
{
	start(g);
	assert_int_not_equal(guest_modify(&ch, GUEST_VPS), 0);
}

const struct rule_case rule_cases_channels[] = {
	CASE(RULE_RELID_UNKNOWN, close_of_relid_77),
	CASE(RULE_RELID_UNKNOWN, close_of_relid_0),
	CASE(RULE_RELID_UNKNOWN, open_of_relid_5000),
	CASE(RULE_RELID_UNKNOWN, modify_of_relid_77),
	CASE(RULE_RELID_UNKNOWN, gpadl_for_relid_77),
	CASE(RULE_RELID_UNKNOWN, release_of_relid_77),
	CASE(RULE_RELID_RESCINDED, open_long_after_rescind),
	CASE(RULE_RELID_RESCINDED, gpadl_long_after_rescind),
	CASE(RULE_RELID_AGAIN, relid_released_twice),
	CASE(RULE_RELID_OPEN, relid_released_while_open),
	CASE(RULE_RELID_UNASKED, relid_released_though_nobody_asked),
	CASE(RULE_RELID_LEAKED, relid_never_released),
	CASE(RULE_RELID_LEAKED, relid_never_released_before_unload),
	CASE(RULE_OPEN_AGAIN, open_twice),
	CASE(RULE_OPEN_RING, open_without_gpadl),
	CASE(RULE_OPEN_RING, open_with_no_upstream_ring),
	CASE(RULE_OPEN_RING, open_with_no_downstream_ring),
	CASE(RULE_OPEN_RING, open_with_a_wild_offset),
	CASE(RULE_OPEN_RING, open_with_a_bad_index),
	CASE(RULE_OPEN_VP, open_on_vp_4_of_4),
	CASE(RULE_CLOSE_NOT_OPEN, close_before_open),
	CASE(RULE_CLOSE_NOT_OPEN, close_twice),
	CASE(RULE_CLOSE_ORDER, primary_closed_before_its_sub_channel),
	CASE(RULE_MODIFY_NOT_OPEN, modify_of_a_closed_channel),
	CASE(RULE_MODIFY_VP, modify_to_vp_4_of_4),
	{ 0 }
};
