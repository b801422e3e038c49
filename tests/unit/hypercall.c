// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/hypercall.h"
#include "protocol/synic.h"

#include "tests/unit/unit.h"

static void signal_event_input(void **state)
{
	(void)state;
	assert_true(hvp_signal_event_input(0, 0) == 0);
	assert_true(hvp_signal_event_input(0xffffffff, 0) == 0xffffffffull);
	assert_true(hvp_signal_event_input(0, 0xffff) == 0xffff00000000ull);
	assert_true(hvp_signal_event_input(0x80000001, 0x8001) == 0x800180000001ull);
}

static void post_message_layout(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct hvp_post_message_input, connection_id), 0);
	assert_int_equal(offsetof(struct hvp_post_message_input, message_type), 8);
	assert_int_equal(offsetof(struct hvp_post_message_input, payload_size), 12);
	assert_int_equal(offsetof(struct hvp_post_message_input, payload), 16);
}

static void synic_page_layout(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct hvp_message, type), 0);
	assert_int_equal(offsetof(struct hvp_message, payload_size), 4);
	assert_int_equal(offsetof(struct hvp_message, flags), 5);
	assert_int_equal(offsetof(struct hvp_message, sender), 8);
	assert_int_equal(offsetof(struct hvp_message, payload), 16);
	assert_int_equal(offsetof(struct hvp_message_page, slot[HVP_SINT_VMBUS]), 512);
	assert_int_equal(offsetof(struct hvp_event_page, flags[HVP_SINT_VMBUS]), 512);
	assert_int_equal(sizeof(((struct hvp_event_page *)0)->flags[0]) * 8, HVP_EVENT_FLAGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signal_event_input),
		cmocka_unit_test(post_message_layout),
		cmocka_unit_test(synic_page_layout),
	};

	return cmocka_run_group_tests_name("hypercall", tests, NULL, NULL);
}
