// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/verbs_bench.h"

#include "host/hyperv/hypercall.h"
#include "host/hyperv/synic.h"
#include "host/machine/memory.h"
#include "host/vmbus/trace.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/vsp.h"
#include "protocol/agent.h"

/*
 * Every verb from its line of JSON to its answer: the real bus, devices and
 * control over a machine in which no guest ever runs.
 */

/* ---- the machine below the bus ---- */

void hypercall_set_ops(struct hypercall *hc, const struct hypercall_ops *ops, void *opaque)
{
	(void)hc;
	(void)ops;
	(void)opaque;
}

int hypercall_open_message(struct hypercall *hc, uint32_t id)
{
	(void)hc;
	(void)id;
	return 0;
}

void hypercall_close_message(struct hypercall *hc, uint32_t id)
{
	(void)hc;
	(void)id;
}

int hypercall_bind_event(struct hypercall *hc, uint32_t id, hypercall_event_cb cb, void *opaque)
{
	(void)hc;
	(void)id;
	(void)cb;
	(void)opaque;
	return 0;
}

void hypercall_unbind_event(struct hypercall *hc, uint32_t id)
{
	(void)hc;
	(void)id;
}

void hypercall_hold(struct hypercall *hc, bool hold)
{
	(void)hc;
	(void)hold;
}

void hypercall_counters(struct hypercall *hc, struct hypercall_counters *out)
{
	(void)hc;
	memset(out, 0, sizeof(*out));
}

int synic_post(struct synic *s, uint32_t vp, uint32_t sint, uint32_t type, const void *payload,
	       size_t len)
{
	(void)s;
	(void)vp;
	(void)sint;
	(void)type;
	(void)payload;
	(void)len;
	return 0;
}

unsigned int synic_post_pending(struct synic *s, uint32_t vp, uint32_t sint)
{
	(void)s;
	(void)vp;
	(void)sint;
	return 0;
}

void synic_counters(struct synic *s, uint32_t vp, struct synic_counters *out)
{
	(void)s;
	*out = (struct synic_counters){ .messages = 40 + vp };
}

void synic_post_cancel(struct synic *s, uint32_t vp, uint32_t sint)
{
	(void)s;
	(void)vp;
	(void)sint;
}

bool synic_set_event(struct synic *s, uint32_t vp, uint32_t sint, uint32_t flag)
{
	(void)s;
	(void)vp;
	(void)sint;
	(void)flag;
	return true;
}

/* ---- the bench ---- */

static struct gmem *gmem;
static struct vmbus *vmbus;
static struct vsp *vsp;

static int setup(void **state)
{
	static const char *const disks[] = { "ram=1M,serial=first", "null=1T,controller=1,ro" };
	struct vsp_config vsp_config = { .disks = disks, .disk_count = 2 };
	struct vmbus_config config = { .cpus = 2 };
	struct control_config control_config = { .vm = &vm };
	struct err err;

	(void)state;
	memset(&vm, 0, sizeof(vm));
	loop = loop_create();
	gmem = gmem_create();
	gmem_add(gmem, 0, 1 << 20);
	config.loop = loop;
	config.gmem = gmem;
	assert_int_equal(vmbus_create(&vmbus, &config, &err), 0);
	assert_int_equal(vsp_create(&vsp, vmbus, &vsp_config, &err), 0);
	control_config.loop = loop;
	control_config.vmbus = vmbus;
	control_config.vsp = vsp;
	assert_int_equal(control_create(&control, &control_config, &err), 0);
	connect_client();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(peer);
	control_destroy(control);
	vsp_destroy(vsp);
	vmbus_destroy(vmbus);
	gmem_destroy(gmem);
	loop_destroy(loop);
	return 0;
}

static void status_shows_everything(void **state)
{
	static const char *const parts[] = {
		"\"state\":\"running\"", "\"vcpus\":2", "\"agent\":\"absent\"",
		"\"vmbus\":{\"state\":\"disconnected\",\"version\":null}",
		"\"name\":\"scsi0\"", "\"name\":\"scsi1\"", "\"name\":\"heartbeat\"",
		"\"name\":\"shutdown\"", "\"services\":[{\"name\":\"heartbeat\"", "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f",
		"\"checker\":{\"violations\":0,\"rules\":0}",
	};
	const char *answer;
	size_t i;

	(void)state;
	say("{\"id\":1,\"verb\":\"status\"}");
	answer = heard();
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!strstr(answer, parts[i]))
			fail_msg("%s is not in %s", parts[i], answer);
	}
	expect("{\"verb\":\"stats\"}", "\"exits\":{\"all\":5");
	expect("{\"verb\":\"stats\"}", "\"ios\":0");
	expect("{\"verb\":\"stats\"}", "\"synic\":[{\"messages\":40");
	expect("{\"verb\":\"checker\"}", "\"list\":[]");
}

static void disks_come_change_and_go(void **state)
{
	(void)state;
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"list\"}}", "\"serial\":\"first\"");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"list\"}}", "\"bytes\":1099511627776");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"add\",\"spec\":\"ram=2M,lun=9\"}}", "\"lun\":9");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"add\",\"spec\":\"ram=2M,lun=9\"}}",
	       "lun 9 is in use");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"add\",\"spec\":\"ram=x\"}}", "not a size");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"add\",\"spec\":\"file=/nope\"}}", "/nope");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"add\"}}", "missing");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"resize\",\"lun\":9,\"size\":\"3M\"}}",
	       "\"bytes\":3145728");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"resize\",\"lun\":9,\"size\":\"0\"}}",
	       "must be a size");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"resize\",\"lun\":8,\"size\":\"3M\"}}",
	       "no disk at controller 0 lun 8");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"remove\",\"lun\":9}}", OK);
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"remove\",\"lun\":9}}", "no disk");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"remove\",\"controller\":2,\"lun\":9}}",
	       "must be 0 or 1");
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"rescan\",\"controller\":1}}", OK);
	expect("{\"verb\":\"disk\",\"args\":{\"action\":\"melt\"}}", "must be");
}

static void devices_are_rescinded_and_offered(void **state)
{
	(void)state;
	expect("{\"verb\":\"offer\",\"args\":{\"device\":\"scsi1\"}}", "offered already");
	expect("{\"verb\":\"rescind\",\"args\":{\"device\":\"scsi1\",\"sub_channel\":2}}",
	       "no sub-channel 2");
	expect("{\"verb\":\"rescind\",\"args\":{\"device\":\"scsi1\"}}", OK);
	expect("{\"verb\":\"wait\",\"args\":{\"for\":\"withdrawn\",\"device\":\"scsi1\"}}", OK);
	expect("{\"verb\":\"rescind\",\"args\":{\"device\":\"scsi1\"}}", "rescinded already");
	expect("{\"verb\":\"offer\",\"args\":{\"device\":\"scsi1\"}}", OK);
	expect("{\"verb\":\"offer\",\"args\":{\"device\":\"scsi7\"}}", "no device \\\"scsi7\\\"");
	expect("{\"verb\":\"offer\"}", "missing");
}

static void power_is_in_the_hands_of_the_client(void **state)
{
	(void)state;
	expect("{\"verb\":\"resume\"}", "not paused");
	expect("{\"verb\":\"pause\"}", OK);
	assert_true(vm.paused);
	expect("{\"verb\":\"pause\"}", "paused already");
	expect("{\"verb\":\"status\"}", "\"state\":\"paused\"");
	expect("{\"verb\":\"resume\"}", OK);
	assert_false(vm.paused);
	expect("{\"verb\":\"nmi\"}", OK);
	assert_int_equal(vm.nmis, 1);
	expect("{\"verb\":\"shutdown\"}", "does not run the service shutdown");
	expect("{\"verb\":\"reboot\"}", "does not run the service shutdown");
	expect("{\"verb\":\"quit\"}", OK);
	assert_true(vm.ended);
	assert_int_equal(vm.reason, HOST_EXIT_STOPPED);
}

static void a_shutdown_says_what_it_can(void **state)
{
	(void)state;
	expect("{\"verb\":\"shutdown\",\"args\":{\"restart\":true,\"hibernate\":true}}",
	       "exclude each other");
	expect("{\"verb\":\"shutdown\",\"args\":{\"reason\":-1}}", "must be 0 to 4294967295");
	expect("{\"verb\":\"shutdown\",\"args\":{\"timeout\":99999}}", "must be 0 to 86400");
	expect("{\"verb\":\"heartbeat\"}", "\"state\":\"none\",\"application\":\"unknown\"");
	expect("{\"verb\":\"heartbeat\",\"args\":{\"action\":\"beat\"}}", "does not run");
	expect("{\"verb\":\"heartbeat\",\"args\":{\"action\":\"beat\",\"count\":101}}", "1 to 100");
	expect("{\"verb\":\"heartbeat\",\"args\":{\"action\":\"skip\"}}", "must be");
}

static void services_are_switched(void **state)
{
	(void)state;
	expect("{\"verb\":\"service\"}", "\"generation\":\"2019\"");
	expect("{\"verb\":\"service\"}",
	       "{\"name\":\"timesync\",\"switch\":\"on\",\"service\":\"closed\","
	       "\"framework\":null,\"version\":null,\"outstanding\":0}");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"on\",\"name\":\"kvp\"}}",
	       "kvp is on already");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"off\",\"name\":\"kvp\"}}", OK);
	expect("{\"verb\":\"service\"}", "{\"name\":\"kvp\",\"switch\":\"off\"");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"off\",\"name\":\"kvp\"}}",
	       "kvp is off already");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"off\",\"name\":\"scsi0\"}}",
	       "no service \\\"scsi0\\\"");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"off\"}}", "missing");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"patience\",\"name\":\"kvp\",\"seconds\":5}}",
	       "\"ok\":true");
	expect("{\"verb\":\"service\"}", "\"patience\":5");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"patience\",\"name\":\"kvp\"}}",
	       "must be 0 to 3600");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"patience\",\"name\":\"x\",\"seconds\":5}}",
	       "no service");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"restart\"}}", "must be list, on, off or patience");
}

static void an_old_host_lacks_services(void **state)
{
	struct vsp_config config = { .generation = "2008r2" };
	struct err err;

	vsp_destroy(vsp);
	assert_int_equal(vsp_create(&vsp, vmbus, &config, &err), 0);
	((struct control *)control)->host.vsp = vsp;
	expect("{\"verb\":\"service\"}", "{\"name\":\"vss\",\"switch\":\"absent\"");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"on\",\"name\":\"fcopy\"}}",
	       "a host of generation 2008r2 has no fcopy");
	config.generation = "95";
	assert_int_equal(vsp_check_config(&config, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--host-generation 95"));
	(void)state;
}

static void services_are_off_at_first(void **state)
{
	static const char *const bad[] = { "", "kvp,", "kvp,kvp", "kvp,net", "kv", "all,kvp" };
	struct vsp_config config = { .services_off = "vss,kvp" };
	struct err err;
	size_t i;

	vsp_destroy(vsp);
	assert_int_equal(vsp_check_config(&config, &err), 0);
	assert_int_equal(vsp_create(&vsp, vmbus, &config, &err), 0);
	((struct control *)control)->host.vsp = vsp;
	expect("{\"verb\":\"service\"}", "{\"name\":\"vss\",\"switch\":\"off\"");
	expect("{\"verb\":\"service\"}", "{\"name\":\"fcopy\",\"switch\":\"on\"");
	expect("{\"verb\":\"service\",\"args\":{\"action\":\"on\",\"name\":\"kvp\"}}", OK);
	expect("{\"verb\":\"service\"}", "{\"name\":\"kvp\",\"switch\":\"on\"");
	vsp_destroy(vsp);
	config.services_off = "all";
	config.generation = "2008r2";
	assert_int_equal(vsp_check_config(&config, &err), 0);
	assert_int_equal(vsp_create(&vsp, vmbus, &config, &err), 0);
	((struct control *)control)->host.vsp = vsp;
	expect("{\"verb\":\"service\"}", "{\"name\":\"heartbeat\",\"switch\":\"off\"");
	expect("{\"verb\":\"service\"}", "{\"name\":\"fcopy\",\"switch\":\"absent\"");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config.services_off = bad[i];
		assert_int_equal(vsp_check_config(&config, &err), -EINVAL);
		assert_non_null(strstr(err.text, "--services-off"));
	}
	(void)state;
}

static void time_is_told_and_moved(void **state)
{
	(void)state;
	expect("{\"verb\":\"time\"}", "\"offset_us\":0,\"syncs\":0,\"samples\":0");
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"jump\",\"us\":-1500000}}",
	       "\"offset_us\":-1500000");
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"jump\",\"us\":9000000000000000000}}",
	       "1970 to 2262");
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"sync\"}}", "does not run the service timesync");
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"sample\",\"count\":0}}", "1 to 100");
	expect("{\"verb\":\"time\",\"args\":{\"action\":\"fly\"}}", "must be");
}

static void faults_are_armed_and_cleared(void **state)
{
	(void)state;
	expect("{\"verb\":\"fault\",\"args\":{\"action\":\"arm\",\"text\":\"stor.srb drop device=scsi0\"}}",
	       "\"id\":1");
	expect("{\"verb\":\"fault\",\"args\":{\"action\":\"list\"}}", "stor.srb drop device=scsi0");
	expect("{\"verb\":\"fault\",\"args\":{\"action\":\"arm\",\"text\":\"nowhere drop\"}}", "nowhere");
	expect("{\"verb\":\"fault\",\"args\":{\"action\":\"points\"}}", "\"stor.status\"");
	expect("{\"verb\":\"fault\",\"args\":{\"action\":\"clear\",\"id\":1}}", "\"cleared\":1");
	expect("{\"verb\":\"fault\",\"args\":{\"action\":\"list\"}}", "\"faults\":[]");
	expect("{\"verb\":\"fault\",\"args\":{\"action\":\"clear\",\"id\":-1}}", "out of range");
	expect("{\"verb\":\"fault\"}", "must be");
}

static void the_trace_is_shown_and_followed(void **state)
{
	(void)state;
	trace_note(vmbus_trace(vmbus), "first %d", 1);
	expect("{\"verb\":\"trace\"}", "first 1");
	say("{\"id\":5,\"verb\":\"trace\",\"args\":{\"follow\":true}}");
	assert_string_equal(heard(), "");
	trace_note(vmbus_trace(vmbus), "second");
	turn(5);
	assert_non_null(strstr(heard(), "\"event\":{\"line\":"));
	expect("{\"verb\":\"trace\",\"args\":{\"follow\":true}}", "another client");
}

static void a_wait_ends_by_event_time_or_end(void **state)
{
	const char *answer;

	(void)state;
	expect("{\"verb\":\"wait\",\"args\":{\"for\":\"rain\"}}", "no condition");
	expect("{\"verb\":\"wait\",\"args\":{\"for\":\"channel-open\"}}", "missing");
	say("{\"id\":1,\"verb\":\"wait\",\"args\":{\"for\":\"agent\",\"timeout\":1}}");
	assert_string_equal(heard(), "");
	turn(1100);
	assert_non_null(strstr(heard(), "timed out waiting for agent"));
	expect("{\"verb\":\"wait\",\"args\":{\"for\":\"channel-closed\",\"device\":\"scsi0\"}}", OK);
	say("{\"id\":2,\"verb\":\"wait\",\"args\":{\"for\":\"powered-off\"}}");
	say("{\"id\":3,\"verb\":\"wait\",\"args\":{\"for\":\"heartbeat\"}}");
	assert_string_equal(heard(), "");
	control_ended(control, HOST_EXIT_RESET);
	answer = heard();
	assert_non_null(strstr(answer, "\"result\":{\"reason\":\"reset\",\"exit\":3}"));
	assert_non_null(strstr(answer, "the run ended"));
}

/* ---- the guest's agent ---- */

static struct hvp_agent_frame frame;

static void agent_says(u8 type, u32 id, const void *payload, u16 len)
{
	size_t total;

	memcpy(frame.payload, payload, len);
	total = hvp_agent_seal(&frame, type, 0, id, len);
	vm.rx(vm.rx_opaque, (const uint8_t *)&frame, total);
}

static void agent_starts(void)
{
	u32 version = HVP_AGENT_VERSION;

	agent_says(HVP_AGENT_HELLO, 0, &version, sizeof(version));
}

/* The id of the command that the host sent last. */
static u32 command_id(void)
{
	static struct hvp_agent_parser parser;
	const struct hvp_agent_frame *got;
	u32 id = 0;
	size_t at = 0;

	memset(&parser, 0, sizeof(parser));
	while (at < vm.sent_len) {
		at += hvp_agent_parse(&parser, vm.sent + at, vm.sent_len - at, &got);
		if (got && got->header.type == HVP_AGENT_EXEC)
			id = got->header.id;
	}
	return id;
}

static void waits_have_bounds(void **state)
{
	static const char *const bad[] = { "\"count\":0", "\"timeout\":-1", "\"timeout\":9999999999999" };
	char line[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "{\"verb\":\"wait\",\"args\":{\"for\":\"agent\",%s}}", bad[i]);
		expect(line, i ? "is from 0 to" : "at least 1");
	}
}

static void commands_run_in_the_guest(void **state)
{
	struct hvp_agent_exit exit = { .end = HVP_AGENT_EXITED, .code = 3 };
	const char *answer;

	(void)state;
	expect("{\"verb\":\"exec\",\"args\":{\"argv\":[\"ls\"]}}", "is not there");
	agent_starts();
	expect("{\"verb\":\"wait\",\"args\":{\"for\":\"agent\"}}", OK);
	expect("{\"verb\":\"exec\",\"args\":{\"argv\":[]}}", "list of 1 to");
	expect("{\"verb\":\"exec\",\"args\":{\"argv\":[1]}}", "list of 1 to");
	say("{\"id\":1,\"verb\":\"exec\",\"args\":{\"argv\":[\"ls\",\"-l\"],\"timeout\":5}}");
	expect("{\"id\":2,\"verb\":\"exec\",\"args\":{\"argv\":[\"ls\"]}}", "another command");
	agent_says(HVP_AGENT_STDOUT, command_id(), "hello", 5);
	agent_says(HVP_AGENT_STDERR, command_id(), "\xff\0", 2);
	agent_says(HVP_AGENT_EXIT, command_id(), &exit, sizeof(exit));
	turn(5);
	answer = heard();
	assert_non_null(strstr(answer, "{\"stream\":\"stdout\",\"base64\":\"aGVsbG8=\"}"));
	assert_non_null(strstr(answer, "{\"stream\":\"stderr\",\"base64\":\"/wA=\"}"));
	assert_non_null(strstr(answer, "\"result\":{\"exit\":3}"));
}

/* Output that nobody reads is not dropped in silence. */
static void lost_output_fails_the_command(void **state)
{
	struct hvp_agent_exit exit = { .end = HVP_AGENT_EXITED };
	static u8 much[HVP_AGENT_MAX_PAYLOAD];
	bool told = false;
	unsigned int i;

	(void)state;
	agent_starts();
	say("{\"id\":1,\"verb\":\"exec\",\"args\":{\"argv\":[\"cat\"]}}");
	for (i = 0; i < 512; i++)
		agent_says(HVP_AGENT_STDOUT, command_id(), much, sizeof(much));
	agent_says(HVP_AGENT_EXIT, command_id(), &exit, sizeof(exit));
	for (i = 0; i < 1000 && !told; i++) {
		told = strstr(heard(), "bytes of output were lost") != NULL;
		turn(1);
	}
	assert_true(told);
}

static void a_client_that_leaves_ends_its_command(void **state)
{
	struct hvp_agent_exit exit = { .end = HVP_AGENT_OVER_TIME };

	(void)state;
	agent_starts();
	say("{\"id\":1,\"verb\":\"exec\",\"args\":{\"argv\":[\"sleep\",\"9\"]}}");
	close(peer);
	turn(15);
	agent_says(HVP_AGENT_EXIT, command_id(), &exit, sizeof(exit));
	connect_client();
	say("{\"id\":2,\"verb\":\"exec\",\"args\":{\"argv\":[\"ls\"]}}");
	assert_string_equal(heard(), "");	/* it runs, and dies with the bench */
}

static void the_guest_may_ask_too(void **state)
{
	static const char line[] = "{\"id\":8,\"verb\":\"nmi\"}\n";

	(void)state;
	agent_starts();
	vm.sent_len = 0;
	agent_says(HVP_AGENT_CONTROL, 77, line, sizeof(line) - 1);
	turn(5);
	assert_int_equal(vm.nmis, 1);
	assert_non_null(memmem(vm.sent, vm.sent_len, "\"id\":8,\"ok\":true", 16));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(status_shows_everything),
		CASE(disks_come_change_and_go),
		CASE(devices_are_rescinded_and_offered),
		CASE(power_is_in_the_hands_of_the_client),
		CASE(a_shutdown_says_what_it_can),
		CASE(services_are_switched),
		CASE(an_old_host_lacks_services),
		CASE(services_are_off_at_first),
		CASE(time_is_told_and_moved),
		CASE(faults_are_armed_and_cleared),
		CASE(the_trace_is_shown_and_followed),
		CASE(a_wait_ends_by_event_time_or_end),
		CASE(waits_have_bounds),
		CASE(commands_run_in_the_guest),
		CASE(lost_output_fails_the_command),
		CASE(a_client_that_leaves_ends_its_command),
		CASE(the_guest_may_ask_too),
	};

	return cmocka_run_group_tests_name("verbs", tests, NULL, NULL);
}
