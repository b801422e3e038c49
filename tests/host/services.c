// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/verbs_bench.h"

/*
 * The verbs of the core services against a guest that runs them, over real
 * rings: from the client's line through the bus to the guest, and back.
 */
#include "host/test/fake_device.c"
#include "host/test/fake_guest.c"
#include "host/test/fake_hyperv.c"
#include "host/vsp/vsp.h"
#include "protocol/heartbeat.h"
#include "protocol/shutdown.h"
#include "protocol/timesync.h"

void hypercall_counters(struct hypercall *hc, struct hypercall_counters *out)
{
	(void)hc;
	memset(out, 0, sizeof(*out));
}

/* The fake guest lets the host work: with a real loop, a moment is enough. */
void fake_settle(struct loop *l)
{
	(void)l;
	turn(1);
}

static struct guest *guest;
static struct vsp *vsp;

/* The three services as the guest runs them. */
static struct guest_channel heartbeat, shutdown_channel, timesync;

static u8 message[16384];
static struct hvp_ic_header *const header = (struct hvp_ic_header *)(message + 8);
static void *const body = message + HVP_IC_HEADERS_SIZE;
static u32 message_len;

static bool take(struct guest_channel *ch)
{
	struct hvp_packet_desc desc;

	if (!guest_recv(ch, &desc, message, sizeof(message)))
		return false;
	message_len = desc.len8 * 8u - (u32)sizeof(desc);
	return true;
}

static void send_back(struct guest_channel *ch)
{
	header->flags = HVP_IC_TRANSACTION | HVP_IC_RESPONSE;
	assert_true(guest_send(ch, HVP_PKT_INBAND, 0, header->transaction, message, message_len));
	turn(2);
}

static void negotiate(struct guest_channel *ch, u16 major, u16 minor)
{
	struct hvp_ic_negotiate *answer = body;

	assert_true(take(ch));
	assert_int_equal(header->type, HVP_IC_NEGOTIATE);
	answer->framework_count = 1;
	answer->message_count = 1;
	answer->versions[0] = (struct hvp_ic_version){ 3, 0 };
	answer->versions[1] = (struct hvp_ic_version){ major, minor };
	send_back(ch);
}

static void open_service(struct guest_channel *ch, u16 major, u16 minor)
{
	assert_int_equal(guest_open(ch, 8), 0);
	turn(2);
	negotiate(ch, major, minor);
}

static void answer_beats(void)
{
	while (take(&heartbeat)) {
		assert_int_equal(hvp_heartbeat_reply(body, header->size, HVP_HEARTBEAT_HEALTHY), 0);
		send_back(&heartbeat);
	}
}

/* Return: the flags of the next message of the time service. */
static u8 take_time(struct hvp_time_sample *sample)
{
	assert_true(take(&timesync));
	assert_int_equal(header->type, HVP_IC_TIMESYNC);
	assert_int_equal(hvp_timesync_check(body, header->size, header->message, sample), 0);
	send_back(&timesync);
	return sample->flags;
}

static const struct {
	struct hvp_guid class_id;
	struct guest_channel *ch;
} wanted[] = {
	{ HVP_CLASS_HEARTBEAT, &heartbeat },
	{ HVP_CLASS_SHUTDOWN, &shutdown_channel },
	{ HVP_CLASS_TIMESYNC, &timesync },
};

static void take_offers(void)
{
	union hvp_chanmsg msg;
	unsigned int i;

	while (guest_take_any(guest, &msg) && msg.h.type == HVP_CM_OFFER_CHANNEL) {
		for (i = 0; i < HVP_COUNT_OF(wanted); i++)
			if (hvp_guid_equal(&msg.offer.class_id, &wanted[i].class_id))
				*wanted[i].ch = (struct guest_channel){
					.guest = guest, .offer = msg.offer, .relid = msg.offer.relid,
				};
	}
}

static void start(const char *generation)
{
	struct vsp_config vsp_config = { .generation = generation };
	struct control_config control_config = { .vm = &vm };
	struct err err;

	memset(&vm, 0, sizeof(vm));
	guest = guest_create(NULL);
	loop = guest->loop;
	assert_int_equal(vsp_create(&vsp, guest->vmbus, &vsp_config, &err), 0);
	control_config.loop = loop;
	control_config.vmbus = guest->vmbus;
	control_config.vsp = vsp;
	assert_int_equal(control_create(&control, &control_config, &err), 0);
	connect_client();
	guest_connect(guest, HVP_V5_3);
	take_offers();
}

static int setup(void **state)
{
	(void)state;
	start("2019");
	open_service(&heartbeat, 3, 0);
	open_service(&shutdown_channel, 3, 2);
	open_service(&timesync, 4, 0);
	answer_beats();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vsp_drain(vsp);
	assert_int_equal(checker_total(vmbus_checker(guest->vmbus)), 0);
	close(peer);
	control_destroy(control);
	vsp_destroy(vsp);
	guest_destroy(guest);
	return 0;
}

#define SERVICE(name) "{\"name\":\"" name "\",\"switch\":\"on\",\"service\":\"ready\",\"framework\":\"3.0\""

static void the_list_shows_what_was_agreed(void **state)
{
	(void)state;
	expect("{\"verb\":\"service\"}", SERVICE("heartbeat") ",\"version\":\"3.0\"");
	expect("{\"verb\":\"service\"}", SERVICE("shutdown") ",\"version\":\"3.2\"");
	expect("{\"verb\":\"service\"}", SERVICE("timesync") ",\"version\":\"4.0\"");
}

static void beats_come_back(void **state)
{
	(void)state;
	expect("{\"verb\":\"heartbeat\"}", "\"state\":\"ok\",\"application\":\"healthy\"");
	expect("{\"verb\":\"heartbeat\",\"args\":{\"action\":\"beat\",\"count\":100}}", OK);
	answer_beats();
	expect("{\"verb\":\"heartbeat\"}", "\"answered\":101,\"wrong\":0");
	expect("{\"verb\":\"wait\",\"args\":{\"for\":\"heartbeat\",\"count\":101}}", OK);
}

static void a_shutdown_is_answered_when_the_guest_has_spoken(void **state)
{
	struct hvp_shutdown_request request;

	(void)state;
	say("{\"id\":1,\"verb\":\"shutdown\",\"args\":{\"force\":true,\"reason\":7,\"timeout\":30,"
	    "\"text\":\"gr\u00fc\u00dfe\"}}");
	assert_string_equal(heard(), "");
	assert_true(take(&shutdown_channel));
	assert_int_equal(hvp_shutdown_request_check(body, header->size, &request), 0);
	assert_int_equal(request.action, HVP_SHUTDOWN_DO_POWER_OFF);
	assert_true(request.force);
	assert_int_equal(request.reason, 7);
	assert_int_equal(request.timeout_seconds, 30);
	assert_string_equal(request.text, "gr\u00fc\u00dfe");
	expect("{\"id\":2,\"verb\":\"reboot\"}", "shutdown is busy");
	send_back(&shutdown_channel);
	assert_non_null(strstr(heard(), "{\"id\":1,\"ok\":true"));
}

static void each_kind_of_end_has_its_flag(void **state)
{
	static const struct {
		const char *line;
		enum hvp_shutdown_action action;
	} kinds[] = {
		{ "{\"verb\":\"shutdown\"}", HVP_SHUTDOWN_DO_POWER_OFF },
		{ "{\"verb\":\"shutdown\",\"args\":{\"reboot\":true}}", HVP_SHUTDOWN_DO_RESTART },
		{ "{\"verb\":\"shutdown\",\"args\":{\"restart\":true}}", HVP_SHUTDOWN_DO_RESTART },
		{ "{\"verb\":\"reboot\"}", HVP_SHUTDOWN_DO_RESTART },
		{ "{\"verb\":\"shutdown\",\"args\":{\"hibernate\":true}}", HVP_SHUTDOWN_DO_HIBERNATE },
	};
	struct hvp_shutdown_request request;
	unsigned int i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(kinds); i++) {
		say(kinds[i].line);
		assert_true(take(&shutdown_channel));
		assert_int_equal(hvp_shutdown_request_check(body, header->size, &request), 0);
		assert_int_equal(request.action, kinds[i].action);
		assert_int_equal(request.reason, HVP_SHUTDOWN_PLANNED);
		send_back(&shutdown_channel);
		assert_non_null(strstr(heard(), OK));
	}
}

static void a_refusal_is_told(void **state)
{
	(void)state;
	say("{\"verb\":\"shutdown\"}");
	assert_true(take(&shutdown_channel));
	header->status = HVP_HR_FAIL;
	send_back(&shutdown_channel);
	assert_non_null(strstr(heard(), "the guest refused: 0x80004005"));
	say("{\"verb\":\"shutdown\"}");
	assert_true(take(&shutdown_channel));
	guest_close(&shutdown_channel);
	turn(2);
	assert_non_null(strstr(heard(), "without an answer"));
}

static void silence_is_told(void **state)
{
	(void)state;
	say("{\"verb\":\"shutdown\",\"args\":{\"timeout\":1}}");
	assert_string_equal(heard(), "");
	turn(1050);
	assert_non_null(strstr(heard(), "did not answer"));
}

static void a_client_that_left_is_not_answered(void **state)
{
	(void)state;
	say("{\"verb\":\"shutdown\"}");
	close(peer);
	turn(2);
	assert_true(take(&shutdown_channel));
	send_back(&shutdown_channel);
	connect_client();
	expect("{\"verb\":\"service\"}", OK);
}

static void off_takes_the_channel_and_on_brings_a_new_one(void **state)
{
	u32 relid = timesync.relid;
	struct hvp_time_sample sample;

	(void)state;
	assert_int_equal(take_time(&sample), HVP_TIMESYNC_SYNC);
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"off\",\"name\":\"timesync\"}}", OK);
	assert_int_equal(guest_take(guest, HVP_CM_RESCIND_OFFER).relid.relid, relid);
	expect("{\"verb\":\"service\"}", "{\"name\":\"timesync\",\"switch\":\"off\",\"service\":\"ready\"");
	guest_close(&timesync);
	guest_release(&timesync);
	expect("{\"verb\":\"service\"}", "{\"name\":\"timesync\",\"switch\":\"off\",\"service\":\"closed\"");
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"sync\"}}", "does not run");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"on\",\"name\":\"timesync\"}}", OK);
	take_offers();
	assert_int_not_equal(timesync.relid, relid);
	open_service(&timesync, 3, 0);
	assert_int_equal(take_time(&sample), HVP_TIMESYNC_SYNC);
	expect("{\"verb\":\"service\"}", SERVICE("timesync") ",\"version\":\"3.0\"");
}

static void time_is_told_on_request(void **state)
{
	struct hvp_time_sample first, second;
	int i;

	(void)state;
	assert_int_equal(take_time(&first), HVP_TIMESYNC_SYNC);
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"jump\",\"us\":3600000000}}", OK);
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"sync\"}}", "\"syncs\":2");
	assert_int_equal(take_time(&second), HVP_TIMESYNC_SYNC);
	assert_in_range(second.host_time - first.host_time, 36000000000ull, 36600000000ull);
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"sample\",\"count\":40}}", "\"samples\":40");
	for (i = 0; i < 40; i++)
		assert_int_equal(take_time(&second), HVP_TIMESYNC_SAMPLE);
	expect("{\"verb\":\"time\"}", "\"asked\":42,\"answered\":42");
}

/* As after a saved state: all services negotiate anew, then comes a SYNC. */
static void a_pause_ends_with_a_new_agreement_and_the_time(void **state)
{
	struct hvp_time_sample sample;

	(void)state;
	assert_int_equal(take_time(&sample), HVP_TIMESYNC_SYNC);
	expect("{\"verb\":\"pause\"}", OK);
	expect("{\"verb\":\"heartbeat\"}", "\"state\":\"lost\"");
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"sample\",\"count\":2}}", OK);
	expect("{\"verb\":\"resume\"}", OK);
	assert_int_equal(take_time(&sample), HVP_TIMESYNC_SAMPLE);
	assert_int_equal(take_time(&sample), HVP_TIMESYNC_SAMPLE);
	negotiate(&timesync, 4, 0);
	assert_int_equal(take_time(&sample), HVP_TIMESYNC_SYNC);
	negotiate(&shutdown_channel, 3, 1);
	negotiate(&heartbeat, 3, 0);
	answer_beats();
	expect("{\"verb\":\"heartbeat\"}", "\"state\":\"ok\"");
	expect("{\"verb\":\"service\"}", SERVICE("shutdown") ",\"version\":\"3.1\"");
}

static void an_old_host_cannot_ask_for_a_restart(void **state)
{
	teardown(state);
	start("2016");
	open_service(&shutdown_channel, 3, 0);
	expect("{\"verb\":\"reboot\"}", "version 3.0 of shutdown");
	expect("{\"verb\":\"shutdown\",\"args\":{\"hibernate\":true}}", "cannot do that");
	expect("{\"verb\":\"service\"}", "\"generation\":\"2016\"");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(the_list_shows_what_was_agreed),
		CASE(beats_come_back),
		CASE(a_shutdown_is_answered_when_the_guest_has_spoken),
		CASE(each_kind_of_end_has_its_flag),
		CASE(a_refusal_is_told),
		CASE(silence_is_told),
		CASE(a_client_that_left_is_not_answered),
		CASE(off_takes_the_channel_and_on_brings_a_new_one),
		CASE(time_is_told_on_request),
		CASE(a_pause_ends_with_a_new_agreement_and_the_time),
		CASE(an_old_host_cannot_ask_for_a_restart),
	};

	return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
