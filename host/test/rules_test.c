// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every rule of the protocol checker is broken at least once, in an otherwise
 * legal session, and exactly that rule must be named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/machine/memory.h"
#include "host/test/fake_guest.h"
#include "host/test/fake_machine.h"
#include "protocol/gpadl.h"
#include "protocol/synic.h"
#include "protocol/version.h"

#define LONG_MS 11000	/* past what the checker calls old */

static struct test_device dev;
static struct guest_channel ch;

static void start(struct guest *g)
{
	guest_start(g, &dev, &ch);
}

static void offered(struct guest *g)
{
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
}

/* Messages */

static void close_message_of_8_bytes(struct guest *g)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_CLOSE_CHANNEL };

	start(g);
	guest_post(g, &msg, sizeof(msg));
}

static void message_of_4_bytes(struct guest *g)
{
	start(g);
	guest_post(g, "\x03\0\0", 4);
}

static void message_type_18(struct guest *g)
{
	struct hvp_relid_msg msg = { .h.type = 18 };

	start(g);
	guest_post(g, &msg, sizeof(msg));
}

static void message_type_99(struct guest *g)
{
	struct hvp_relid_msg msg = { .h.type = 99 };

	start(g);
	guest_post(g, &msg, sizeof(msg));
}

static void guest_offers_a_channel(struct guest *g)
{
	struct hvp_offer_channel msg = { .h.type = HVP_CM_OFFER_CHANNEL, .relid = 1 };

	start(g);
	guest_post(g, &msg, sizeof(msg));
}

static void modify_channel_on_4_0(struct guest *g)
{
	struct hvp_modify_channel msg = { .h.type = HVP_CM_MODIFY_CHANNEL };

	guest_connect(g, HVP_V4_0);
	guest_all_offers(g);
	guest_post(g, &msg, sizeof(msg));
}

static void request_offers_before_contact(struct guest *g)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_REQUEST_OFFERS };

	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void request_offers_after_refused_contact(struct guest *g)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_REQUEST_OFFERS };

	assert_false(guest_contact(g, HVP_VERSION(6, 0)));
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void request_offers_after_unload(struct guest *g)
{
	start(g);
	guest_unload(g);
	guest_take(g, HVP_CM_UNLOAD_RESPONSE);
	guest_request_offers(g);
}

static void close_after_unload_of_4_0(struct guest *g)
{
	guest_connect(g, HVP_V4_0);
	guest_all_offers(g);
	guest_unload(g);
	guest_take(g, HVP_CM_UNLOAD_RESPONSE);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, 1);
}

static void unload_twice(struct guest *g)
{
	dev.hold = true;
	dev.late = true;
	start(g);
	guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 1, "x", 1);
	guest_unload(g);
	guest_unload(g);
	test_device_answer(&dev);
	guest_take(g, HVP_CM_UNLOAD_RESPONSE);
	assert_true(guest_quiet(g));
}

static void request_offers_on_connection_4(struct guest *g)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_REQUEST_OFFERS };

	assert_true(guest_contact(g, HVP_V5_3));
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void contact_of_5_3_on_connection_1(struct guest *g)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	guest_post_on(g, HVP_CONN_MESSAGE_OLD, &msg, sizeof(msg));
}

static void message_on_a_connection_that_does_not_exist(struct guest *g)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	guest_post_on(g, 77, &msg, sizeof(msg));
}

static void padding_of_a_message(struct guest *g)
{
	struct hvp_chanmsg_header msg = { .type = HVP_CM_REQUEST_OFFERS, .padding = 0xdead };

	assert_true(guest_contact(g, HVP_V5_3));
	guest_post(g, &msg, sizeof(msg));
}

static void bytes_behind_a_message(struct guest *g)
{
	struct hvp_chanmsg_header msg[2] = { { .type = HVP_CM_REQUEST_OFFERS }, { .type = 7 } };

	assert_true(guest_contact(g, HVP_V5_3));
	guest_post(g, msg, sizeof(msg));
}

static void reserved_bytes_of_contact(struct guest *g)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	msg.target.reserved[5] = 1;
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void one_monitor_page(struct guest *g)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	msg.monitor_page_to_guest = 0;
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void contact_names_vp_4_of_4(struct guest *g)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	msg.target_vp = GUEST_VPS;
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void contact_names_sint_16(struct guest *g)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	msg.target.sint = HVP_SINT_COUNT;
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void offers_requested_twice(struct guest *g)
{
	start(g);
	guest_request_offers(g);
	assert_true(guest_quiet(g));
}

static void malformed_post(struct guest *g)
{
	start(g);
	fake_malformed_call(g->hypercall, HVP_CALL_POST_MESSAGE, 4, HVP_STATUS_INVALID_PARAMETER);
}

static void message_that_is_no_channel_message(struct guest *g)
{
	start(g);
	fake_post(g->hypercall, g->conn, 2, "12345678", 8);
}

static void signal_of_a_connection_nobody_offered(struct guest *g)
{
	start(g);
	fake_signal(g->hypercall, 0x77, 1);
}

/* Relids */

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

static void rescind(struct guest *g)
{
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	guest_take(g, HVP_CM_RESCIND_OFFER);
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

/* GPADLs */

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

static void too_many_gpadls(struct guest *g)
{
	u32 i;

	start(g);
	for (i = 1; i < VMBUS_MAX_GPADLS; i++)
		guest_gpadl(g, ch.relid, 100, 1);
	guest_send_gpadl(g, ch.relid, 0x77, 100, 1);
	refused(g);
}

static void too_many_gpadl_pages(struct guest *g)
{
	u32 shared = 4;

	start(g);
	for (; shared + 8000 <= VMBUS_MAX_GPADL_PAGES; shared += 8000)
		guest_gpadl(g, ch.relid, 100, 8000);
	guest_send_gpadl(g, ch.relid, 0x77, 100, 8000);
	refused(g);
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

/* Signals */

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
	fake_advance(g->loop, LONG_MS);
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

/* Transactions */

static void completion_nobody_waits_for(struct guest *g)
{
	start(g);
	guest_send(&ch, HVP_PKT_COMPLETION, 0, 5, "x", 1);
}

static void completion_twice(struct guest *g)
{
	start(g);
	channel_send(dev.ch, HVP_PKT_INBAND, 9, NULL, 0, "ask", 3, HVP_PKT_WANT_COMPLETION);
	guest_send(&ch, HVP_PKT_COMPLETION, 0, 9, "x", 1);
	guest_send(&ch, HVP_PKT_COMPLETION, 0, 9, "x", 1);
}

static void transaction_id_used_twice(struct guest *g)
{
	start(g);
	dev.hold = true;
	guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 9, "x", 1);
	guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 9, "x", 1);
	test_device_answer(&dev);
}

static void pages_that_do_not_exist(struct guest *g)
{
	start(g);
	guest_send_pages(&ch, 1, GUEST_MEMORY / HVP_PAGE_SIZE, 0, 4096);
	assert_int_equal(dev.held_count, 0);
}

static void page_list_longer_than_its_header(struct guest *g)
{
	struct hvp_gpa_direct list = { .range_count = 1 };
	struct hvp_gpa_range range = { .byte_count = 2 * HVP_PAGE_SIZE };
	u8 header[24] = { 0 };

	start(g);
	memcpy(header, &list, sizeof(list));
	memcpy(header + sizeof(list), &range, sizeof(range));
	guest_put(&ch, HVP_PKT_GPA_DIRECT, HVP_PKT_WANT_COMPLETION, 1, header, sizeof(header), "x", 1);
	guest_signal(&ch);
}

static void host_request_never_completed(struct guest *g)
{
	start(g);
	channel_send(dev.ch, HVP_PKT_INBAND, 9, NULL, 0, "ask", 3, HVP_PKT_WANT_COMPLETION);
	guest_close(&ch);
}

/* This host */

static void vsp_goes_around_the_bus(struct guest *g)
{
	start(g);
	assert_int_equal(gmem_write(g->gmem, 0x5000, "x", 1), -EFAULT);
}

static void vsp_ends_a_transaction_with_pointers(struct guest *g)
{
	struct iovec iov;

	start(g);
	dev.hold = true;
	guest_send_pages(&ch, 1, 100, 0, 4096);
	assert_int_equal(channel_txn_iov(dev.held[0], 0, 4096, true, &iov, 1), 1);
	test_device_answer(&dev);
}

static void vsp_never_ends_a_transaction(struct guest *g)
{
	start(g);
	dev.hold = true;
	dev.late = true;
	guest_send_pages(&ch, 1, 100, 0, 4096);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
	fake_advance(g->loop, LONG_MS);
	assert_true(guest_finish(g) > 0);
	test_device_answer(&dev);
}

/* The table */

struct rule_case {
	enum checker_rule rule;
	const char *name;
	void (*run)(struct guest *g);
};

#define CASE(rule, f) { rule, #f, f }

static const struct rule_case cases[] = {
	CASE(RULE_MSG_SHORT, close_message_of_8_bytes),
	CASE(RULE_MSG_SHORT, message_of_4_bytes),
	CASE(RULE_MSG_UNKNOWN, message_type_18),
	CASE(RULE_MSG_UNKNOWN, message_type_99),
	CASE(RULE_MSG_DIRECTION, guest_offers_a_channel),
	CASE(RULE_MSG_DIRECTION, modify_channel_on_4_0),
	CASE(RULE_MSG_BEFORE_CONTACT, request_offers_before_contact),
	CASE(RULE_MSG_BEFORE_CONTACT, request_offers_after_refused_contact),
	CASE(RULE_MSG_AFTER_UNLOAD, request_offers_after_unload),
	CASE(RULE_MSG_AFTER_UNLOAD, close_after_unload_of_4_0),
	CASE(RULE_MSG_AFTER_UNLOAD, unload_twice),
	CASE(RULE_MSG_CONNECTION, request_offers_on_connection_4),
	CASE(RULE_MSG_CONNECTION, contact_of_5_3_on_connection_1),
	CASE(RULE_MSG_CONNECTION, message_on_a_connection_that_does_not_exist),
	CASE(RULE_MSG_RESIDUE, padding_of_a_message),
	CASE(RULE_MSG_RESIDUE, bytes_behind_a_message),
	CASE(RULE_MSG_RESIDUE, reserved_bytes_of_contact),
	CASE(RULE_CONTACT_FIELDS, one_monitor_page),
	CASE(RULE_CONTACT_FIELDS, contact_names_vp_4_of_4),
	CASE(RULE_CONTACT_FIELDS, contact_names_sint_16),
	CASE(RULE_OFFERS_AGAIN, offers_requested_twice),
	CASE(RULE_HYPERCALL, malformed_post),
	CASE(RULE_HYPERCALL, message_that_is_no_channel_message),
	CASE(RULE_HYPERCALL, signal_of_a_connection_nobody_offered),

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
	CASE(RULE_GPADL_LIMIT, too_many_gpadls),
	CASE(RULE_GPADL_LIMIT, too_many_gpadl_pages),
	CASE(RULE_GPADL_UNKNOWN, teardown_of_no_gpadl),
	CASE(RULE_GPADL_UNKNOWN, teardown_twice),
	CASE(RULE_GPADL_OWNER, teardown_by_another_relid),
	CASE(RULE_GPADL_OWNER, ring_of_another_relid),
	CASE(RULE_GPADL_IN_USE, teardown_of_the_ring_of_an_open_channel),
	CASE(RULE_GPADL_LEAKED, gpadl_of_a_closed_channel_kept),

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

	CASE(RULE_SIGNAL_CLOSED, signal_before_open),
	CASE(RULE_SIGNAL_CLOSED, signal_after_close),
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

	CASE(RULE_TXN_UNKNOWN, completion_nobody_waits_for),
	CASE(RULE_TXN_UNKNOWN, completion_twice),
	CASE(RULE_TXN_AGAIN, transaction_id_used_twice),
	CASE(RULE_TXN_MEMORY, pages_that_do_not_exist),
	CASE(RULE_TXN_MEMORY, page_list_longer_than_its_header),
	CASE(RULE_TXN_LEAKED, host_request_never_completed),

	CASE(RULE_HOST_MEMORY, vsp_goes_around_the_bus),
	CASE(RULE_HOST_TXN, vsp_ends_a_transaction_with_pointers),
	CASE(RULE_HOST_TXN, vsp_never_ends_a_transaction),
};

static void rule_is_named(void **state)
{
	const struct rule_case *c = *state;
	struct guest *g = guest_create(NULL);
	struct checker *checker = vmbus_checker(g->vmbus);
	unsigned int i;

	memset(&dev, 0, sizeof(dev));
	memset(&ch, 0, sizeof(ch));
	c->run(g);
	guest_finish(g);
	for (i = 0; checker_violation(checker, i); i++) {
		const struct checker_violation *v = checker_violation(checker, i);

		if (v->rule != c->rule)
			fail_msg("%s was named, too: %s", checker_rule_info(v->rule)->name, v->text);
	}
	if (i == 0)
		fail_msg("%s was not named", checker_rule_info(c->rule)->name);
	guest_destroy(g);
}

/* Rules of the bus; those of a VSP are the business of its own tests. */
static void every_rule_has_a_case(void **state)
{
	unsigned int rule, i;

	(void)state;
	for (rule = 0; rule < RULE_COUNT; rule++) {
		const struct checker_rule_info *info = checker_rule_info(rule);

		if (strncmp(info->id, "VMB-", 4) != 0)
			continue;
		for (i = 0; i < HVP_COUNT_OF(cases); i++)
			if (cases[i].rule == rule)
				break;
		if (i == HVP_COUNT_OF(cases))
			fail_msg("nothing breaks %s %s", info->id, info->name);
	}
}

int main(void)
{
	struct CMUnitTest tests[HVP_COUNT_OF(cases) + 1] = {
		cmocka_unit_test(every_rule_has_a_case),
	};
	unsigned int i;

	for (i = 0; i < HVP_COUNT_OF(cases); i++)
		tests[i + 1] = (struct CMUnitTest){
			.name = cases[i].name,
			.test_func = rule_is_named,
			.initial_state = (void *)&cases[i],
		};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
