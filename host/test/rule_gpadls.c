// SPDX-License-Identifier: GPL-2.0-only
#include "host/test/rule_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "host/test/fake_machine.h"
#include "protocol/gpadl.h"

static void refused(struct guest *g)
{
	assert_int_not_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.status, 0);
}

static void gpadl_handle_0(struct guest *g)
{
	start(g);
	guest_send_gpadl(g, ch.relid, 0, 100, 1);
	refused(g);
}

static void gpadl_handle_used_twice(struct guest *g)
{
	start(g);
	guest_send_gpadl(g, ch.relid, ch.gpadl, 100, 1);
	refused(g);
}

static u64 frame_100(void *opaque, u32 i)
{
	(void)opaque;
	return 100 + i;
}

/* Message @index of a list of @pages for the open channel. */
static size_t list_message(u32 pages, u32 index, union hvp_chanmsg *msg)
{
	struct hvp_gpadl_info info = {
		.relid = ch.relid, .gpadl = 0x77, .byte_count = pages * HVP_PAGE_SIZE,
		.pfn_count = pages,
	};

	return (size_t)hvp_gpadl_build(&info, index, frame_100, NULL, msg);
}

static void gpadl_of_two_ranges(struct guest *g)
{
	union hvp_chanmsg msg;
	size_t len;

	start(g);
	len = list_message(3, 0, &msg);
	msg.gpadl_header.range_count = 2;
	guest_post(g, &msg, len);
	refused(g);
}

static void gpadl_with_more_bytes_than_frames(struct guest *g)
{
	struct hvp_gpa_range range = { .byte_count = 4 * HVP_PAGE_SIZE };
	union hvp_chanmsg msg;
	size_t len;

	start(g);
	len = list_message(3, 0, &msg);
	memcpy(msg.bytes + sizeof(msg.gpadl_header), &range, sizeof(range));
	guest_post(g, &msg, len);
	refused(g);
}

static void gpadl_header_cut_short(struct guest *g)
{
	union hvp_chanmsg msg;
	size_t len;

	start(g);
	len = list_message(3, 0, &msg);
	guest_post(g, &msg, len - 8);
	refused(g);
}

static void gpadl_of_memory_that_does_not_exist(struct guest *g)
{
	start(g);
	guest_send_gpadl(g, ch.relid, 0x77, GUEST_MEMORY / HVP_PAGE_SIZE, 1);
	refused(g);
}

static void gpadl_with_a_wild_frame_number(struct guest *g)
{
	start(g);
	guest_send_gpadl(g, ch.relid, 0x77, 1ull << 60, 1);
	refused(g);
}

static void gpadl_body_of_no_list(struct guest *g)
{
	union hvp_chanmsg msg;
	size_t len;

	start(g);
	len = list_message(30, 1, &msg);
	guest_post(g, &msg, len);
}

static void gpadl_body_too_many(struct guest *g)
{
	union hvp_chanmsg msg;
	size_t len;

	start(g);
	guest_send_gpadl(g, ch.relid, 0x77, 100, 30);
	guest_take(g, HVP_CM_GPADL_CREATED);
	len = list_message(30, 1, &msg);
	guest_post(g, &msg, len);
}

static void gpadl_body_with_too_many_frames(struct guest *g)
{
	union hvp_chanmsg msg;

	start(g);
	guest_post(g, &msg, list_message(30, 0, &msg));
	guest_post(g, &msg, list_message(31, 1, &msg));
	refused(g);
}

static void gpadl_body_out_of_order(struct guest *g)
{
	union hvp_chanmsg msg;
	size_t len;

	start(g);
	guest_post(g, &msg, list_message(100, 0, &msg));
	len = list_message(100, 2, &msg);
	msg.gpadl_body.number = 2;
	guest_post(g, &msg, len);
	refused(g);
}

static void gpadl_never_finished(struct guest *g)
{
	union hvp_chanmsg msg;

	start(g);
	guest_post(g, &msg, list_message(100, 0, &msg));
	fake_advance(g->loop, LONG_MS);
}

static void ring_gpadl_never_finished(struct guest *g)
{
	struct hvp_open_channel open;
	union hvp_chanmsg msg;

	offered(g);
	guest_post(g, &msg, list_message(100, 0, &msg));
	open = guest_open_message(&ch);
	open.ring_gpadl = 0x77;
	guest_post(g, &open, sizeof(open));
	assert_int_not_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
}

static void teardown_of_no_gpadl(struct guest *g)
{
	start(g);
	guest_post_teardown(g, ch.relid, 0x1234);
	assert_true(guest_quiet(g));
}

static void teardown_twice(struct guest *g)
{
	u32 handle;

	start(g);
	handle = guest_gpadl(g, ch.relid, 100, 1);
	guest_teardown(g, ch.relid, handle);
	guest_post_teardown(g, ch.relid, handle);
}

static void teardown_by_another_relid(struct guest *g)
{
	start(g);
	guest_post_teardown(g, ch.relid + 1, guest_gpadl(g, ch.relid, 100, 1));
}

static void ring_of_another_relid(struct guest *g)
{
	struct guest_channel sub;
	struct hvp_open_channel msg;

	start(g);
	vmbus_device_offer_subs(dev.device, 1);
	sub = guest_next_offer(g);
	guest_rings(&sub, 8);
	msg = guest_open_message(&sub);
	msg.ring_gpadl = guest_gpadl(g, ch.relid, 100, 8);
	guest_post(g, &msg, sizeof(msg));
	assert_int_not_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
}

static void teardown_of_the_ring_of_an_open_channel(struct guest *g)
{
	start(g);
	guest_post_teardown(g, ch.relid, ch.gpadl);
	assert_true(guest_quiet(g));
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
	guest_take(g, HVP_CM_GPADL_TORNDOWN);
}

static void gpadl_of_a_closed_channel_kept(struct guest *g)
{
	start(g);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
	fake_advance(g->loop, LONG_MS);
}

static void old_ring_kept_at_reopen(struct guest *g)
{
	start(g);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
	ch.gpadl = 0;
	assert_int_equal(guest_open(&ch, 4), 0);
}

const struct rule_case rule_cases_gpadls[] = {
	CASE(RULE_GPADL_ZERO, gpadl_handle_0),
	CASE(RULE_GPADL_DUPLICATE, gpadl_handle_used_twice),
	CASE(RULE_GPADL_RANGE, gpadl_of_two_ranges),
	CASE(RULE_GPADL_RANGE, gpadl_with_more_bytes_than_frames),
	CASE(RULE_GPADL_RANGE, gpadl_header_cut_short),
	CASE(RULE_GPADL_MEMORY, gpadl_of_memory_that_does_not_exist),
	CASE(RULE_GPADL_MEMORY, gpadl_with_a_wild_frame_number),
	CASE(RULE_GPADL_BODY, gpadl_body_of_no_list),
	CASE(RULE_GPADL_BODY, gpadl_body_too_many),
	CASE(RULE_GPADL_BODY, gpadl_body_with_too_many_frames),
	CASE(RULE_GPADL_BODY_ORDER, gpadl_body_out_of_order),
	CASE(RULE_GPADL_INCOMPLETE, gpadl_never_finished),
	CASE(RULE_GPADL_INCOMPLETE, ring_gpadl_never_finished),
	CASE(RULE_GPADL_UNKNOWN, teardown_of_no_gpadl),
	CASE(RULE_GPADL_UNKNOWN, teardown_twice),
	CASE(RULE_GPADL_OWNER, teardown_by_another_relid),
	CASE(RULE_GPADL_OWNER, ring_of_another_relid),
	CASE(RULE_GPADL_IN_USE, teardown_of_the_ring_of_an_open_channel),
	CASE(RULE_GPADL_LEAKED, gpadl_of_a_closed_channel_kept),
	CASE(RULE_GPADL_LEAKED, old_ring_kept_at_reopen),
	{ 0 }
};
