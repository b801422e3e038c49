// SPDX-License-Identifier: GPL-2.0-only
/*
 * Legal sessions. Each ends with the sentence "no rule was broken", so each
 * also proves that the checker does not cry wolf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/test/fake_guest.h"
#include "host/test/fake_machine.h"
#include "protocol/gpadl.h"
#include "protocol/hypercall.h"
#include "protocol/version.h"

static const u32 all_versions[] = {
	HVP_V5_3, HVP_V5_2, HVP_V5_1, HVP_V5_0, HVP_V4_1, HVP_V4_0, HVP_V3_0, HVP_V2_4,
};

static void end(struct guest *g)
{
	assert_int_equal(guest_finish(g), 0);
	guest_destroy(g);
}

/* Versions */

static void each_version_is_negotiated(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(all_versions); i++) {
		struct guest *g = guest_create(NULL);

		guest_connect(g, all_versions[i]);
		guest_all_offers(g);
		assert_int_equal(vmbus_version(g->vmbus), all_versions[i]);
		assert_int_equal(vmbus_state(g->vmbus), VMBUS_RUNNING);
		guest_unload(g);
		guest_take(g, HVP_CM_UNLOAD_RESPONSE);
		assert_int_equal(vmbus_state(g->vmbus), VMBUS_DISCONNECTED);
		end(g);
	}
}

/* The way a guest finds the version of an older host: highest first. */
static void capped_host_refuses_newer_versions(void **state)
{
	unsigned int cap, i;

	(void)state;
	for (cap = 0; cap < HVP_COUNT_OF(all_versions); cap++) {
		struct guest_config config = { .version_cap = all_versions[cap] };
		struct guest *g = guest_create(&config);

		for (i = 0; i < cap; i++)
			assert_false(guest_contact(g, all_versions[i]));
		assert_true(guest_contact(g, all_versions[cap]));
		end(g);
	}
}

static void exact_host_refuses_older_versions(void **state)
{
	struct guest_config config = { .version_cap = HVP_V5_2, .version_exact = true };
	struct guest *g = guest_create(&config);

	(void)state;
	assert_false(guest_contact(g, HVP_V5_3));
	assert_false(guest_contact(g, HVP_V5_1));
	assert_false(guest_contact(g, HVP_V4_0));
	assert_true(guest_contact(g, HVP_V5_2));
	end(g);
}

static void unknown_newer_version_is_refused(void **state)
{
	struct guest *g = guest_create(NULL);

	(void)state;
	assert_false(guest_contact(g, HVP_VERSION(6, 0)));
	assert_true(guest_contact(g, HVP_V5_3));
	end(g);
}

static void version_text_is_parsed(void **state)
{
	u32 v = 0;

	(void)state;
	assert_int_equal(vmbus_parse_version("5.3", &v), 0);
	assert_int_equal(v, HVP_V5_3);
	assert_int_equal(vmbus_parse_version("2.4", &v), 0);
	assert_int_equal(vmbus_parse_version("6.0", &v), -EINVAL);
	assert_int_equal(vmbus_parse_version("5", &v), -EINVAL);
	assert_int_equal(vmbus_parse_version("5.3x", &v), -EINVAL);
	assert_int_equal(vmbus_parse_version("", &v), -EINVAL);
}

/* Connections */

static void crash_kernel_contacts_without_unload(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { .hold = true };
	struct guest_channel ch;

	(void)state;
	guest_start(g, &dev, &ch);
	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 7, "work", 4));
	assert_int_equal(dev.held_count, 1);

	assert_true(guest_contact(g, HVP_V5_2));
	assert_int_equal(dev.closes, 1);
	guest_request_offers(g);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(guest_open(&ch, 8), 0);
	end(g);
}

/* The answer gives all memory back, so it waits for what still uses it. */
static void unload_response_waits_for_transactions(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { .hold = true, .late = true };
	struct guest_channel ch;

	(void)state;
	guest_start(g, &dev, &ch);
	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 7, "work", 4));
	guest_unload(g);
	assert_int_equal(vmbus_state(g->vmbus), VMBUS_UNLOADING);
	assert_true(guest_quiet(g));
	test_device_answer(&dev);
	guest_take(g, HVP_CM_UNLOAD_RESPONSE);
	end(g);
}

static void unload_before_contact_is_answered(void **state)
{
	struct guest *g = guest_create(NULL);
	struct hvp_chanmsg_header msg = { .type = HVP_CM_UNLOAD };

	(void)state;
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
	guest_take(g, HVP_CM_UNLOAD_RESPONSE);
	end(g);
}

/* Offers */

static void devices_are_offered_in_order(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device a = { 0 }, b = { 0 };
	struct guest_channel ca, cb;

	(void)state;
	test_device_offer(&a, g, "scsi0", 1);
	test_device_offer(&b, g, "scsi1", 2);
	guest_connect(g, HVP_V5_3);
	ca = guest_next_offer(g);
	cb = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(ca.offer.instance_id.b[15], 1);
	assert_int_equal(cb.offer.instance_id.b[15], 2);
	assert_int_equal(ca.offer.user_defined[0], 0xab);
	assert_int_not_equal(ca.relid, cb.relid);
	assert_int_equal(ca.offer.dedicated_interrupt, 1);
	end(g);
}

static void hot_offer_comes_at_once(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	guest_connect(g, HVP_V5_3);
	guest_all_offers(g);
	test_device_offer(&dev, g, "scsi0", 1);
	ch = guest_next_offer(g);
	assert_int_equal(guest_open(&ch, 8), 0);
	end(g);
}

static void rescind_and_offer_again(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	u32 last = 0;
	int i;

	(void)state;
	guest_start(g, &dev, &ch);
	for (i = 0; i < 3000; i++) {
		assert_int_equal(vmbus_device_rescind(dev.device), 0);
		assert_int_equal(vmbus_device_rescind(dev.device), -EALREADY);
		assert_int_equal(guest_take(g, HVP_CM_RESCIND_OFFER).relid.relid, ch.relid);
		assert_int_equal(vmbus_device_state(dev.device), VMBUS_DEVICE_RESCINDED);
		/* Offered again at once: delivered when the old relid is back. */
		assert_int_equal(vmbus_device_offer(dev.device), 0);
		assert_true(guest_quiet(g));
		guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
		last = ch.relid;
		guest_release(&ch);
		ch = guest_next_offer(g);
		assert_int_not_equal(ch.relid, last);
		g->next_page = 64;
		assert_int_equal(guest_open(&ch, 4), 0);
	}
	assert_int_equal(dev.withdrawals, 3000);
	assert_int_equal(vmbus_stats(g->vmbus)->relids_live, 1);
	assert_int_equal(vmbus_stats(g->vmbus)->gpadls_live, 1);
	end(g);
}

static void rescind_before_open_and_without_guest(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	test_device_offer(&dev, g, "scsi0", 1);
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	assert_int_equal(vmbus_device_state(dev.device), VMBUS_DEVICE_WITHDRAWN);
	guest_connect(g, HVP_V5_3);
	guest_all_offers(g);
	assert_int_equal(vmbus_device_offer(dev.device), 0);
	ch = guest_next_offer(g);
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	guest_release(&ch);
	assert_int_equal(vmbus_device_state(dev.device), VMBUS_DEVICE_WITHDRAWN);
	assert_true(guest_quiet(g));
	end(g);
}

/* The guest asked to open before it saw the rescind. */
static void open_crosses_rescind(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct hvp_open_channel msg;
	struct guest_channel ch;

	(void)state;
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	guest_rings(&ch, 8);
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	msg = guest_open_message(&ch);
	guest_post(g, &msg, sizeof(msg));
	guest_take(g, HVP_CM_RESCIND_OFFER);
	assert_int_not_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
	guest_release(&ch);
	assert_int_equal(dev.opens, 0);
	end(g);
}

static void two_thousand_offers(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch, sub;
	unsigned int i;

	(void)state;
	fake_synic_limit(g->synic, 64);
	guest_start(g, &dev, &ch);
	assert_int_equal(vmbus_device_offer_subs(dev.device, 2046), 0);
	for (i = 0; i < 2046; i++) {
		fake_advance(g->loop, 1);
		sub = guest_next_offer(g);
		assert_int_equal(sub.offer.sub_channel_index, i + 1);
	}
	assert_int_equal(sub.relid, 2047);
	assert_int_equal(vmbus_device_offer_subs(dev.device, 2047), -ENOSPC);
	assert_int_equal(guest_open(&sub, 8), 0);
	end(g);
}

/* GPADLs */

static void gpadls_of_every_size(void **state)
{
	static const u32 sizes[] = { 1, 2, 25, 26, 27, 53, 54, 55, 82, 83, 1000, 4000, 8190 };
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	unsigned int i;

	(void)state;
	guest_start(g, &dev, &ch);
	for (i = 0; i < HVP_COUNT_OF(sizes); i++) {
		u32 handle, bytes;
		u64 pfn;

		g->next_page = 1000;
		pfn = guest_alloc(g, sizes[i]);
		handle = guest_gpadl(g, ch.relid, pfn, sizes[i]);
		assert_int_equal(channel_gpadl_bytes(dev.ch, handle, &bytes), 0);
		assert_int_equal(bytes, sizes[i] * HVP_PAGE_SIZE);
		assert_int_equal(channel_gpadl_write(dev.ch, handle, bytes - 4, "last", 4), 0);
		assert_memory_equal((u8 *)guest_page(g, pfn + sizes[i] - 1) + 4092, "last", 4);
		assert_int_equal(channel_gpadl_write(dev.ch, handle, bytes - 3, "last", 4), -EFAULT);
		guest_teardown(g, ch.relid, handle);
		assert_int_equal(channel_gpadl_write(dev.ch, handle, 0, "late", 4), -ENOENT);
	}
	end(g);
}

static u64 frame(void *opaque, u32 i)
{
	return *(u64 *)opaque + i;
}

/* Two lists in flight, their bodies mixed; and a guest that numbers none of them. */
static void gpadls_interleave(void **state)
{
	struct hvp_gpadl_info a = { .gpadl = 0x10, .byte_count = 100 * 4096, .pfn_count = 100 };
	struct hvp_gpadl_info b = { .gpadl = 0x11, .byte_count = 100 * 4096, .pfn_count = 100 };
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	union hvp_chanmsg msg;
	u64 pfn = 100;
	u32 i;

	(void)state;
	guest_start(g, &dev, &ch);
	a.relid = ch.relid;
	b.relid = ch.relid;
	for (i = 0; i < hvp_gpadl_message_count(100); i++) {
		int len = hvp_gpadl_build(&a, i, frame, &pfn, &msg);

		guest_post(g, &msg, (size_t)len);
		len = hvp_gpadl_build(&b, i, frame, &pfn, &msg);
		if (i)
			msg.gpadl_body.number = i;
		guest_post(g, &msg, (size_t)len);
	}
	assert_int_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.gpadl, 0x10);
	assert_int_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.gpadl, 0x11);
	guest_teardown(g, ch.relid, 0x10);
	guest_teardown(g, ch.relid, 0x11);
	end(g);
}

/* Channels */

/* A closed ring may be opened once more, with the same memory. */
static void ring_is_used_again(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	guest_start(g, &dev, &ch);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
	assert_int_equal(guest_open(&ch, 4), 0);
	guest_close(&ch);
	assert_int_equal(guest_open(&ch, 4), 0);
	end(g);
}

/* A guest that did not get to its messages yet cannot know of the rescind. */
static void rescind_counts_from_when_it_is_taken(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	fake_advance(g->loop, 60000);
	guest_send_gpadl(g, ch.relid, 0x77, 100, 1);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	assert_int_not_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.status, 0);
	fake_advance(g->loop, 4000);
	guest_send_gpadl(g, ch.relid, 0x77, 100, 1);
	assert_int_not_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.status, 0);
	guest_release(&ch);
	end(g);
}

/* What is a leak of a fast guest is none of a slow one. */
static void slow_guests_have_more_time(void **state)
{
	static const double scales[] = { 1, 4 };
	unsigned int i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(scales); i++) {
		struct guest_config config = { .time_scale = scales[i] };
		struct guest *g = guest_create(&config);
		struct test_device dev = { 0 };
		struct guest_channel ch;

		guest_start(g, &dev, &ch);
		guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
		fake_advance(g->loop, 15000);
		assert_int_equal(guest_finish(g), i == 0);
		guest_destroy(g);
	}
}

static void expect_over_limit(struct guest *g, u32 relid, u32 pages)
{
	guest_send_gpadl(g, relid, 0x77, 100, pages);
	assert_int_equal(guest_take(g, HVP_CM_GPADL_CREATED).gpadl_created.status, 0xc000009a);
	assert_int_equal(vmbus_stats(g->vmbus)->gpadls_over_limit, 1);
}

/* A guest cannot know what a host has left: it is refused, not blamed. */
static void too_many_gpadls_are_refused(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	u32 i;

	(void)state;
	guest_start(g, &dev, &ch);
	for (i = 1; i < VMBUS_MAX_GPADLS; i++)
		guest_gpadl(g, ch.relid, 100, 1);
	expect_over_limit(g, ch.relid, 1);
	end(g);
}

static void too_many_pages_are_refused(void **state)
{
	static const struct { u32 version, max; } limits[] = {
		{ HVP_V5_1, VMBUS_MAX_GPADL_PAGES }, { HVP_V5_2, VMBUS_MAX_GPADL_PAGES_2019 },
	};
	unsigned int i;
	u32 shared;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(limits); i++) {
		struct guest *g = guest_create(NULL);
		struct test_device dev = { 0 };
		struct guest_channel ch;

		test_device_offer(&dev, g, "scsi0", 1);
		guest_connect(g, limits[i].version);
		ch = guest_next_offer(g);
		guest_all_offers(g);
		for (shared = 0; shared + 8000 <= limits[i].max; shared += 8000)
			guest_gpadl(g, ch.relid, 100, 8000);
		expect_over_limit(g, ch.relid, 8000);
		end(g);
	}
}

static void open_close_open(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	int i;

	(void)state;
	guest_start(g, &dev, &ch);
	for (i = 0; i < 10; i++) {
		assert_true(guest_send(&ch, HVP_PKT_INBAND, 0, 1, "hello", 5));
		guest_close(&ch);
		assert_int_equal(guest_open(&ch, 8), 0);
		assert_int_equal(channel_open_data(dev.ch)[0], 0x55);
	}
	assert_int_equal(dev.opens, 11);
	assert_int_equal(dev.closes, 10);
	assert_int_equal(dev.packets, 10);
	end(g);
}

/* A guest that stands still breaks no deadline, and some keep a lone sub-channel. */
static void pauses_do_not_count(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch, sub;

	(void)state;
	guest_start(g, &dev, &ch);
	vmbus_device_offer_subs(dev.device, 1);
	sub = guest_next_offer(g);
	vmbus_device_rescind_sub(dev.device, 1);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	fake_advance(g->loop, 60000);
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	guest_release(&sub);
	vmbus_set_paused(g->vmbus, true);
	guest_put(&ch, HVP_PKT_INBAND, 0, 1, NULL, 0, "x", 1);
	fake_advance(g->loop, 60000);
	vmbus_set_paused(g->vmbus, false);
	fake_advance(g->loop, 5000);
	vmbus_set_paused(g->vmbus, true);
	vmbus_set_paused(g->vmbus, true);
	fake_advance(g->loop, 60000);
	end(g);
}

static void device_may_refuse_to_open(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { .open_status = 0xc0000001 };
	struct guest_channel ch;

	(void)state;
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(guest_open(&ch, 8), 0xc0000001);
	dev.open_status = 0;
	assert_int_equal(guest_open(&ch, 8), 0);
	guest_close(&ch);
	end(g);
}

/* The ring's GPADL is answered only when the last page of a command is back. */
static void close_waits_for_transactions(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { .hold = true, .late = true };
	struct hvp_open_channel msg;
	struct guest_channel ch;
	u32 gpadl;

	(void)state;
	guest_start(g, &dev, &ch);
	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 7, "work", 4));
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
	guest_post_teardown(g, ch.relid, ch.gpadl);
	gpadl = ch.gpadl;
	guest_rings(&ch, 8);	/* reopen at once, with other memory */
	msg = guest_open_message(&ch);
	guest_post(g, &msg, sizeof(msg));
	assert_true(guest_quiet(g));
	test_device_answer(&dev);
	assert_int_equal(guest_take(g, HVP_CM_GPADL_TORNDOWN).gpadl_torndown.gpadl, gpadl);
	assert_int_equal(guest_take(g, HVP_CM_OPEN_RESULT).open_result.status, 0);
	end(g);
}

static void sub_channels_live_with_their_primary(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch, sub[3];
	int i;

	(void)state;
	test_device_offer(&dev, g, "scsi0", 1);
	assert_int_equal(vmbus_device_offer_subs(dev.device, 3), -ENOTCONN);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(guest_open(&ch, 8), 0);
	assert_int_equal(vmbus_device_offer_subs(dev.device, 3), 0);
	assert_int_equal(vmbus_device_offer_subs(dev.device, 3), 0);
	for (i = 0; i < 3; i++)
		sub[i] = guest_next_offer(g);
	for (i = 0; i < 3; i++) {
		sub[i].vp = (u32)i;
		assert_int_equal(sub[i].offer.sub_channel_index, i + 1);
		assert_true(hvp_guid_equal(&sub[i].offer.instance_id, &ch.offer.instance_id));
		assert_int_equal(guest_open(&sub[i], 8), 0);
		assert_true(guest_send(&sub[i], HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 5, "x", 1));
		assert_true(guest_interrupted(&sub[i]));
	}
	assert_true(guest_quiet(g));

	/* One goes alone; the others when the primary closes. */
	assert_int_equal(vmbus_device_rescind_sub(dev.device, 2), 0);
	assert_int_equal(vmbus_device_rescind_sub(dev.device, 2), -ENOENT);
	assert_int_equal(guest_take(g, HVP_CM_RESCIND_OFFER).relid.relid, sub[1].relid);
	guest_close(&sub[1]);
	guest_release(&sub[1]);
	guest_close(&sub[0]);
	guest_close(&sub[2]);
	guest_post_relid(g, HVP_CM_CLOSE_CHANNEL, ch.relid);
	for (i = 0; i < 3; i += 2) {
		assert_int_equal(guest_take(g, HVP_CM_RESCIND_OFFER).relid.relid, sub[i].relid);
		guest_release(&sub[i]);
	}
	guest_teardown(g, ch.relid, ch.gpadl);
	ch.gpadl = 0;
	assert_int_equal(guest_open(&ch, 8), 0);
	assert_int_equal(vmbus_device_offer_subs(dev.device, 1), 0);
	sub[0] = guest_next_offer(g);
	assert_int_equal(vmbus_stats(g->vmbus)->relids_live, 2);
	end(g);
}

static void device_rescind_takes_sub_channels_along(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch, sub;

	(void)state;
	guest_start(g, &dev, &ch);
	assert_int_equal(vmbus_device_offer_subs(dev.device, 1), 0);
	sub = guest_next_offer(g);
	assert_int_equal(guest_open(&sub, 8), 0);
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	assert_int_equal(guest_take(g, HVP_CM_RESCIND_OFFER).relid.relid, sub.relid);
	assert_int_equal(guest_take(g, HVP_CM_RESCIND_OFFER).relid.relid, ch.relid);
	guest_close(&sub);
	guest_close(&ch);
	guest_release(&ch);
	assert_int_equal(dev.withdrawals, 0);
	guest_release(&sub);
	assert_int_equal(dev.withdrawals, 1);
	end(g);
}

static void channels_move_between_vps(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;
	u32 vp;

	(void)state;
	guest_start(g, &dev, &ch);
	for (vp = 0; vp < GUEST_VPS; vp++) {
		assert_int_equal(guest_modify(&ch, vp), 0);
		assert_int_equal(channel_target_vp(dev.ch), vp);
		assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, vp + 1, "x", 1));
		assert_true(guest_interrupted(&ch));
		assert_true(guest_recv(&ch, &(struct hvp_packet_desc){ 0 }, NULL, 0));
	}
	end(g);
}

static void modify_has_no_answer_before_5_3(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V4_1);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(guest_open(&ch, 8), 0);
	guest_modify(&ch, 2);
	assert_true(guest_quiet(g));
	assert_int_equal(channel_target_vp(dev.ch), 2);
	end(g);
}

/* The machine below */

static void messages_survive_a_full_synic(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { 0 };
	struct guest_channel ch;

	(void)state;
	fake_synic_limit(g->synic, 1);
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	assert_true(guest_quiet(g));
	fake_advance(g->loop, 2);
	guest_all_offers(g);
	assert_int_equal(guest_open(&ch, 8), 0);
	fake_synic_off(g->synic, true);
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
	end(g);
}

/* It asks and asks, and never looks at an answer. */
static void deaf_guest_is_stopped(void **state)
{
	struct guest *g = guest_create(NULL);
	struct hvp_tl_connect msg = { .h.type = HVP_CM_TL_CONNECT_REQUEST };
	unsigned int posted = 0, taken = 0;
	union hvp_chanmsg answer;

	(void)state;
	guest_connect(g, HVP_V5_3);
	while (guest_post(g, &msg, sizeof(msg)) == HVP_STATUS_SUCCESS && posted < 20000)
		posted++;
	assert_in_range(posted, VMBUS_MAX_CHANNELS, 3 * VMBUS_MAX_CHANNELS);
	while (taken <= posted && guest_take_any(g, &answer)) {
		taken++;
		fake_advance(g->loop, 2);
	}
	assert_int_equal(taken, posted + 1);
	assert_int_equal(guest_post(g, &msg, sizeof(msg)), HVP_STATUS_SUCCESS);
	end(g);
}

static void device_goes_away_while_open(void **state)
{
	struct guest *g = guest_create(NULL);
	struct test_device dev = { .hold = true };
	struct guest_channel ch;

	(void)state;
	guest_start(g, &dev, &ch);
	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 7, "work", 4));
	vmbus_device_destroy(dev.device);
	assert_int_equal(dev.closes, 1);
	assert_null(vmbus_device_find(g->vmbus, "scsi0"));
	end(g);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_version_is_negotiated),
		CASE(capped_host_refuses_newer_versions),
		CASE(exact_host_refuses_older_versions),
		CASE(unknown_newer_version_is_refused),
		CASE(version_text_is_parsed),
		CASE(crash_kernel_contacts_without_unload),
		CASE(unload_response_waits_for_transactions),
		CASE(unload_before_contact_is_answered),
		CASE(devices_are_offered_in_order),
		CASE(hot_offer_comes_at_once),
		CASE(rescind_and_offer_again),
		CASE(rescind_before_open_and_without_guest),
		CASE(open_crosses_rescind),
		CASE(two_thousand_offers),
		CASE(gpadls_of_every_size),
		CASE(gpadls_interleave),
		CASE(ring_is_used_again),
		CASE(rescind_counts_from_when_it_is_taken),
		CASE(slow_guests_have_more_time),
		CASE(too_many_gpadls_are_refused),
		CASE(too_many_pages_are_refused),
		CASE(open_close_open),
		CASE(pauses_do_not_count),
		CASE(device_may_refuse_to_open),
		CASE(close_waits_for_transactions),
		CASE(sub_channels_live_with_their_primary),
		CASE(device_rescind_takes_sub_channels_along),
		CASE(channels_move_between_vps),
		CASE(modify_has_no_answer_before_5_3),
		CASE(messages_survive_a_full_synic),
		CASE(deaf_guest_is_stopped),
		CASE(device_goes_away_while_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
