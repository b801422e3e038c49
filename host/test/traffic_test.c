// SPDX-License-Identifier: GPL-2.0-only
/*
 * Legal traffic over an open channel: rings, back-pressure, signals, the pages
 * of requests, and how the trace tells it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/machine/memory.h"
#include "host/test/fake_guest.h"
#include "host/test/fake_machine.h"
#include "host/vmbus/trace.h"
#include "protocol/version.h"

static void end(struct guest *g)
{
	assert_int_equal(guest_finish(g), 0);
	guest_destroy(g);
}

/* Rings */

static void packets_wrap_in_both_directions(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct hvp_packet_desc desc;
	struct guest_channel ch;
	u8 text[64], back[64];
	u64 id, bytes = 0;

	(void)state;
	guest_start(g, &dev, &ch);	/* one data page each */
	for (id = 1; id <= 2000; id++) {
		u32 len = (u32)(id * 7 % 61) + 1;

		memset(text, (int)id, sizeof(text));
		assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, id, text, len));
		assert_int_equal(dev.last_id, id);
		assert_memory_equal(dev.last, text, len);
		assert_true(guest_recv(&ch, &desc, back, sizeof(back)));
		assert_int_equal(desc.type, HVP_PKT_COMPLETION);
		assert_int_equal(desc.transaction, id);
		assert_memory_equal(back, text, len);
		bytes += len;
	}
	assert_true(bytes > 4 * ch.size);
	assert_int_equal(channel_stats(dev.ch)->packets_in, 2000);
	assert_int_equal(channel_stats(dev.ch)->packets_out, 2000);
	assert_int_equal(channel_txn_count(dev.ch), 0);
	end(g);
}

/* What is sent while the host drains is published once and signalled once. */
static void batch_is_one_signal_and_one_interrupt(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct hvp_packet_desc desc;
	struct guest_channel ch;
	u64 id;

	(void)state;
	guest_start(g, &dev, &ch);
	for (id = 1; id <= 20; id++)
		assert_true(guest_put(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, id, NULL, 0, "x", 1));
	guest_signal(&ch);
	assert_int_equal(channel_stats(dev.ch)->signals_in, 1);
	assert_int_equal(channel_stats(dev.ch)->publishes_out, 1);
	assert_int_equal(channel_stats(dev.ch)->interrupts_out, 1);
	for (id = 1; id <= 20; id++) {
		assert_true(guest_recv(&ch, &desc, NULL, 0));
		assert_int_equal(desc.transaction, id);
	}
	assert_false(guest_recv(&ch, &desc, NULL, 0));

	/* A guest that masked is not interrupted. */
	ch.in->interrupt_mask = 1;
	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 1, "x", 1));
	assert_int_equal(channel_stats(dev.ch)->interrupts_out, 1);
	assert_int_equal(channel_stats(dev.ch)->events_out, 1);
	end(g);
}

/* A guest that does not read: nothing is lost, nothing grows, nothing spins. */
static void full_ring_pushes_back(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct hvp_packet_desc desc;
	struct guest_channel ch;
	u64 id = 0, seen = 0;

	(void)state;
	guest_start(g, &dev, &ch);
	while (guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, id + 1, "12345678", 8))
		id++;
	assert_true(channel_congested(dev.ch));
	assert_true(dev.packets < id);
	assert_true(ch.in->pending_send_size > 0);
	assert_true(guest_interrupted(&ch));

	while (seen < id) {
		if (!guest_recv(&ch, &desc, NULL, 0))
			fail_msg("stuck after %llu of %llu", (unsigned long long)seen,
				 (unsigned long long)id);
		assert_int_equal(desc.transaction, ++seen);
	}
	assert_false(channel_congested(dev.ch));
	assert_true(dev.writables > 0);
	assert_int_equal(ch.in->pending_send_size, 0);
	assert_int_equal(dev.packets, id);
	end(g);
}

/* The same for a guest that never heard of pending_send_size. */
static void full_ring_without_the_feature_bit(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct hvp_packet_desc desc;
	struct guest_channel ch;
	u64 id = 0, seen = 0;

	(void)state;
	guest_start(g, &dev, &ch);
	ch.in->features = 0;
	while (guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, id + 1, "12345678", 8))
		id++;
	while (seen < id) {
		u32 pending = ch.in->pending_send_size;

		ch.in->pending_send_size = 0;	/* it does not look */
		while (guest_recv(&ch, &desc, NULL, 0))
			seen++;
		ch.in->pending_send_size = pending;
		fake_advance(g->loop, 10);
	}
	assert_int_equal(dev.packets, id);
	end(g);
}

/* The guest waits for room: the host tells it when it has read. */
static void blocked_guest_is_interrupted(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	u64 id = 0;

	(void)state;
	guest_start(g, &dev, &ch);
	while (guest_put(&ch, HVP_PKT_INBAND, 0, ++id, NULL, 0, "12345678", 8))
		;
	ch.out->pending_send_size = 1024;
	guest_signal(&ch);
	assert_true(guest_interrupted(&ch));
	assert_int_equal(channel_stats(dev.ch)->interrupts_out, 1);
	end(g);
}

/* Something waits at each look of the checker, but never the same packet. */
static void busy_ring_is_not_a_missing_signal(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	int second;

	(void)state;
	guest_start(g, &dev, &ch);
	for (second = 0; second < 60; second++) {
		assert_true(guest_put(&ch, HVP_PKT_INBAND, 0, 1, NULL, 0, "12345678", 8));
		fake_advance(g->loop, 1000);
		guest_signal(&ch);
	}
	assert_int_equal(dev.packets, 60);
	end(g);
}

/* The host's word in the ring is left over from an earlier open of the same pages. */
static void open_forgets_what_was_waited_for(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	guest_rings(&ch, 4);
	ch.in->pending_send_size = 100;
	assert_int_equal(guest_open(&ch, 4), 0);
	assert_int_equal(ch.in->pending_send_size, 0);
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 0, NULL, 0, "x", 1, 0), 0);
	end(g);
}

static void host_requests_are_completed(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct hvp_packet_desc desc;
	struct guest_channel ch;
	char text[8];

	(void)state;
	guest_start(g, &dev, &ch);
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 9, NULL, 0, "ask", 3,
				      HVP_PKT_WANT_COMPLETION), 0);
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 9, NULL, 0, "ask", 3,
				      HVP_PKT_WANT_COMPLETION), -EEXIST);
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 0, NULL, 0, NULL, 5000, 0), -EMSGSIZE);
	assert_true(guest_interrupted(&ch));
	assert_true(guest_recv(&ch, &desc, text, sizeof(text)));
	assert_int_equal(desc.transaction, 9);
	assert_memory_equal(text, "ask", 3);
	assert_true(guest_send(&ch, HVP_PKT_COMPLETION, 0, 9, "yes", 3));
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 9, NULL, 0, "ask", 3,
				      HVP_PKT_WANT_COMPLETION), 0);
	assert_true(guest_send(&ch, HVP_PKT_COMPLETION, 0, 9, "yes", 3));
	guest_close(&ch);
	assert_int_equal(channel_send(vmbus_device_channel(dev.device, 0), HVP_PKT_INBAND, 0, NULL,
				      0, "x", 1, 0), -ENOTCONN);
	end(g);
}

/* Pages of a request */

static void pages_are_read_and_written(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { .hold = true };
	struct guest_channel ch;
	struct channel_txn *txn;
	struct iovec iov[4];
	u64 pfn;
	u8 *mem;
	char buf[8];

	(void)state;
	guest_start(g, &dev, &ch);
	pfn = guest_alloc(g, 3);
	mem = gmem_map_raw(g->gmem, pfn * HVP_PAGE_SIZE, 3 * HVP_PAGE_SIZE);
	memcpy(mem + 4094, "abcdef", 6);
	assert_true(guest_send_pages(&ch, 3, pfn, 100, 9000));
	assert_int_equal(dev.held_count, 1);
	txn = dev.held[0];
	assert_int_equal(dev.last_len, 8);
	assert_memory_equal(dev.last, "pages", 5);
	assert_int_equal(channel_txn_bytes(txn), 9000);
	assert_int_equal(channel_txn_read(txn, 3994, buf, 6), 0);
	assert_memory_equal(buf, "abcdef", 6);
	assert_int_equal(channel_txn_write(txn, 8998, "yz", 2), 0);
	assert_memory_equal(mem + 9098, "yz", 2);
	assert_int_equal(channel_txn_write(txn, 8999, "yz", 2), -EFAULT);
	assert_int_equal(channel_txn_read(txn, 0xffffffff, buf, 2), -EFAULT);
	assert_int_equal(channel_txn_iov(txn, 8000, 1001, true, iov, 4), -EFAULT);
	assert_int_equal(channel_txn_iov(txn, 0, 9000, true, iov, 4), 1);
	assert_ptr_equal(iov[0].iov_base, mem + 100);
	assert_int_equal(iov[0].iov_len, 9000);
	channel_txn_release(txn);
	test_device_answer(&dev);
	end(g);
}

/* The trace */

static unsigned int lines;
static char first_line[256];

static void count_line(void *opaque, const char *line)
{
	(void)opaque;
	if (lines++ == 0)
		strncpy(first_line, line, sizeof(first_line) - 1);
}

static void trace_tells_the_story(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	lines = 0;
	trace_set_live(vmbus_trace(g->vmbus), count_line, NULL);
	guest_start(g, &dev, &ch);
	assert_non_null(strstr(first_line, "> InitiateContact version=5.3 vp=1"));
	assert_int_equal(lines, 9);
	guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 7, "work", 4);
	assert_int_equal(lines, 13);
	lines = 0;
	trace_set_live(vmbus_trace(g->vmbus), NULL, NULL);
	trace_dump(vmbus_trace(g->vmbus), 4, count_line, NULL);
	assert_int_equal(lines, 4);
	assert_non_null(strstr(first_line, "> signal relid=1 count=1"));
	end(g);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(packets_wrap_in_both_directions),
		CASE(batch_is_one_signal_and_one_interrupt),
		CASE(full_ring_pushes_back),
		CASE(full_ring_without_the_feature_bit),
		CASE(blocked_guest_is_interrupted),
		CASE(busy_ring_is_not_a_missing_signal),
		CASE(open_forgets_what_was_waited_for),
		CASE(host_requests_are_completed),
		CASE(pages_are_read_and_written),
		CASE(trace_tells_the_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
