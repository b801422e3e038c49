// SPDX-License-Identifier: GPL-2.0-only
#include "tests/host/verbs_bench.h"

/*
 * The verbs of the data services against a guest that runs them, over real
 * rings: from the client's line through the bus to the guest, and back.
 */
#include <stdio.h>

#include "host/test/fake_device.c"
#include "host/test/fake_guest.c"
#include "host/test/fake_hyperv.c"
#include "host/vsp/fcopy.h"
#include "host/vsp/kvp.h"
#include "host/vsp/vsp.h"
#include "host/vsp/vss.h"
#include "protocol/kvp_ip.h"

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
static struct guest_channel kvp, vss, fcopy;

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

static void answer(struct guest_channel *ch, u32 status)
{
	header->flags = HVP_IC_TRANSACTION | HVP_IC_RESPONSE;
	header->status = status;
	assert_true(guest_send(ch, HVP_PKT_INBAND, 0, header->transaction, message, message_len));
	turn(2);
}

static void take_op(struct guest_channel *ch, u8 op)
{
	assert_true(take(ch));
	assert_int_equal(*(const u8 *)body, op);
}

static void open_service(struct guest_channel *ch, u16 major, u16 minor)
{
	struct hvp_ic_negotiate *agreed = body;

	assert_int_equal(guest_open(ch, 16), 0);
	turn(2);
	assert_true(take(ch));
	assert_int_equal(header->type, HVP_IC_NEGOTIATE);
	agreed->framework_count = 1;
	agreed->message_count = 1;
	agreed->versions[0] = (struct hvp_ic_version){ 3, 0 };
	agreed->versions[1] = (struct hvp_ic_version){ major, minor };
	answer(ch, 0);
}

static const struct {
	struct hvp_guid class_id;
	struct guest_channel *ch;
} wanted[] = {
	{ HVP_CLASS_KVP, &kvp },
	{ HVP_CLASS_VSS, &vss },
	{ HVP_CLASS_FCOPY, &fcopy },
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

static void answer_pair(const char *key, const char *value)
{
	char key_field[HVP_KVP_KEY_ROOM] = "", value_field[HVP_KVP_VALUE_ROOM] = "";

	strcpy(key_field, key);
	strcpy(value_field, value);
	assert_int_equal(hvp_kvp_reply(body, key_field, value_field), 0);
	answer(&kvp, 0);
}

/* The facts that the host tells, and the automatic keys it asks for. */
static void let_the_host_settle(void)
{
	while (take(&kvp)) {
		const struct hvp_kvp_message *msg = body;

		if (msg->head.op != HVP_KVP_ENUMERATE)
			answer(&kvp, 0);
		else if (msg->indexed.index == 0)
			answer_pair("OSName", "Debian");
		else
			answer(&kvp, HVP_HR_NO_MORE_ITEMS);
	}
}

static int setup(void **state)
{
	static const char *const disks[] = { "ram=3M" };
	struct vsp_config vsp_config = { .disks = disks, .disk_count = 1, .generation = "2019" };
	struct control_config control_config = { .vm = &vm };
	struct err err;

	(void)state;
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
	open_service(&kvp, 4, 0);
	let_the_host_settle();
	open_service(&vss, 5, 0);
	open_service(&fcopy, 1, 1);
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

static void expect_heard(const char *part)
{
	const char *answer = heard();

	if (!strstr(answer, part))
		fail_msg("%s is not in %s", part, answer);
}

/* ---- arguments ---- */

/* Nothing of these reaches the guest. */
static const struct {
	const char *line;
	const char *answer;
} bad[] = {
	{ "{\"verb\":\"kvp\"}", "\\\"action\\\" must be list, get" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"eat\"}}", "must be list, get" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"list\"}}", "\\\"pool\\\" must be" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"list\",\"pool\":\"5\"}}", "\\\"pool\\\" must be" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"list\",\"pool\":\"11\"}}", "\\\"pool\\\" must be" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"get\",\"pool\":\"1\"}}", "\\\"key\\\" is missing" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"get\",\"pool\":\"1\",\"key\":\"\"}}", "is missing" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"set\",\"pool\":\"0\",\"key\":\"k\"}}",
	  "\\\"value\\\" is missing" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"set\",\"pool\":\"0\",\"key\":\"k\",\"value\":\"v\","
	  "\"type\":\"blob\"}}", "\\\"type\\\" must be" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"set\",\"pool\":\"0\",\"key\":\"k\","
	  "\"value\":\"4294967296\",\"type\":\"u32\"}}", "is no u32" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"set\",\"pool\":\"0\",\"key\":\"k\",\"value\":\"-1\","
	  "\"type\":\"u64\"}}", "is no u64" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"poll\",\"seconds\":86401}}", "0 to 86400" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"raw\"}}", "\\\"hex\\\" must be" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"raw\",\"hex\":\"123\"}}", "pairs of hexadecimal" },
	{ "{\"verb\":\"kvp\",\"args\":{\"action\":\"raw\",\"hex\":\"zz\"}}", "hexadecimal digits" },
	{ "{\"verb\":\"ip\"}", "must be get or set" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"get\"}}", "\\\"mac\\\" is missing" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"get\",\"mac\":\"here\"}}", "no MAC address" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\"}}", "\\\"device\\\" is missing" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\",\"device\":\"eth0\",\"dhcp\":true}}", "no GUID" },
#define DEVICE "\"device\":\"f8615163-df3e-46c5-913f-f2d2f965ed0e\""
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE "}}", "\\\"address\\\" is missing" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE ",\"address\":\"192.0.2.1/24\"}}",
	  "must be a list" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE ",\"address\":[1]}}", "list of strings" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE ",\"address\":[\"192.0.2.1\"]}}",
	  "ADDRESS/PREFIX" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE ",\"dhcp\":true,\"dns\":[\"x\"]}}",
	  "no IP address" },
	{ "{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE ",\"dhcp\":true,"
	  "\"address\":[\"192.0.2.1/24\"]}}", "exclude each other" },
	{ "{\"verb\":\"vss\"}", "must be check" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"melt\"}}", "must be check" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"freeze\",\"timeout\":901}}", "0 to 900 seconds" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"freeze\",\"timeout\":-1}}", "0 to 900 seconds" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"cluster\"}}", "version 5.0 of vss" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"lun\":0}}", "\\\"file\\\" is missing" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"file\":\"/tmp/x\"}}", "\\\"lun\\\" 0 to 63" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"file\":\"/tmp/x\",\"lun\":9}}",
	  "no disk at controller 0 lun 9" },
	{ "{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"file\":\"/no/x\",\"lun\":0}}",
	  "/no/x: No such file" },
	{ "{\"verb\":\"copy\"}", "\\\"file\\\" is missing" },
	{ "{\"verb\":\"copy\",\"args\":{\"file\":\"/etc/passwd\"}}", "\\\"destination\\\" is missing" },
	{ "{\"verb\":\"copy\",\"args\":{\"file\":\"/nowhere\",\"destination\":\"/x\"}}", "/nowhere: No such" },
	{ "{\"verb\":\"copy\",\"args\":{\"file\":\"/tmp\",\"destination\":\"/x\"}}", "no regular file" },
	{ "{\"verb\":\"copy\",\"args\":{\"file\":\"/etc/passwd\",\"destination\":\"/x\","
	  "\"cancel_after\":-2}}", "number of bytes" },
	{ "{\"verb\":\"copy\",\"args\":{\"action\":\"move\"}}", "must be copy" },
};

static void bad_arguments_are_named(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(bad); i++)
		expect(bad[i].line, bad[i].answer);
	assert_false(take(&kvp));
	assert_false(take(&vss));
	assert_false(take(&fcopy));
}

static void a_service_that_is_not_there_is_told(void **state)
{
	(void)state;
	guest_close(&kvp);
	guest_close(&vss);
	guest_close(&fcopy);
	turn(2);
	expect("{\"verb\":\"kvp\",\"args\":{\"action\":\"list\",\"pool\":\"1\"}}",
	       "does not run the service kvp");
	expect("{\"verb\":\"ip\",\"args\":{\"action\":\"get\",\"mac\":\"00:15:5d:01:02:03\"}}",
	       "does not run the service kvp");
	expect("{\"verb\":\"vss\",\"args\":{\"action\":\"freeze\"}}", "does not run the service vss");
	expect("{\"verb\":\"vss\",\"args\":{\"action\":\"raw\",\"hex\":\"00\"}}", "does not run");
	expect("{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"lun\":0,\"file\":\"/tmp/x\"}}",
	       "does not run the backup service");
	expect("{\"verb\":\"copy\",\"args\":{\"file\":\"/etc/passwd\",\"destination\":\"/x\"}}",
	       "does not run the file copy service");
	expect("{\"verb\":\"copy\",\"args\":{\"action\":\"raw\",\"hex\":\"00\"}}", "does not run");
}

/* ---- pairs ---- */

static void pairs_are_listed_read_and_written(void **state)
{
	(void)state;
	say("{\"verb\":\"kvp\",\"args\":{\"action\":\"list\",\"pool\":\"guest\"}}");
	assert_string_equal(heard(), "");
	take_op(&kvp, HVP_KVP_ENUMERATE);
	answer_pair("a", "1");
	take_op(&kvp, HVP_KVP_ENUMERATE);
	answer_pair("b", "gr\xc3\xbcn");
	take_op(&kvp, HVP_KVP_ENUMERATE);
	answer(&kvp, HVP_HR_NO_MORE_ITEMS);
	expect_heard("{\"pool\":\"guest\",\"items\":[{\"key\":\"a\",\"value\":\"1\",\"type\":\"string\"},"
		     "{\"key\":\"b\",\"value\":\"gr\xc3\xbcn\",\"type\":\"string\"}]}");
	say("{\"verb\":\"kvp\",\"args\":{\"action\":\"get\",\"pool\":\"0\",\"key\":\"k\"}}");
	take_op(&kvp, HVP_KVP_GET);
	answer_pair("k", "v");
	expect_heard("{\"key\":\"k\",\"value\":\"v\",\"type\":\"string\"}");
	say("{\"verb\":\"kvp\",\"args\":{\"action\":\"set\",\"pool\":\"external\",\"key\":\"k\","
	    "\"value\":\"0x10\",\"type\":\"u32\"}}");
	take_op(&kvp, HVP_KVP_SET);
	assert_int_equal(((struct hvp_kvp_message *)body)->pair.type, HVP_KVP_U32);
	assert_int_equal(((struct hvp_kvp_message *)body)->pair.value[0], 16);
	answer(&kvp, 0);
	expect_heard(OK);
	say("{\"verb\":\"kvp\",\"args\":{\"action\":\"delete\",\"pool\":\"0\",\"key\":\"k\"}}");
	take_op(&kvp, HVP_KVP_DELETE);
	answer(&kvp, HVP_HR_NO_MORE_ITEMS);
	expect_heard("the guest refused: 0x80070103");
}

/* They are made when the whole list is asked for. */
static void an_automatic_key_is_found_in_the_list(void **state)
{
	static const char *const keys[] = { "OSVersion", "OSColour" };
	unsigned int i;
	char line[120];

	(void)state;
	for (i = 0; i < 2; i++) {
		snprintf(line, sizeof(line), "{\"verb\":\"kvp\",\"args\":{\"action\":\"get\","
			 "\"pool\":\"auto\",\"key\":\"%s\"}}", keys[i]);
		say(line);
		take_op(&kvp, HVP_KVP_ENUMERATE);
		answer_pair("OSName", "Debian");
		take_op(&kvp, HVP_KVP_ENUMERATE);
		answer_pair("OSVersion", "6.1.0");
		take_op(&kvp, HVP_KVP_ENUMERATE);
		answer(&kvp, HVP_HR_NO_MORE_ITEMS);
		expect_heard(i ? "0x80070103" : "{\"key\":\"OSVersion\",\"value\":\"6.1.0\"");
	}
}

static void the_state_of_the_service_is_shown(void **state)
{
	(void)state;
	expect("{\"verb\":\"kvp\",\"args\":{\"action\":\"status\"}}", "\"items_told\":16");
	expect("{\"verb\":\"kvp\",\"args\":{\"action\":\"status\"}}",
	       "\"items\":[{\"key\":\"OSName\",\"value\":\"Debian\"");
	expect("{\"verb\":\"kvp\",\"args\":{\"action\":\"poll\"}}", OK);
	let_the_host_settle();
	expect("{\"verb\":\"kvp\",\"args\":{\"action\":\"poll\",\"seconds\":0}}", OK);
	expect("{\"verb\":\"kvp\",\"args\":{\"action\":\"status\"}}", "\"polls\":2,\"poll_ms\":0");
	expect("{\"verb\":\"stats\"}", "\"copy\":{\"phase\":\"idle\"");
}

static void raw_bytes_are_shown_as_they_are(void **state)
{
	(void)state;
	say("{\"verb\":\"kvp\",\"args\":{\"action\":\"raw\",\"hex\":\"09aAff\"}}");
	assert_true(take(&kvp));
	assert_int_equal(header->size, 3);
	assert_memory_equal(body, "\x09\xaa\xff", 3);
	answer(&kvp, HVP_HR_NOT_SUPPORTED);
	expect_heard("{\"status\":\"0x80070032\",\"hex\":\"09aaff\"}");
	say("{\"verb\":\"vss\",\"args\":{\"action\":\"raw\",\"hex\":\"63\"}}");
	assert_true(take(&vss));
	answer(&vss, 1);
	expect_heard("{\"status\":\"0x00000001\",\"hex\":\"63\"}");
	say("{\"verb\":\"copy\",\"args\":{\"action\":\"raw\",\"hex\":\"\"}}");
	assert_true(take(&fcopy));
	assert_int_equal(header->size, 0);
	answer(&fcopy, 0);
	expect_heard("{\"status\":\"0x00000000\",\"hex\":\"\"}");
}

/* ---- addresses ---- */

static void addresses_go_both_ways(void **state)
{
	static const struct hvp_kvp_ip reply = {
		.families = HVP_KVP_FAMILY_BOTH, .dhcp = 1,
		.addresses = "192.0.2.10;2001:db8::10;", .subnets = "255.255.255.0;/64;",
		.gateways = "192.0.2.1;", .dns = "",
	};

	(void)state;
	say("{\"verb\":\"ip\",\"args\":{\"action\":\"get\",\"mac\":\"00-15-5d-01-02-03\"}}");
	take_op(&kvp, HVP_KVP_GET_IP);
	assert_int_equal(hvp_kvp_ip_reply(body, header->message, &reply), 0);
	answer(&kvp, 0);
	expect_heard("\"dhcp\":true,\"addresses\":[\"192.0.2.10\",\"2001:db8::10\"],"
		     "\"subnets\":[\"255.255.255.0\",");
	say("{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE ",\"address\":[\"192.0.2.7/28\"],"
	    "\"gateway\":[\"192.0.2.1\"],\"dns\":[\"192.0.2.2\",\"192.0.2.3\"]}}");
	take_op(&kvp, HVP_KVP_SET_IP);
	answer(&kvp, HVP_HR_GUID_NOT_FOUND);
	expect_heard("0x80041002, no such network adapter");
	say("{\"verb\":\"ip\",\"args\":{\"action\":\"set\"," DEVICE ",\"dhcp\":true,"
	    "\"address\":[\"2001:db8::1/64\"]}}");
	take_op(&kvp, HVP_KVP_SET_IP);
	answer(&kvp, 0);
	expect_heard(OK);
}

/* ---- backup ---- */

static void a_backup_is_made(void **state)
{
	static const u8 ops[] = {
		HVP_VSS_CHECK_HOT_BACKUP, HVP_VSS_GET_DIRECT_MAPPED, HVP_VSS_FREEZE,
		HVP_VSS_THAW, HVP_VSS_BACKUP_COMPLETE,
	};
	char path[] = "/tmp/backup-XXXXXX", line[160];
	unsigned int i;

	(void)state;
	close(mkstemp(path));
	unlink(path);
	snprintf(line, sizeof(line), "{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"lun\":0,"
		 "\"file\":\"%s\"}}", path);
	say(line);
	for (i = 0; i < HVP_COUNT_OF(ops); i++) {
		take_op(&vss, ops[i]);
		expect("{\"verb\":\"vss\",\"args\":{\"action\":\"thaw\"}}", "vss is busy");
		answer(&vss, 0);
		turn(30);
	}
	expect_heard("\"bytes\":3145728,\"frozen\":true,");
	expect(line, "File exists");
	unlink(path);
	say(line);
	take_op(&vss, HVP_VSS_CHECK_HOT_BACKUP);
	answer(&vss, HVP_HR_FAIL);
	expect_heard("the backup failed at step check: the guest refused: 0x80004005");
	assert_int_equal(access(path, F_OK), -1);
	snprintf(line, sizeof(line), "{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"lun\":0,"
		 "\"file\":\"%s\",\"no_freeze\":true}}", path);
	say(line);
	turn(30);
	expect_heard("\"frozen\":false");
	assert_int_equal(unlink(path), 0);
}

static void operations_are_answered(void **state)
{
	(void)state;
	say("{\"verb\":\"vss\",\"args\":{\"action\":\"check\"}}");
	take_op(&vss, HVP_VSS_CHECK_HOT_BACKUP);
	hvp_vss_reply_flags(body, 5);
	answer(&vss, 0);
	expect_heard("\"flags\":5");
	say("{\"verb\":\"vss\",\"args\":{\"action\":\"freeze\",\"timeout\":1}}");
	take_op(&vss, HVP_VSS_FREEZE);
	turn(1050);
	expect_heard("did not answer in time");
	expect("{\"verb\":\"vss\",\"args\":{\"action\":\"status\"}}", "\"frozen\":\"perhaps\"");
	say("{\"verb\":\"vss\",\"args\":{\"action\":\"thaw\"}}");
	take_op(&vss, HVP_VSS_THAW);
	guest_close(&vss);
	turn(2);
	expect_heard("without an answer");
	expect("{\"verb\":\"vss\",\"args\":{\"action\":\"status\"}}", "\"frozen\":\"no\"");
}

/* ---- copy ---- */

static void a_file_is_copied(void **state)
{
	static const u8 ops[] = { HVP_FCOPY_START, HVP_FCOPY_WRITE, HVP_FCOPY_COMPLETE };
	char path[] = "/tmp/copy-XXXXXX", line[160];
	int fd = mkstemp(path);
	unsigned int i;

	(void)state;
	assert_int_equal(write(fd, "hello", 5), 5);
	close(fd);
	snprintf(line, sizeof(line), "{\"verb\":\"copy\",\"args\":{\"file\":\"%s\","
		 "\"destination\":\"/srv/\"}}", path);
	say(line);
	for (i = 0; i < 3; i++) {
		take_op(&fcopy, ops[i]);
		answer(&fcopy, 0);
	}
	expect_heard("\"bytes\":5,");
	say(line);
	take_op(&fcopy, HVP_FCOPY_START);
	expect(line, "something else is being copied");
	answer(&fcopy, HVP_HR_ALREADY_EXISTS);
	expect_heard("the copy failed at step start, after 0 bytes: the guest refused: 0x80070050, "
		     "the file exists");
	snprintf(line, sizeof(line), "{\"verb\":\"copy\",\"args\":{\"file\":\"%s\","
		 "\"destination\":\"/srv/\",\"cancel_after\":2}}", path);
	say(line);
	take_op(&fcopy, HVP_FCOPY_START);
	answer(&fcopy, 0);
	take_op(&fcopy, HVP_FCOPY_WRITE);
	answer(&fcopy, 0);
	take_op(&fcopy, HVP_FCOPY_CANCEL);
	answer(&fcopy, 0);
	expect_heard("\"cancelled\":true");
	expect("{\"verb\":\"copy\",\"args\":{\"action\":\"status\"}}", "\"copies_cancelled\":1");
	unlink(path);
}

/* ---- clients that leave ---- */

static void leave(void)
{
	close(peer);
	turn(2);
	connect_client();
}

static void who_leaves_is_not_answered(void **state)
{
	(void)state;
	say("{\"verb\":\"kvp\",\"args\":{\"action\":\"list\",\"pool\":\"guest\"}}");
	leave();
	take_op(&kvp, HVP_KVP_ENUMERATE);
	answer_pair("a", "1");
	assert_false(take(&kvp));
	say("{\"verb\":\"ip\",\"args\":{\"action\":\"get\",\"mac\":\"00-15-5d-01-02-03\"}}");
	leave();
	take_op(&kvp, HVP_KVP_GET_IP);
	answer(&kvp, 0);
	say("{\"verb\":\"copy\",\"args\":{\"file\":\"/etc/passwd\",\"destination\":\"/srv/\"}}");
	leave();
	take_op(&fcopy, HVP_FCOPY_START);
	answer(&fcopy, 0);
	take_op(&fcopy, HVP_FCOPY_CANCEL);
	answer(&fcopy, 0);
	say("{\"verb\":\"vss\",\"args\":{\"action\":\"backup\",\"lun\":0,\"file\":\"/tmp/left\"}}");
	take_op(&vss, HVP_VSS_CHECK_HOT_BACKUP);
	answer(&vss, 0);
	take_op(&vss, HVP_VSS_GET_DIRECT_MAPPED);
	answer(&vss, 0);
	take_op(&vss, HVP_VSS_FREEZE);
	leave();
	answer(&vss, 0);
	take_op(&vss, HVP_VSS_THAW);
	answer(&vss, 0);
	assert_int_equal(access("/tmp/left", F_OK), -1);
	assert_string_equal(heard(), "");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(bad_arguments_are_named),
		CASE(a_service_that_is_not_there_is_told),
		CASE(pairs_are_listed_read_and_written),
		CASE(an_automatic_key_is_found_in_the_list),
		CASE(the_state_of_the_service_is_shown),
		CASE(raw_bytes_are_shown_as_they_are),
		CASE(addresses_go_both_ways),
		CASE(a_backup_is_made),
		CASE(operations_are_answered),
		CASE(a_file_is_copied),
		CASE(who_leaves_is_not_answered),
	};

	return cmocka_run_group_tests_name("services_data", tests, NULL, NULL);
}
