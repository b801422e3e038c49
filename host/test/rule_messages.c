// SPDX-License-Identifier: GPL-2.0-only
#include "host/test/rule_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "host/test/fake_machine.h"
#include "protocol/synic.h"
#include "protocol/version.h"

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

static void contact_with_pages(struct guest *g, u64 to_host, u64 to_guest)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	msg.monitor_page_to_host = to_host;
	msg.monitor_page_to_guest = to_guest;
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void monitor_page_unaligned(struct guest *g)
{
	contact_with_pages(g, 0x2010, 0x3000);
}

static void monitor_page_outside_memory(struct guest *g)
{
	contact_with_pages(g, 0x2000, 1ull << 60);
}

static void monitor_pages_the_same(struct guest *g)
{
	contact_with_pages(g, 0x2000, 0x2000);
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

static void malformed_signal_of_an_open_channel(struct guest *g)
{
	start(g);
	fake_malformed_call(g->hypercall, HVP_CALL_SIGNAL_EVENT, ch.offer.connection_id,
			    HVP_STATUS_INVALID_HYPERCALL_INPUT);
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

const struct rule_case rule_cases_messages[] = {
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
	CASE(RULE_CONTACT_FIELDS, monitor_page_unaligned),
	CASE(RULE_CONTACT_FIELDS, monitor_page_outside_memory),
	CASE(RULE_CONTACT_FIELDS, monitor_pages_the_same),
	CASE(RULE_CONTACT_FIELDS, contact_names_vp_4_of_4),
	CASE(RULE_CONTACT_FIELDS, contact_names_sint_16),
	CASE(RULE_OFFERS_AGAIN, offers_requested_twice),
	CASE(RULE_HYPERCALL, malformed_post),
	CASE(RULE_HYPERCALL, malformed_signal_of_an_open_channel),
	CASE(RULE_HYPERCALL, message_that_is_no_channel_message),
	CASE(RULE_HYPERCALL, signal_of_a_connection_nobody_offered),
	{ 0 }
};
