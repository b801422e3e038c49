// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every fault point of the bus fires, in every kind that makes sense there,
 * and a guest that behaves is never blamed for what a fault did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/test/fake_guest.h"
#include "host/test/fake_machine.h"
#include "protocol/version.h"

#define LONG_MS 31000	/* past what the checker calls old */

static struct test_device dev;
static struct guest_channel ch;
static u32 extra_gpadl;

static struct guest *begin(void)
{
	memset(&dev, 0, sizeof(dev));
	memset(&ch, 0, sizeof(ch));
	return guest_create(NULL);
}

static void end(struct guest *g)
{
	assert_int_equal(guest_finish(g), 0);
	guest_destroy(g);
}

/* Messages: how to come to the point, and what passes it. */

static void nothing(struct guest *g)
{
	(void)g;
}

static void open_channel(struct guest *g)
{
	guest_start(g, &dev, &ch);
}

static void contacted(struct guest *g)
{
	assert_true(guest_contact(g, HVP_V5_3));
}

static void running(struct guest *g)
{
	guest_connect(g, HVP_V5_3);
	guest_all_offers(g);
}

static void ready_to_open(struct guest *g)
{
	test_device_offer(&dev, g, "scsi0", 1);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	guest_rings(&ch, 8);
}

static void with_gpadl(struct guest *g)
{
	guest_start(g, &dev, &ch);
	extra_gpadl = guest_gpadl(g, ch.relid, 100, 3);
}

static void post_contact(struct guest *g)
{
	struct hvp_initiate_contact msg = guest_contact_message(g, HVP_V5_3);

	g->version = HVP_V5_3;
	guest_post_on(g, HVP_CONN_MESSAGE, &msg, sizeof(msg));
}

static void offer_device(struct guest *g)
{
	test_device_offer(&dev, g, "scsi0", 1);
}

static void rescind_device(struct guest *g)
{
	(void)g;
	assert_int_equal(vmbus_device_rescind(dev.device), 0);
}

static void post_open(struct guest *g)
{
	struct hvp_open_channel msg = guest_open_message(&ch);

	guest_post(g, &msg, sizeof(msg));
}

static void post_gpadl(struct guest *g)
{
	guest_send_gpadl(g, ch.relid, 0x1234, 100, 3);
}

static void post_teardown(struct guest *g)
{
	guest_post_teardown(g, ch.relid, extra_gpadl);
}

static void post_modify(struct guest *g)
{
	struct hvp_modify_channel msg = {
		.h.type = HVP_CM_MODIFY_CHANNEL, .relid = ch.relid, .target_vp = 2,
	};

	guest_post(g, &msg, sizeof(msg));
}

static void post_tl_connect(struct guest *g)
{
	struct hvp_tl_connect msg = { .h.type = HVP_CM_TL_CONNECT_REQUEST };

	guest_post(g, &msg, sizeof(msg));
}

struct message_case {
	enum fault_point point;
	const char *name;
	u32 type;
	bool has_device;
	void (*prepare)(struct guest *g);
	void (*trigger)(struct guest *g);
};

static const struct message_case messages[] = {
	{ FAULT_MSG_VERSION_RESPONSE, "msg.version-response", HVP_CM_VERSION_RESPONSE, false,
	  nothing, post_contact },
	{ FAULT_MSG_OFFER, "msg.offer", HVP_CM_OFFER_CHANNEL, true, running, offer_device },
	{ FAULT_MSG_ALL_OFFERS, "msg.all-offers", HVP_CM_ALL_OFFERS_DELIVERED, false, contacted,
	  guest_request_offers },
	{ FAULT_MSG_RESCIND, "msg.rescind", HVP_CM_RESCIND_OFFER, true, open_channel,
	  rescind_device },
	{ FAULT_MSG_OPEN_RESULT, "msg.open-result", HVP_CM_OPEN_RESULT, true, ready_to_open,
	  post_open },
	{ FAULT_MSG_GPADL_CREATED, "msg.gpadl-created", HVP_CM_GPADL_CREATED, true, open_channel,
	  post_gpadl },
	{ FAULT_MSG_GPADL_TORNDOWN, "msg.gpadl-torndown", HVP_CM_GPADL_TORNDOWN, true, with_gpadl,
	  post_teardown },
	{ FAULT_MSG_MODIFY_RESPONSE, "msg.modify-response", HVP_CM_MODIFY_CHANNEL_RESPONSE, true,
	  open_channel, post_modify },
	{ FAULT_MSG_UNLOAD_RESPONSE, "msg.unload-response", HVP_CM_UNLOAD_RESPONSE, false,
	  open_channel, guest_unload },
	{ FAULT_MSG_TL_CONNECT_RESULT, "msg.tl-connect-result", HVP_CM_TL_CONNECT_RESULT, false,
	  running, post_tl_connect },
};

/* A message case after "<point> <kind>" was armed, with @filter behind it. */
static struct guest *run(const struct message_case *c, const char *kind, const char *filter)
{
	struct guest *g = begin();
	char text[128];

	snprintf(text, sizeof(text), "%s %s %s", c->name, kind, filter);
	c->prepare(g);
	guest_arm(g, text);
	c->trigger(g);
	return g;
}

static void message_is_dropped(void **state)
{
	const struct message_case *c = *state;
	struct guest *g = run(c, "drop", "");

	assert_true(guest_quiet(g));
	assert_int_equal(fault_fires(g, c->point), 1);
	fake_advance(g->loop, LONG_MS);
	assert_true(guest_quiet(g));
	end(g);
}

static void message_is_never_sent(void **state)
{
	const struct message_case *c = *state;
	struct guest *g = run(c, "never", c->has_device ? "device=scsi0" : "");

	assert_true(guest_quiet(g));
	assert_int_equal(fault_fires(g, c->point), 1);
	end(g);
}

static void message_is_delayed(void **state)
{
	const struct message_case *c = *state;
	struct guest *g = run(c, "delay=500", "");

	fake_advance(g->loop, 499);
	assert_true(guest_quiet(g));
	fake_advance(g->loop, 1);
	guest_take(g, c->type);
	assert_int_equal(fault_fires(g, c->point), 1);
	end(g);
}

static void message_of_another_device_passes(void **state)
{
	const struct message_case *c = *state;
	struct guest *g = run(c, "drop", "device=scsi7");

	guest_take(g, c->type);
	assert_int_equal(fault_fires(g, c->point), 0);
	end(g);
}

static void device_is_rescinded_at_the_message(void **state)
{
	const struct message_case *c = *state;
	struct guest *g;

	if (!c->has_device)
		return;
	g = run(c, "rescind", "");
	if (c->type == HVP_CM_OFFER_CHANNEL)	/* nobody can lose what he was not offered */
		guest_take(g, c->type);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	if (c->type != HVP_CM_RESCIND_OFFER && c->type != HVP_CM_OFFER_CHANNEL)
		guest_take(g, c->type);
	assert_int_equal(dev.rescinds, 1);
	end(g);
}

/* Rings */

static struct hvp_packet_desc desc;

static void ask(u64 id)
{
	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, id, "x", 1));
}

static void drain_is_delayed(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.drain delay=100");
	ask(1);
	assert_int_equal(dev.packets, 0);
	fake_advance(g->loop, 100);
	assert_int_equal(dev.packets, 1);
	end(g);
}

static void drain_is_skipped(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.drain drop");
	ask(1);
	fake_advance(g->loop, LONG_MS);
	assert_int_equal(dev.packets, 0);
	channel_resume(dev.ch);
	fake_settle(g->loop);
	assert_int_equal(dev.packets, 1);
	end(g);
}

static void drain_never_happens(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.drain never relid=1");
	ask(1);
	ask(2);
	assert_int_equal(dev.packets, 0);
	assert_int_equal(fault_clear(vmbus_fault(g->vmbus), 0), 1);
	end(g);
}

static void drain_rescinds(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.drain rescind");
	ask(1);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	assert_int_equal(dev.packets, 1);
	ask(2);		/* goodbyes are still heard */
	assert_int_equal(dev.packets, 2);
	guest_close(&ch);
	guest_release(&ch);
	assert_int_equal(dev.withdrawals, 1);
	end(g);
}

static void completion_is_delayed(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.complete delay=100");
	ask(1);
	assert_false(guest_recv(&ch, &desc, NULL, 0));
	assert_int_equal(channel_txn_count(dev.ch), 1);
	fake_advance(g->loop, 100);
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	assert_int_equal(desc.transaction, 1);
	assert_int_equal(channel_txn_count(dev.ch), 0);
	end(g);
}

/* The guest owns the pages again when the channel closes, not before. */
static void completion_is_lost(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.complete drop after=1");
	ask(1);
	ask(2);
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	assert_int_equal(desc.transaction, 1);
	assert_false(guest_recv(&ch, &desc, NULL, 0));
	assert_int_equal(channel_txn_count(dev.ch), 1);
	guest_close(&ch);
	end(g);
}

static void delayed_completion_meets_close(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.complete delay=100");
	ask(1);
	guest_close(&ch);
	fake_advance(g->loop, 200);
	end(g);
}

static void completion_rescinds(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.complete rescind");
	ask(1);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	end(g);
}

static void packet_is_lost_or_late(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.send drop");
	guest_arm(g, "ring.send delay=100 after=0");
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 5, NULL, 0, "a", 1,
				      HVP_PKT_WANT_COMPLETION), 0);
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 6, NULL, 0, "b", 1, 0), 0);
	assert_false(guest_recv(&ch, &desc, NULL, 0));
	fake_advance(g->loop, 100);
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	assert_int_equal(desc.transaction, 6);
	guest_arm(g, "ring.send rescind");
	assert_int_equal(channel_send(dev.ch, HVP_PKT_INBAND, 7, NULL, 0, "c", 1, 0), 0);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	end(g);
}

static void interrupt_is_lost_or_late(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "ring.signal drop");
	ask(1);
	assert_false(guest_interrupted(&ch));
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	guest_arm(g, "ring.signal delay=100");
	ask(2);
	assert_false(guest_interrupted(&ch));
	fake_advance(g->loop, 100);
	assert_true(guest_interrupted(&ch));
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	guest_arm(g, "ring.signal rescind");
	ask(3);
	assert_true(guest_interrupted(&ch));
	guest_take(g, HVP_CM_RESCIND_OFFER);
	end(g);
}

/* Requests */

static void request_is_delayed(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "stor.srb delay=100");
	ask(1);
	assert_false(guest_recv(&ch, &desc, NULL, 0));
	fake_advance(g->loop, 100);
	assert_int_equal(dev.resumed, 1);
	assert_int_equal(dev.resumed_err, 0);
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	end(g);
}

static void request_is_lost(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "stor.srb never");
	ask(1);
	ask(2);
	fake_advance(g->loop, LONG_MS);
	assert_int_equal(channel_txn_count(dev.ch), 2);
	assert_int_equal(dev.resumed, 0);
	guest_close(&ch);
	assert_int_equal(dev.resumed, 2);
	assert_int_equal(dev.resumed_err, -ECANCELED);
	end(g);
}

static void request_rescinds(void **state)
{
	struct guest *g = begin();

	(void)state;
	open_channel(g);
	guest_arm(g, "stor.srb rescind");
	ask(1);
	guest_take(g, HVP_CM_RESCIND_OFFER);
	assert_true(guest_recv(&ch, &desc, NULL, 0));
	guest_close(&ch);
	guest_release(&ch);
	end(g);
}

/* The guest gave up waiting for an answer: what it does then is not held against it. */
static void guest_copes_with_a_lost_open_result(void **state)
{
	struct guest *g = begin();

	(void)state;
	ready_to_open(g);
	guest_arm(g, "msg.open-result drop");
	post_open(g);
	assert_true(guest_quiet(g));
	fake_advance(g->loop, LONG_MS);
	guest_close(&ch);
	assert_int_equal(guest_open(&ch, 8), 0);
	end(g);
}

/* The text form */

static void texts_are_parsed_and_shown(void **state)
{
	static const char *const bad[] = {
		"", "msg.open-result", "nowhere drop", "msg.offer explode", "msg.offer delay",
		"msg.offer drop=5", "msg.offer delay=x", "msg.offer drop what",
		"msg.offer drop device=", "msg.offer drop relid=0", "msg.offer drop relid=-1",
		"msg.offer drop count=99999999999999999999", "msg.offer drop nonsense=1",
		"msg.offer srb=4", "msg.unload-response rescind", "stor.status delay=5",
		"stor.srb sense=0", "ring.drain twice", "ic.reply length=3",
	};
	struct fault *fault = fault_create();
	struct fault_info info;
	struct fault_ctx ctx = { .device = "scsi0", .relid = 3 };
	struct err err;
	unsigned int i;
	u32 id;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(bad); i++) {
		err.text[0] = '\0';
		assert_int_equal(fault_arm(fault, bad[i], &id, &err), -EINVAL);
		assert_true(strlen(err.text) > 0);
	}
	assert_false(fault_list(fault, 0, &info));

	assert_int_equal(fault_arm(fault, "msg.offer delay=5 device=scsi0 relid=3 after=2 count=2",
				   &id, &err), 0);
	assert_true(fault_list(fault, 0, &info));
	assert_string_equal(info.text, "msg.offer delay=5 device=scsi0 relid=3 after=2 count=2");
	for (i = 0; i < 6; i++) {
		struct fault_action a = fault_hit(fault, FAULT_MSG_OFFER, &ctx);

		assert_int_equal(a.kind, i == 2 || i == 3 ? FAULT_DELAY : FAULT_NONE);
	}
	assert_true(fault_list(fault, 0, &info));
	assert_true(info.spent);
	assert_int_equal(info.hits, 6);
	assert_int_equal(info.fires, 2);
	ctx.relid = 4;
	assert_int_equal(fault_hit(fault, FAULT_MSG_OFFER, &ctx).kind, FAULT_NONE);
	assert_int_equal(fault_clear(fault, id), 1);
	assert_int_equal(fault_clear(fault, id), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(fault_arm(fault, "msg.offer never", NULL, &err), 0);
	assert_int_equal(fault_arm(fault, "msg.offer never", NULL, &err), -ENOSPC);
	assert_int_equal(fault_clear(fault, 0), 64);
	fault_destroy(fault);
}

static bool only_scsi1(void *opaque, const char *device)
{
	(void)opaque;
	return strcmp(device, "scsi1") == 0;
}

static void faults_of_unknown_devices_are_refused(void **state)
{
	struct fault *fault = fault_create();
	struct err err;

	(void)state;
	assert_int_equal(fault_check("stor.srb drop device=scsi9", &err), 0);
	assert_int_equal(fault_check("stor.srb frop", &err), -EINVAL);
	assert_int_equal(fault_arm(fault, "stor.srb drop device=scsi9", NULL, &err), 0);
	fault_set_devices(fault, only_scsi1, NULL);
	assert_int_equal(fault_arm(fault, "stor.srb drop device=scsi9", NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "scsi9"));
	assert_int_equal(fault_arm(fault, "stor.srb drop device=scsi1", NULL, &err), 0);
	assert_int_equal(fault_arm(fault, "stor.srb drop", NULL, &err), 0);
	fault_destroy(fault);
}

static void every_message_point_has_a_case(void **state)
{
	struct fault *fault = fault_create();
	unsigned int point, i;

	(void)state;
	for (point = 0; point < FAULT_POINT_COUNT; point++) {
		struct fault_point_info info;

		fault_point_info(fault, point, &info);
		assert_true(strlen(info.description) > 0);
		if (strncmp(info.name, "msg.", 4) != 0)
			continue;
		for (i = 0; i < HVP_COUNT_OF(messages); i++)
			if (messages[i].point == point && strcmp(messages[i].name, info.name) == 0)
				break;
		if (i == HVP_COUNT_OF(messages))
			fail_msg("no case for %s", info.name);
	}
	fault_destroy(fault);
}

struct kind_case {
	const char *name;
	void (*run)(void **state);
};

static const struct kind_case kinds[] = {
	{ "drop", message_is_dropped },
	{ "never", message_is_never_sent },
	{ "delay", message_is_delayed },
	{ "filter", message_of_another_device_passes },
	{ "rescind", device_is_rescinded_at_the_message },
};

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest single[] = {
		CASE(texts_are_parsed_and_shown),
		CASE(faults_of_unknown_devices_are_refused),
		CASE(every_message_point_has_a_case),
		CASE(drain_is_delayed),
		CASE(drain_is_skipped),
		CASE(drain_never_happens),
		CASE(drain_rescinds),
		CASE(completion_is_delayed),
		CASE(completion_is_lost),
		CASE(delayed_completion_meets_close),
		CASE(completion_rescinds),
		CASE(packet_is_lost_or_late),
		CASE(interrupt_is_lost_or_late),
		CASE(request_is_delayed),
		CASE(request_is_lost),
		CASE(request_rescinds),
		CASE(guest_copes_with_a_lost_open_result),
	};
	static struct CMUnitTest product[HVP_COUNT_OF(messages) * HVP_COUNT_OF(kinds)];
	static char names[HVP_COUNT_OF(product)][64];
	unsigned int i;
	int failed;

	for (i = 0; i < HVP_COUNT_OF(product); i++) {
		const struct message_case *c = &messages[i / HVP_COUNT_OF(kinds)];
		const struct kind_case *k = &kinds[i % HVP_COUNT_OF(kinds)];

		snprintf(names[i], sizeof(names[i]), "%s %s", c->name, k->name);
		product[i] = (struct CMUnitTest){
			.name = names[i], .test_func = k->run, .initial_state = (void *)c,
		};
	}
	failed = cmocka_run_group_tests(single, NULL, NULL);
	return failed + cmocka_run_group_tests(product, NULL, NULL);
}
