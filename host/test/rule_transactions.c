// SPDX-License-Identifier: GPL-2.0-only
#include "host/test/rule_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "host/machine/memory.h"
#include "host/test/fake_machine.h"

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

const struct rule_case rule_cases_transactions[] = {
	CASE(RULE_TXN_UNKNOWN, completion_nobody_waits_for),
	CASE(RULE_TXN_UNKNOWN, completion_twice),
	CASE(RULE_TXN_AGAIN, transaction_id_used_twice),
	CASE(RULE_TXN_MEMORY, pages_that_do_not_exist),
	CASE(RULE_TXN_MEMORY, page_list_longer_than_its_header),
	CASE(RULE_TXN_LEAKED, host_request_never_completed),
	CASE(RULE_HOST_MEMORY, vsp_goes_around_the_bus),
	CASE(RULE_HOST_TXN, vsp_ends_a_transaction_with_pointers),
	CASE(RULE_HOST_TXN, vsp_never_ends_a_transaction),
	{ 0 }
};
