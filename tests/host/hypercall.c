// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/fake_vm.h"

#include <stdio.h>

#include "host/hyperv/hypercall.c"

#define INPUT_GPA	0x6000
#define OPEN_ID		4
#define CLOSED_ID	5

static struct loop *loop;
static struct hypercall *hc;

/* What came up, as text. */
static char heard[4096];

static void say(const char *fmt, ...)
{
	size_t len = strlen(heard);
	va_list args;

	va_start(args, fmt);
	vsnprintf(heard + len, sizeof(heard) - len, fmt, args);
	va_end(args);
}

static void hear_message(void *opaque, uint32_t vp, uint32_t conn_id, uint32_t type,
			 const void *payload, size_t len)
{
	(void)opaque;
	say("post vp%u c%u t%u %.*s;", vp, conn_id, type, (int)len, (const char *)payload);
}

static void hear_refused(void *opaque, uint32_t vp, uint16_t code, uint32_t conn_id, uint16_t status)
{
	(void)opaque;
	say("refused vp%u %x c%u s%u;", vp, code, conn_id, status);
}

static void hear_crash(void *opaque, const uint64_t regs[5])
{
	(void)opaque;
	say("crash %llx %llx;", (unsigned long long)regs[0], (unsigned long long)regs[4]);
}

static const struct hypercall_ops ops = {
	.post_message = hear_message, .refused = hear_refused, .crash = hear_crash,
};

static int setup(void **state)
{
	struct err err;

	(void)state;
	fake_start();
	heard[0] = '\0';
	loop = loop_create();
	assert_int_equal(hypercall_create(&hc, &fake, loop, &err), 0);
	hypercall_set_ops(hc, &ops, NULL);
	assert_int_equal(hypercall_open_message(hc, OPEN_ID), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hypercall_destroy(hc);
	loop_destroy(loop);
	fake_stop();
	return 0;
}

static void stop(void *opaque)
{
	loop_stop(opaque);
}

static void run_loop(void)
{
	loop_post(loop, stop, loop);
	loop_run(loop);
}

static uint16_t call(uint64_t input, uint64_t param)
{
	struct kvm_run run = { .hyperv.u.hcall = { .input = input, .params = { param } } };

	hypercall_exit(hc, 1, &run);
	return (uint16_t)run.hyperv.u.hcall.result;
}

static void put_input(uint64_t gpa, uint32_t conn_id, uint32_t size, const char *payload)
{
	struct hvp_post_message_input in = {
		.connection_id = conn_id, .message_type = 1, .payload_size = size,
	};

	memcpy(in.payload, payload, strlen(payload));
	assert_int_equal(gmem_write(fake.gmem, gpa, &in, sizeof(in)), 0);
}

static void a_message_comes_up(void **state)
{
	(void)state;
	put_input(INPUT_GPA, OPEN_ID, 5, "hello");
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_SUCCESS);
	put_input(INPUT_GPA, OPEN_ID, 5, "other");	/* the copy was taken already */
	run_loop();
	assert_string_equal(heard, "post vp1 c4 t1 hello;");
}

static void malformed_messages_are_refused(void **state)
{
	(void)state;
	put_input(INPUT_GPA, OPEN_ID, 241, "");
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_INVALID_PARAMETER);
	put_input(INPUT_GPA, OPEN_ID, 1, "x");
	assert_int_equal(call(HVP_CALL_POST_MESSAGE | INPUT_FAST, INPUT_GPA),
			 HVP_STATUS_INVALID_HYPERCALL_INPUT);
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA + 4), HVP_STATUS_INVALID_ALIGNMENT);
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA + 4096 - 248),
			 HVP_STATUS_INVALID_ALIGNMENT);
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, FAKE_MEMORY),
			 HVP_STATUS_INVALID_HYPERCALL_INPUT);
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, UINT64_MAX & ~7ull),
			 HVP_STATUS_INVALID_ALIGNMENT);
	put_input(INPUT_GPA, CLOSED_ID, 1, "x");
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(call(0x7777, INPUT_GPA), HVP_STATUS_INVALID_HYPERCALL_CODE);
	run_loop();
	assert_null(strstr(heard, "post"));
	assert_non_null(strstr(heard, "refused vp1 5c c4 s5;"));
	assert_non_null(strstr(heard, "refused vp1 5c c5 s18;"));
	assert_non_null(strstr(heard, "refused vp1 7777 c0 s2;"));
}

static void signals_keep_their_order_with_messages(void **state)
{
	(void)state;
	put_input(INPUT_GPA, OPEN_ID, 1, "x");
	call(HVP_CALL_POST_MESSAGE, INPUT_GPA);
	assert_int_equal(call(HVP_CALL_SIGNAL_EVENT | INPUT_FAST, hvp_signal_event_input(OPEN_ID, 7)),
			 HVP_STATUS_INVALID_CONNECTION_ID);
	call(HVP_CALL_POST_MESSAGE, INPUT_GPA);
	run_loop();
	assert_string_equal(heard, "post vp1 c4 t1 x;refused vp1 5d c4 s18;post vp1 c4 t1 x;");
}

static void bad_signals_are_refused(void **state)
{
	(void)state;
	assert_int_equal(call(HVP_CALL_SIGNAL_EVENT | INPUT_FAST, CLOSED_ID),
			 HVP_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(call(HVP_CALL_SIGNAL_EVENT | INPUT_FAST, 1ull << 48 | OPEN_ID),
			 HVP_STATUS_INVALID_HYPERCALL_INPUT);
	assert_int_equal(call(HVP_CALL_SIGNAL_EVENT | INPUT_FAST, OPEN_ID),
			 HVP_STATUS_INVALID_CONNECTION_ID);
}

static void a_full_queue_says_so(void **state)
{
	struct hypercall_counters counters;

	(void)state;
	put_input(INPUT_GPA, OPEN_ID, 0, "");
	for (unsigned int i = 0; i < HYPERCALL_QUEUE_MAX; i++)
		assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_SUCCESS);
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_INSUFFICIENT_BUFFERS);
	run_loop();
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_SUCCESS);
	hypercall_counters(hc, &counters);
	assert_int_equal(counters.posts, HYPERCALL_QUEUE_MAX + 2);
	assert_int_equal(counters.refused, 1);
}

static void open_ids_are_bounded(void **state)
{
	(void)state;
	for (uint32_t id = 100; id < 100 + HYPERCALL_MAX_OPEN - 1; id++)
		assert_int_equal(hypercall_open_message(hc, id), 0);
	assert_int_equal(hypercall_open_message(hc, OPEN_ID), 0);
	assert_int_equal(hypercall_open_message(hc, 99), -ENOSPC);
	hypercall_close_message(hc, 100);
	assert_int_equal(hypercall_open_message(hc, 99), 0);
}

static void hear_event(void *opaque, uint32_t conn_id, uint64_t count)
{
	(void)opaque;
	say("event c%u n%llu;", conn_id, (unsigned long long)count);
}

static void bound_signals_merge(void **state)
{
	uint64_t three = 3;

	(void)state;
	assert_int_equal(hypercall_bind_event(hc, 0, hear_event, NULL), -EINVAL);
	assert_int_equal(hypercall_bind_event(hc, 1 << 24, hear_event, NULL), -EINVAL);
	assert_int_equal(hypercall_bind_event(hc, 70000, hear_event, NULL), 0);
	assert_int_equal(hypercall_bind_event(hc, 70000, hear_event, NULL), -EEXIST);
	assert_int_equal(fake.bound[0], 70000);
	assert_int_equal(write(fake.bound_fd[0], &three, 8), 8);
	run_loop();
	assert_string_equal(heard, "event c70000 n3;");
	assert_int_equal(write(fake.bound_fd[0], &three, 8), 8);
	hypercall_unbind_event(hc, 70000);
	hypercall_unbind_event(hc, 70000);
	assert_int_equal(fake.bound_count, 0);
}

/* Whoever cannot keep up leaves the calls where the guest notices. */
static void held_calls_wait_in_the_queue(void **state)
{
	(void)state;
	hypercall_hold(hc, true);
	for (u32 i = 0; i < HYPERCALL_QUEUE_MAX; i++) {
		put_input(INPUT_GPA, OPEN_ID, 1, "x");
		assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_SUCCESS);
	}
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_INSUFFICIENT_BUFFERS);
	run_loop();
	assert_string_equal(heard, "");
	hypercall_hold(hc, false);
	run_loop();
	assert_non_null(strstr(heard, "post vp1 c4 t1 x;"));
	run_loop();
	run_loop();
	run_loop();
	run_loop();
	put_input(INPUT_GPA, OPEN_ID, 1, "x");
	assert_int_equal(call(HVP_CALL_POST_MESSAGE, INPUT_GPA), HVP_STATUS_SUCCESS);
}

static void a_crash_brings_its_registers(void **state)
{
	(void)state;
	hypercall_crash(hc, 0);
	run_loop();
	assert_string_equal(heard, "crash 40000100 40000104;");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_message_comes_up),
		CASE(malformed_messages_are_refused),
		CASE(signals_keep_their_order_with_messages),
		CASE(bad_signals_are_refused),
		CASE(a_full_queue_says_so),
		CASE(open_ids_are_bounded),
		CASE(bound_signals_merge),
		CASE(held_calls_wait_in_the_queue),
		CASE(a_crash_brings_its_registers),
	};

	return cmocka_run_group_tests_name("hypercall", tests, NULL, NULL);
}
