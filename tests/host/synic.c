// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/fake_vm.h"

#include "host/hyperv/synic.c"

#define SINT	2
#define MSG_GPA	0x4000
#define EVT_GPA	0x5000
#define GSI(vp)	(24 + (vp) * 16 + SINT)

static struct loop *loop;
static struct synic *synic;

static void turn(uint32_t vp, bool on)
{
	struct kvm_run run = { .hyperv.u.synic = {
		.control = on, .msg_page = MSG_GPA | on, .evt_page = EVT_GPA | on } };

	synic_exit(synic, vp, &run);
}

static int setup(void **state)
{
	struct err err;

	(void)state;
	fake_start();
	loop = loop_create();
	assert_int_equal(synic_create(&synic, &fake, loop, &err), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	synic_destroy(synic);
	loop_destroy(loop);
	fake_stop();
	return 0;
}

static struct hvp_message *slot(void)
{
	struct hvp_message_page *page = gmem_map(fake.gmem, MSG_GPA, HVP_PAGE_SIZE, true);

	return &page->slot[SINT];
}

static int post(uint32_t vp, uint32_t value)
{
	return synic_post(synic, vp, SINT, HVP_MSG_CHANNEL, &value, sizeof(value));
}

/* What a guest does with a message. Return: whether it would write EOM. */
static bool consume(uint32_t value)
{
	assert_int_equal(slot()->type, HVP_MSG_CHANNEL);
	assert_int_equal(slot()->payload_size, sizeof(value));
	assert_memory_equal(slot()->payload, &value, sizeof(value));
	slot()->type = HVP_MSG_NONE;
	return slot()->flags & HVP_MSG_FLAG_PENDING;
}

static void stop(void *opaque)
{
	loop_stop(opaque);
}

/* The EOM register: KVM tells the host through the resample descriptor. */
static void end_of_message(uint32_t vp)
{
	uint64_t one = 1;

	assert_int_equal(write(fake.resample_fd[GSI(vp)], &one, sizeof(one)), sizeof(one));
	slot_may_be_free(&synic->vps[vp], fake.resample_fd[GSI(vp)], EPOLLIN);
}

static void all_sints_are_routed(void **state)
{
	(void)state;
	assert_int_equal(fake.routes, 24 + FAKE_CPUS * 16);
}

static void a_page_that_is_off_refuses(void **state)
{
	struct synic_counters counters;

	(void)state;
	assert_int_equal(post(0, 1), -ENXIO);
	assert_false(synic_set_event(synic, 0, SINT, 5));
	turn(0, true);
	assert_int_equal(post(0, 1), 0);
	assert_int_equal(post(1, 1), -ENXIO);
	synic_counters(synic, 0, &counters);
	assert_int_equal(counters.refused, 1);
	assert_int_equal(counters.dropped, 1);
}

static void bad_targets_are_refused(void **state)
{
	u8 payload[241] = { 0 };

	(void)state;
	turn(0, true);
	assert_int_equal(synic_post(synic, FAKE_CPUS, SINT, 1, payload, 4), -EINVAL);
	assert_int_equal(synic_post(synic, 0, 16, 1, payload, 4), -EINVAL);
	assert_int_equal(synic_post(synic, 0, SINT, HVP_MSG_NONE, payload, 4), -EINVAL);
	assert_int_equal(synic_post(synic, 0, SINT, 1, payload, 241), -EINVAL);
	assert_int_equal(synic_post(synic, 0, SINT, 1, payload, 240), 0);
	assert_false(synic_set_event(synic, 0, SINT, HVP_EVENT_FLAGS));
	assert_false(synic_set_event(synic, FAKE_CPUS, SINT, 0));
}

static void messages_arrive_in_order_one_at_a_time(void **state)
{
	(void)state;
	turn(0, true);
	for (u32 i = 1; i <= 5; i++)
		assert_int_equal(post(0, i), 0);
	assert_int_equal(synic_post_pending(synic, 0, SINT), 5);
	assert_int_equal(fake.interrupts[GSI(0)], 1);
	for (u32 i = 1; i <= 5; i++) {
		bool more = consume(i);

		assert_int_equal(more, i < 5);
		if (more)
			end_of_message(0);
	}
	assert_int_equal(synic_post_pending(synic, 0, SINT), 0);
	assert_int_equal(fake.interrupts[GSI(0)], 5);
}

static void an_end_of_interrupt_is_only_a_hint(void **state)
{
	(void)state;
	turn(0, true);
	post(0, 1);
	post(0, 2);
	end_of_message(0);	/* the slot is still full */
	assert_int_equal(synic_post_pending(synic, 0, SINT), 2);
	consume(1);
	end_of_message(0);
	end_of_message(0);	/* and now there is nothing to send */
	consume(2);
	assert_int_equal(fake.interrupts[GSI(0)], 2);
}

static void turning_the_page_off_drops_what_waits(void **state)
{
	struct synic_counters counters;

	(void)state;
	turn(0, true);
	post(0, 1);
	post(0, 2);
	post(0, 3);
	turn(0, false);
	assert_int_equal(synic_post_pending(synic, 0, SINT), 0);
	synic_counters(synic, 0, &counters);
	assert_int_equal(counters.dropped, 2);
	turn(0, true);
	assert_int_equal(slot()->type, HVP_MSG_NONE);	/* and the page starts empty */
	post(0, 4);
	consume(4);
}

static void the_queue_is_bounded(void **state)
{
	(void)state;
	turn(0, true);
	for (u32 i = 0; i < SYNIC_QUEUE_MAX + 1; i++)	/* one is in the slot */
		assert_int_equal(post(0, i), 0);
	assert_int_equal(post(0, 0), -ENOBUFS);
	synic_post_cancel(synic, 0, SINT);
	assert_int_equal(synic_post_pending(synic, 0, SINT), 1);
}

static void a_page_outside_memory_is_off(void **state)
{
	struct kvm_run run = { .hyperv.u.synic = {
		.control = 1, .msg_page = FAKE_MEMORY | 1, .evt_page = 0xfffffffffffff001ull } };

	(void)state;
	synic_exit(synic, 0, &run);
	assert_int_equal(post(0, 1), -ENXIO);
	assert_false(synic_set_event(synic, 0, SINT, 5));
}

static void an_event_interrupts_once_until_cleared(void **state)
{
	struct hvp_event_page *page = gmem_map(fake.gmem, EVT_GPA, HVP_PAGE_SIZE, true);

	(void)state;
	turn(0, true);
	assert_true(synic_set_event(synic, 0, SINT, 65));
	assert_false(synic_set_event(synic, 0, SINT, 65));
	assert_true(synic_set_event(synic, 0, SINT, 2047));
	assert_int_equal(page->flags[SINT][1], 2);
	assert_int_equal(page->flags[SINT][31], 1ull << 63);
	page->flags[SINT][1] = 0;
	assert_true(synic_set_event(synic, 0, SINT, 65));
	assert_int_equal(fake.interrupts[GSI(0)], 3);
}

static void resample_reaches_the_port_through_the_loop(void **state)
{
	uint64_t one = 1;

	(void)state;
	turn(1, true);
	post(1, 1);
	post(1, 2);
	consume(1);
	assert_int_equal(write(fake.resample_fd[GSI(1)], &one, sizeof(one)), sizeof(one));
	loop_defer(loop, stop, loop);
	loop_run(loop);
	consume(2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_sints_are_routed),
		CASE(a_page_that_is_off_refuses),
		CASE(bad_targets_are_refused),
		CASE(messages_arrive_in_order_one_at_a_time),
		CASE(an_end_of_interrupt_is_only_a_hint),
		CASE(turning_the_page_off_drops_what_waits),
		CASE(the_queue_is_bounded),
		CASE(a_page_outside_memory_is_off),
		CASE(an_event_interrupts_once_until_cleared),
		CASE(resample_reaches_the_port_through_the_loop),
	};

	return cmocka_run_group_tests_name("synic", tests, NULL, NULL);
}
