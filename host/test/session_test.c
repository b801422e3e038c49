// SPDX-License-Identifier: GPL-2.0-only
/*
 * Legal sessions. Each ends with the sentence "no rule was broken", so each
 * also proves that the checker does not cry wolf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/hyperv/synic.h"
#include "host/machine/memory.h"
#include "host/test/fake_guest.h"
#include "host/test/fake_machine.h"
#include "host/vmbus/trace.h"
#include "protocol/gpadl.h"
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
		CASE(open_close_open),
		CASE(device_may_refuse_to_open),
		CASE(close_waits_for_transactions),
		CASE(sub_channels_live_with_their_primary),
		CASE(device_rescind_takes_sub_channels_along),
		CASE(channels_move_between_vps),
		CASE(modify_has_no_answer_before_5_3),
		CASE(packets_wrap_in_both_directions),
		CASE(batch_is_one_signal_and_one_interrupt),
		CASE(full_ring_pushes_back),
		CASE(full_ring_without_the_feature_bit),
		CASE(blocked_guest_is_interrupted),
		CASE(host_requests_are_completed),
		CASE(pages_are_read_and_written),
		CASE(messages_survive_a_full_synic),
		CASE(device_goes_away_while_open),
		CASE(trace_tells_the_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
