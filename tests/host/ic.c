// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/ic.h"

#include "host/vsp/heartbeat.h"
#include "host/vsp/shutdown.h"
#include "tests/host/fake_bus.h"

/* The integration services as a guest sees them, over a bus without rings. */

static struct vmbus bus;
static struct ic_set set = { .vmbus = &bus, .generation = HVP_GENERATION_2019 };
static struct vmbus_channel *channel;

#define HEADERS	(sizeof(struct hvp_pipe_header) + sizeof(struct hvp_ic_header))

/* What the host asked last; the answer is made in place. */
static u8 message[16384];
static u32 message_len;
static struct hvp_ic_header *header = (struct hvp_ic_header *)(message + 8);
static void *body = message + HEADERS;

static void take_request(void)
{
	const struct fake_sent *sent = guest_receive();

	assert_int_equal(sent->type, HVP_PKT_INBAND);
	memcpy(message, sent->bytes, sent->len);
	message_len = sent->len;
	assert_int_equal(header->flags, HVP_IC_TRANSACTION | HVP_IC_REQUEST);
}

static void send_answer(void)
{
	header->flags = HVP_IC_TRANSACTION | HVP_IC_RESPONSE;
	guest_send(channel, HVP_PKT_INBAND, 0, message, message_len, 0);
}

static void stop(void *loop)
{
	loop_stop(loop);
}

/* The negotiation leaves by a timer. */
static void run_timers(void)
{
	struct loop_timer *timer = loop_timer_create(bus.loop, stop, bus.loop);

	loop_timer_arm(timer, 20000000);
	loop_run(bus.loop);
	loop_timer_destroy(timer);
}

static void open_and_take_negotiation(void)
{
	channel = &fake_device->channels[0];
	guest_open(channel);
	assert_int_equal(fake_sent_count, 0);
	run_timers();
	take_request();
	assert_int_equal(header->type, HVP_IC_NEGOTIATE);
	assert_int_equal(hvp_ic_negotiate_check(body, header->size), 0);
}

static void agree(u16 major, u16 minor)
{
	struct hvp_ic_negotiate *negotiate = body;

	negotiate->framework_count = 1;
	negotiate->message_count = 1;
	negotiate->versions[0] = (struct hvp_ic_version) { 3, 0 };
	negotiate->versions[1] = (struct hvp_ic_version) { major, minor };
	send_answer();
}

static void the_host_lists_versions_of_its_generation(void **state)
{
	static const struct {
		enum hvp_generation generation;
		u16 count;
		u16 minor;	/* of the newest */
	} cases[] = { { HVP_GENERATION_2016, 2, 0 }, { HVP_GENERATION_2019, 4, 2 } };
	const struct hvp_ic_negotiate *negotiate = body;
	struct shutdown *sd;
	struct err err;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		fake_bus_start(&bus, HVP_V5_3);
		set.generation = cases[i].generation;
		assert_int_equal(shutdown_create(&sd, &set, &err), 0);
		open_and_take_negotiation();
		assert_in_range(negotiate->framework_count, 1, 2);
		assert_int_equal(negotiate->message_count, cases[i].count);
		assert_int_equal(negotiate->versions[negotiate->framework_count + cases[i].count - 1].minor, cases[i].minor);
		agree(3, 0);
		assert_int_equal(ic_state(shutdown_ic(sd)), IC_READY);
		shutdown_destroy(sd);
		fake_bus_stop(&bus);
	}
}

static void nothing_in_common_is_final(void **state)
{
	static const struct hvp_shutdown_request nothing;
	struct hvp_ic_negotiate *negotiate = body;
	struct shutdown *sd;
	struct err err;

	(void)state;
	fake_bus_start(&bus, HVP_V5_3);
	assert_int_equal(shutdown_create(&sd, &set, &err), 0);
	open_and_take_negotiation();
	negotiate->framework_count = 0;
	negotiate->message_count = 0;
	send_answer();
	assert_int_equal(ic_state(shutdown_ic(sd)), IC_REFUSED);
	assert_int_equal(shutdown_request(sd, &nothing, NULL, NULL), -ENOTCONN);
	assert_int_equal(checker_total(bus.checker), 0);
	shutdown_destroy(sd);
	fake_bus_stop(&bus);
}

static u32 answer_status;
static int answers;

static void guest_agreed(void *opaque, const struct ic_answer *answer)
{
	(void)opaque;
	answers += answer->error ? 100 : 1;
	answer_status = answer->status;
}

static const struct hvp_shutdown_request power_off;
static const struct hvp_shutdown_request restart = { .action = HVP_SHUTDOWN_DO_RESTART };

static void shutdown_waits_for_the_guests_word(void **state)
{
	struct shutdown *sd;
	struct err err;

	(void)state;
	fake_bus_start(&bus, HVP_V5_3);
	assert_int_equal(shutdown_create(&sd, &set, &err), 0);
	open_and_take_negotiation();
	agree(3, 0);
	assert_int_equal(shutdown_request(sd, &restart, guest_agreed, NULL), -EOPNOTSUPP);
	assert_int_equal(shutdown_request(sd, &power_off, guest_agreed, NULL), 0);
	assert_int_equal(shutdown_request(sd, &power_off, guest_agreed, NULL), -EBUSY);
	take_request();
	assert_int_equal(header->type, HVP_IC_SHUTDOWN);
	assert_int_equal(header->size, sizeof(struct hvp_ic_shutdown));
	answers = 0;
	header->status = 0x80004005;
	send_answer();
	assert_int_equal(answers, 1);
	assert_int_equal(answer_status, 0x80004005);

	assert_int_equal(shutdown_request(sd, &power_off, guest_agreed, NULL), 0);
	guest_close(channel);
	assert_int_equal(answers, 101);
	assert_int_equal(checker_total(bus.checker), 0);
	shutdown_destroy(sd);
	fake_bus_stop(&bus);
}

static void restart_is_a_flag(void **state)
{
	const struct hvp_ic_shutdown *request = body;
	struct shutdown *sd;
	struct err err;

	(void)state;
	fake_bus_start(&bus, HVP_V5_3);
	assert_int_equal(shutdown_create(&sd, &set, &err), 0);
	open_and_take_negotiation();
	agree(3, 2);
	assert_int_equal(shutdown_request(sd, &restart, guest_agreed, NULL), 0);
	take_request();
	assert_int_equal(request->flags, HVP_SHUTDOWN_RESTART);
	shutdown_forget(sd, NULL);
	shutdown_destroy(sd);
	fake_bus_stop(&bus);
}

static void a_beat_is_answered(void **state)
{
	const struct heartbeat_state *info;
	struct hvp_ic_heartbeat *beat = body;
	struct heartbeat *hb;
	struct err err;

	(void)state;
	fake_bus_start(&bus, HVP_V5_3);
	assert_int_equal(heartbeat_create(&hb, &set, &err), 0);
	open_and_take_negotiation();
	agree(3, 0);
	take_request();
	assert_int_equal(header->type, HVP_IC_HEARTBEAT);
	beat->sequence++;
	beat->application_state = 1;
	send_answer();
	info = heartbeat_state(hb);
	assert_int_equal(info->pulse, HEARTBEAT_OK);
	assert_int_equal(info->answered, 1);
	assert_int_equal(info->application, 1);
	assert_int_equal(info->wrong, 0);
	guest_close(channel);
	assert_int_equal(info->pulse, HEARTBEAT_NONE);
	heartbeat_destroy(hb);
	fake_bus_stop(&bus);
}

static void unasked_and_broken_answers_are_reported(void **state)
{
	struct shutdown *sd;
	struct err err;

	(void)state;
	fake_bus_start(&bus, HVP_V5_3);
	assert_int_equal(shutdown_create(&sd, &set, &err), 0);
	open_and_take_negotiation();
	agree(3, 2);
	send_answer();
	assert_int_equal(checker_count(bus.checker, RULE_IC_ANSWER), 1);
	header->size = 0xffff;
	send_answer();
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 1);
	guest_send(channel, HVP_PKT_INBAND, 0, message, 8, 0);
	assert_int_equal(checker_count(bus.checker, RULE_IC_MESSAGE), 2);
	shutdown_destroy(sd);
	fake_bus_stop(&bus);
}

static void a_dropped_negotiation_leaves_the_service_waiting(void **state)
{
	struct shutdown *sd;
	struct err err;

	(void)state;
	fake_bus_start(&bus, HVP_V5_3);
	assert_int_equal(fault_arm(bus.fault, "ic.request drop device=shutdown", NULL, &err), 0);
	assert_int_equal(shutdown_create(&sd, &set, &err), 0);
	channel = &fake_device->channels[0];
	guest_open(channel);
	run_timers();
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(ic_state(shutdown_ic(sd)), IC_NEGOTIATING);
	shutdown_destroy(sd);
	fake_bus_stop(&bus);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_host_lists_versions_of_its_generation),
		cmocka_unit_test(nothing_in_common_is_final),
		cmocka_unit_test(shutdown_waits_for_the_guests_word),
		cmocka_unit_test(restart_is_a_flag),
		cmocka_unit_test(a_beat_is_answered),
		cmocka_unit_test(unasked_and_broken_answers_are_reported),
		cmocka_unit_test(a_dropped_negotiation_leaves_the_service_waiting),
	};

	return cmocka_run_group_tests_name("ic", tests, NULL, NULL);
}
