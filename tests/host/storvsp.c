// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/storvsp.h"

#include <stdio.h>
#include <unistd.h>

#include "host/vsp/disk.h"
#include "host/vsp/diskspec.h"
#include "host/vsp/scsi.h"
#include "host/vsp/uring.h"
#include "protocol/stor.h"
#include "tests/host/fake_bus.h"

/* The storage protocol as a guest sees it, over a bus without rings. */

static struct vmbus bus;
static struct storvsp *vsp;
static struct vmbus_channel *primary;
static u8 memory[8192];

static void create(u32 bus_version)
{
	struct storvsp_config config = { .controller = 1, .max_sub_channels = 3 };
	struct err err;

	fake_bus_start(&bus, bus_version);
	assert_int_equal(storvsp_create(&vsp, &bus, &config, &err), 0);
	assert_string_equal(fake_device->params.name, "scsi1");
	assert_true(fake_device->offered);
	primary = &fake_device->channels[0];
}

static int setup(void **state)
{
	(void)state;
	create(HVP_V5_3);
	guest_open(primary);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	storvsp_destroy(vsp);
	fake_bus_stop(&bus);
	return 0;
}

static void add_disk(const char *text, struct uring *uring)
{
	struct disk_spec spec;
	struct disk *disk;
	struct err err = { .text = "" };

	if (diskspec_parse(text, &spec, &err) || disk_open(&disk, uring, &spec, &err) ||
	    storvsp_add(vsp, &spec, disk, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static const struct hvp_stor_packet *received(void)
{
	static struct hvp_stor_packet packet;
	const struct fake_sent *sent = guest_receive();

	memset(&packet, 0, sizeof(packet));
	memcpy(&packet, sent->bytes, sent->len < sizeof(packet) ? sent->len : sizeof(packet));
	return &packet;
}

/* Send one packet in-band and return the status of the answer. */
static u32 ask_on(struct vmbus_channel *ch, struct hvp_stor_packet *packet)
{
	const struct hvp_stor_packet *answer;

	guest_send(ch, HVP_PKT_INBAND, 7, packet, sizeof(*packet), HVP_PKT_WANT_COMPLETION);
	fake_run(&bus);
	assert_int_equal(fake_sent_count, 1);
	assert_ptr_equal(fake_sent[0].ch, ch);
	assert_int_equal(fake_sent[0].type, HVP_PKT_COMPLETION);
	assert_int_equal(fake_sent[0].id, 7);
	answer = received();
	assert_int_equal(answer->op, HVP_STOR_COMPLETE_IO);
	*packet = *answer;
	return answer->status;
}

static u32 ask(u32 op)
{
	struct hvp_stor_packet packet = { .op = op };

	return ask_on(primary, &packet);
}

static u32 ask_version(u16 version)
{
	struct hvp_stor_packet packet = {
		.op = HVP_STOR_QUERY_VERSION, .version.version = version,
	};

	return ask_on(primary, &packet);
}

static void handshake(u16 version)
{
	assert_int_equal(ask(HVP_STOR_BEGIN_INIT), 0);
	assert_int_equal(ask_version(version), 0);
	assert_int_equal(ask(HVP_STOR_QUERY_PROPERTIES), 0);
	assert_int_equal(ask(HVP_STOR_END_INIT), 0);
}

static void expect_rule(enum checker_rule rule)
{
	assert_int_equal(checker_total(bus.checker), 1);
	assert_int_equal(checker_count(bus.checker, rule), 1);
}

static struct hvp_stor_packet srb(u8 opcode, u8 data_in, u32 bytes)
{
	struct hvp_stor_packet packet = {
		.op = HVP_STOR_EXECUTE_SRB,
		.srb = {
			.length = HVP_SRB_LEN, .cdb_length = 10, .sense_length = HVP_SENSE_MAX,
			.data_in = data_in, .transfer_length = bytes, .cdb = { opcode },
		},
	};

	if (data_in != HVP_STOR_NO_DATA)
		packet.srb.srb_flags = data_in == HVP_STOR_READ ? HVP_SRBF_DATA_IN : HVP_SRBF_DATA_OUT;
	if (opcode == 0x28 || opcode == 0x2a)
		packet.srb.cdb[8] = (u8)(bytes / 512);
	if (opcode == 0x12)
		packet.srb.cdb[4] = (u8)bytes;
	return packet;
}

static void send_srb(struct vmbus_channel *ch, const struct hvp_stor_packet *packet, u64 id)
{
	fake_lent = memory;
	fake_lent_bytes = sizeof(memory);
	guest_send(ch, HVP_PKT_GPA_DIRECT, id, packet, sizeof(*packet), HVP_PKT_WANT_COMPLETION);
}

/* Run one SRB; its answer replaces @packet. */
static void run_srb(struct hvp_stor_packet *packet)
{
	send_srb(primary, packet, 9);
	fake_run(&bus);
	assert_int_equal(fake_sent_count, 1);
	*packet = *received();
	assert_int_equal(packet->op, HVP_STOR_COMPLETE_IO);
}

static void the_handshake_ends_in_running(void **state)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_QUERY_PROPERTIES };
	struct storvsp_info info;

	(void)state;
	assert_int_equal(ask(HVP_STOR_BEGIN_INIT), 0);
	assert_int_equal(ask_version(HVP_STOR_V6_2), 0);
	assert_int_equal(ask_on(primary, &packet), 0);
	assert_int_equal(packet.properties.max_transfer_bytes, 256 << 10);
	assert_int_equal(packet.properties.flags, HVP_STOR_PROP_MULTI_CHANNEL);
	assert_int_equal(packet.properties.max_sub_channels, 3);
	assert_int_equal(ask(HVP_STOR_END_INIT), 0);
	storvsp_info(vsp, &info);
	assert_string_equal(info.state, "running");
	assert_int_equal(info.version, HVP_STOR_V6_2);
	assert_int_equal(checker_total(bus.checker), 0);
}

static void versions_follow_the_host_generation(void **state)
{
	static const struct {
		u32 bus;
		u16 highest;
	} cases[] = {
		{ HVP_V5_3, HVP_STOR_V6_2 },	{ HVP_V4_0, HVP_STOR_V6_2 },
		{ HVP_V3_0, HVP_STOR_V6_0 },	{ HVP_V2_4, HVP_STOR_V5_1 },
	};
	unsigned int i, v;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		create(cases[i].bus);
		guest_open(primary);
		assert_int_equal(ask(HVP_STOR_BEGIN_INIT), 0);
		assert_int_equal(ask_version(HVP_STOR_VERSION(7, 0)), HVP_STOR_STATUS_REVISION_MISMATCH);
		for (v = 0; hvp_stor_dialect(v)->version > cases[i].highest; v++)
			assert_int_equal(ask_version(hvp_stor_dialect(v)->version),
					 HVP_STOR_STATUS_REVISION_MISMATCH);
		assert_int_equal(ask_version(cases[i].highest), 0);
		assert_int_equal(checker_total(bus.checker), 0);
		storvsp_destroy(vsp);
		fake_bus_stop(&bus);
	}
	create(HVP_V5_3);
}

static void operations_out_of_order_are_refused(void **state)
{
	static const u32 steps[] = {
		HVP_STOR_BEGIN_INIT, HVP_STOR_QUERY_VERSION, HVP_STOR_QUERY_PROPERTIES,
		HVP_STOR_END_INIT,
	};
	static const u8 allowed[] = {	/* by state: the bit of each step, then SRB and reset */
		0x01, 0x02, 0x04, 0x08, 0x30,
	};
	static const u32 all[] = {
		HVP_STOR_BEGIN_INIT, HVP_STOR_QUERY_VERSION, HVP_STOR_QUERY_PROPERTIES,
		HVP_STOR_END_INIT, HVP_STOR_EXECUTE_SRB, HVP_STOR_RESET_BUS,
	};
	u64 refused = 0;
	unsigned int s, i;

	(void)state;
	for (s = 0; s < sizeof(allowed); s++) {
		for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			if (allowed[s] & 1u << i)
				continue;
			assert_int_equal(ask(all[i]), HVP_STOR_STATUS_INVALID_DEVICE_STATE);
			refused++;
		}
		if (s == 1)
			assert_int_equal(ask_version(HVP_STOR_V6_2), 0);
		else if (s < sizeof(steps) / sizeof(steps[0]))
			assert_int_equal(ask(steps[s]), 0);
	}
	assert_int_equal(checker_count(bus.checker, RULE_STOR_ORDER), refused);
	assert_int_equal(checker_total(bus.checker), refused);
}

static void operations_of_the_host_are_refused(void **state)
{
	static const u32 bad[] = { 0, HVP_STOR_COMPLETE_IO, HVP_STOR_REMOVE_DEVICE,
				   HVP_STOR_ENUMERATE_BUS, HVP_STOR_OP_COUNT, 0xffffffff };
	unsigned int i;

	(void)state;
	handshake(HVP_STOR_V6_2);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ask(bad[i]), HVP_STOR_STATUS_INVALID_PARAMETER);
	assert_int_equal(checker_count(bus.checker, RULE_STOR_OPERATION), i);
}

static void short_packets_are_refused(void **state)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_BEGIN_INIT };

	(void)state;
	guest_send(primary, HVP_PKT_INBAND, 1, &packet, 40, HVP_PKT_WANT_COMPLETION);
	fake_run(&bus);
	assert_int_equal(received()->status, HVP_STOR_STATUS_INVALID_PARAMETER);
	expect_rule(RULE_STOR_SHORT);
	guest_send(primary, HVP_PKT_INBAND, 1, &packet, 48, HVP_PKT_WANT_COMPLETION);
	fake_run(&bus);
	assert_int_equal(fake_sent[0].len, 48);
	assert_int_equal(received()->status, 0);
}

static void a_request_asks_for_its_completion(void **state)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_BEGIN_INIT };

	(void)state;
	guest_send(primary, HVP_PKT_INBAND, 1, &packet, sizeof(packet), 0);
	assert_int_equal(fake_sent_count, 0);
	expect_rule(RULE_STOR_NO_COMPLETION);
}

static void what_is_written_is_read(void **state)
{
	struct hvp_stor_packet packet = srb(0x2a, HVP_STOR_WRITE, 1024);

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	memset(memory, 'w', sizeof(memory));
	run_srb(&packet);
	assert_int_equal(packet.status, 0);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_SUCCESS);
	assert_int_equal(packet.srb.scsi_status, 0);
	assert_int_equal(packet.srb.transfer_length, 1024);
	memset(memory, 0, sizeof(memory));
	packet = srb(0x28, HVP_STOR_READ, 2048);
	run_srb(&packet);
	assert_int_equal(packet.srb.transfer_length, 2048);
	assert_int_equal(memory[1023], 'w');
	assert_int_equal(memory[1024], 0);
	packet = srb(0x12, HVP_STOR_READ, 255);
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_SUCCESS);
	assert_int_equal(packet.srb.transfer_length, 36);
}

static void failures_carry_status_and_sense(void **state)
{
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);
	struct hvp_sense sense;

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	packet.srb.cdb[2] = 0x7f;
	run_srb(&packet);
	assert_int_equal(packet.status, HVP_STOR_STATUS_UNSUCCESSFUL);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_ERROR | HVP_SRB_AUTOSENSE_VALID);
	assert_int_equal(packet.srb.scsi_status, SCSI_CHECK_CONDITION);
	assert_int_equal(packet.srb.transfer_length, 512);	/* what was asked for */
	assert_int_equal(packet.srb.sense_length, 18);
	assert_int_equal(hvp_sense_parse(packet.srb.sense, 18, &sense), 0);
	assert_int_equal(sense.asc, 0x21);

	packet = srb(0x85, HVP_STOR_NO_DATA, 0);
	packet.srb.sense_length = 8;
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_INVALID_REQUEST | HVP_SRB_AUTOSENSE_VALID);
	assert_int_equal(packet.srb.sense_length, 8);
	assert_int_equal(packet.srb.sense[8], 0);
	packet = srb(0x28, HVP_STOR_READ, 512);
	packet.srb.cdb[8] = 2;
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_DATA_OVERRUN);
	assert_int_equal(packet.srb.transfer_length, 0);
	assert_int_equal(checker_total(bus.checker), 0);
}

static void absent_addresses_have_their_status(void **state)
{
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);

	(void)state;
	handshake(HVP_STOR_V6_2);
	packet.srb.lun = 3;
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_INVALID_LUN);
	packet = srb(0x28, HVP_STOR_READ, 512);
	packet.srb.target = 1;
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_NO_DEVICE);
	packet = srb(0x12, HVP_STOR_READ, 36);
	packet.srb.target = 1;
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_SUCCESS);
	assert_int_equal(memory[0], 0x7f);
}

static void broken_request_blocks_are_refused(void **state)
{
	static const enum checker_rule rules[] = {
		RULE_STOR_SRB_LENGTH, RULE_STOR_CDB_LENGTH, RULE_STOR_CDB_LENGTH,
		RULE_STOR_DIRECTION, RULE_STOR_DATA, RULE_STOR_DATA,
	};
	struct hvp_stor_packet packets[6];
	unsigned int i;

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	for (i = 0; i < 6; i++)
		packets[i] = srb(0x28, HVP_STOR_READ, 512);
	packets[0].srb.length = HVP_SRB_LEN_OLD;
	packets[1].srb.cdb_length = 0;
	packets[2].srb.cdb_length = 17;
	packets[3].srb.data_in = 3;
	packets[4].srb.transfer_length = sizeof(memory) + 1;
	packets[5].srb.transfer_length = 0xffffffff;
	for (i = 0; i < 6; i++) {
		u64 before = checker_count(bus.checker, rules[i]);

		run_srb(&packets[i]);
		assert_int_equal(packets[i].srb.srb_status, HVP_SRB_INVALID_REQUEST);
		assert_case(i, checker_count(bus.checker, rules[i]) == before + 1);
	}
}

/* Data moves the way the block says or not at all. */
static void commands_do_not_change_the_direction(void **state)
{
	struct hvp_stor_packet packets[] = {
		srb(0x28, HVP_STOR_WRITE, 512), srb(0x2a, HVP_STOR_READ, 512),
		srb(0x12, HVP_STOR_WRITE, 36), srb(0xa0, HVP_STOR_WRITE, 36),
	};
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);
	unsigned int i;

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	memset(memory, 'm', sizeof(memory));
	for (i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		run_srb(&packets[i]);
		assert_int_equal(packets[i].srb.srb_status, HVP_SRB_INVALID_REQUEST);
		assert_case(i, checker_count(bus.checker, RULE_STOR_DIRECTION) == i + 1);
		assert_int_equal(memory[0], 'm');
	}
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_SUCCESS);
	assert_int_equal(memory[0], 0);
}

static void flags_repeat_the_direction(void **state)
{
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	packet.srb.srb_flags |= HVP_SRBF_DATA_OUT;
	run_srb(&packet);
	assert_int_equal(checker_total(bus.checker), 0);
	packet = srb(0x28, HVP_STOR_READ, 512);
	packet.srb.srb_flags = HVP_SRBF_DATA_OUT;
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_SUCCESS);
	expect_rule(RULE_STOR_DIRECTION);
}

static void requests_come_in_band_or_with_pages(void **state)
{
	static const u16 types[] = { HVP_PKT_XFER_PAGES, HVP_PKT_CANCEL };
	struct hvp_stor_packet packet = { .op = HVP_STOR_BEGIN_INIT };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		guest_send(primary, types[i], 1, &packet, sizeof(packet), HVP_PKT_WANT_COMPLETION);
		fake_run(&bus);
		assert_int_equal(received()->status, HVP_STOR_STATUS_INVALID_PARAMETER);
		assert_case(i, checker_count(bus.checker, RULE_STOR_OPERATION) == i + 1);
	}
	handshake(HVP_STOR_V6_2);
}

static void the_oldest_version_has_the_short_block(void **state)
{
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V4_2);
	packet.srb.length = HVP_SRB_LEN_OLD;
	packet.srb.cdb[2] = 0xff;
	fake_lent = memory;
	fake_lent_bytes = sizeof(memory);
	guest_send(primary, HVP_PKT_GPA_DIRECT, 1, &packet, 48, HVP_PKT_WANT_COMPLETION);
	fake_run(&bus);
	assert_int_equal(fake_sent[0].len, 48);
	packet = *received();
	assert_int_equal(packet.srb.sense_length, HVP_SENSE_MAX_OLD);
	assert_int_equal(checker_total(bus.checker), 0);
}

static void answers_take_the_way_the_request_came(void **state)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_CREATE_SUB_CHANNELS, .sub_channels = 2 };
	struct vmbus_channel *sub;

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	assert_int_equal(ask_on(primary, &packet), 0);
	assert_int_equal(fake_device->subs_offered, 2);
	sub = &fake_device->channels[2];
	guest_open(sub);
	packet = srb(0x28, HVP_STOR_READ, 512);
	send_srb(sub, &packet, 5);
	fake_run(&bus);
	assert_ptr_equal(fake_sent[0].ch, sub);
	assert_int_equal(received()->srb.srb_status, HVP_SRB_SUCCESS);
	assert_int_equal(checker_total(bus.checker), 0);
	packet = (struct hvp_stor_packet) { .op = HVP_STOR_BEGIN_INIT };
	assert_int_equal(ask_on(sub, &packet), HVP_STOR_STATUS_INVALID_DEVICE_STATE);
	expect_rule(RULE_STOR_ORDER);
}

static void no_more_sub_channels_than_announced(void **state)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_CREATE_SUB_CHANNELS, .sub_channels = 4 };

	(void)state;
	handshake(HVP_STOR_V6_2);
	assert_int_equal(ask_on(primary, &packet), HVP_STOR_STATUS_INVALID_PARAMETER);
	assert_int_equal(fake_device->subs_offered, 0);
	expect_rule(RULE_STOR_SUB_CHANNELS);
}

static void completions_of_one_round_are_one_batch(void **state)
{
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);
	struct channel_packet pkts[16];
	static const u8 page_list[64];
	unsigned int i;

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	fake_lent = memory;
	fake_lent_bytes = sizeof(memory);
	for (i = 0; i < 16; i++)
		pkts[i] = (struct channel_packet) {
			.type = HVP_PKT_GPA_DIRECT, .flags = HVP_PKT_WANT_COMPLETION,
			.transaction = i, .header = page_list, .header_len = sizeof(page_list),
			.payload = &packet, .payload_len = sizeof(packet),
		};
	primary->commits = 0;
	guest_send_packets(primary, pkts, 16);
	fake_run(&bus);
	assert_int_equal(fake_sent_count, 16);
	assert_int_equal(primary->commits, 1);
}

static void luns_that_come_and_go_are_announced(void **state)
{
	(void)state;
	add_disk("ram=1M", NULL);
	assert_int_equal(fake_sent_count, 0);		/* nobody to tell yet */
	handshake(HVP_STOR_V6_2);
	add_disk("ram=1M,lun=9", NULL);
	assert_int_equal(fake_sent[0].type, HVP_PKT_INBAND);
	assert_int_equal(received()->op, HVP_STOR_ENUMERATE_BUS);
	assert_int_equal(storvsp_remove(vsp, 9), 0);
	assert_int_equal(received()->op, HVP_STOR_ENUMERATE_BUS);
	assert_int_equal(storvsp_remove(vsp, 9), -ENOENT);
	assert_int_equal(fake_sent_count, 0);
}

static void status_faults_replace_the_result(void **state)
{
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);
	struct err err;

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	assert_int_equal(fault_arm(bus.fault, "stor.status sense=0x062a09", NULL, &err), 0);
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_ERROR | HVP_SRB_AUTOSENSE_VALID);
	assert_int_equal(packet.srb.sense[2], 6);
	assert_int_equal(packet.srb.sense[12], 0x2a);
	assert_int_equal(fault_arm(bus.fault, "stor.status srb=0x1808", NULL, &err), 0);
	packet = srb(0x28, HVP_STOR_READ, 512);
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, 0x08);
	assert_int_equal(packet.srb.transfer_length, 512);
	assert_int_equal(packet.srb.scsi_status, 0x18);
	packet = srb(0x28, HVP_STOR_READ, 512);
	run_srb(&packet);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_SUCCESS);
}

static void a_dropped_request_ends_with_its_channel(void **state)
{
	struct hvp_stor_packet packet = srb(0x28, HVP_STOR_READ, 512);
	struct err err;

	(void)state;
	add_disk("ram=1M", NULL);
	handshake(HVP_STOR_V6_2);
	assert_int_equal(fault_arm(bus.fault, "stor.srb drop device=scsi1", NULL, &err), 0);
	send_srb(primary, &packet, 1);
	fake_run(&bus);
	assert_int_equal(fake_sent_count, 0);
	assert_int_equal(primary->txns, 1);
	guest_close(primary);
	assert_int_equal(primary->txns, 0);
}

/* With requests that the kernel works on: a reset waits, and a closed channel gets nothing. */
static void requests_in_flight_end_first(void **state)
{
	struct hvp_stor_packet read = srb(0x28, HVP_STOR_READ, 512);
	struct hvp_stor_packet reset = { .op = HVP_STOR_RESET_BUS };
	char path[] = "/tmp/openlis-storvsp-XXXXXX", text[64];
	int fd = mkstemp(path);
	struct uring *uring;
	struct err err;

	(void)state;
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	if (uring_create(&uring, bus.loop, &err))
		skip();
	snprintf(text, sizeof(text), "file=%s", path);
	add_disk(text, uring);
	handshake(HVP_STOR_V6_2);
	send_srb(primary, &read, 1);
	guest_send(primary, HVP_PKT_INBAND, 2, &reset, sizeof(reset), HVP_PKT_WANT_COMPLETION);
	assert_int_equal(fake_sent_count, 0);
	uring_drain(uring);
	assert_int_equal(fake_sent_count, 2);
	assert_int_equal(guest_receive()->id, 1);
	assert_int_equal(guest_receive()->id, 2);
	fake_run(&bus);

	send_srb(primary, &read, 3);
	guest_close(primary);
	assert_int_equal(primary->txns, 1);
	assert_int_equal(storvsp_remove(vsp, 0), 0);	/* the disk stays until the request is back */
	uring_drain(uring);
	assert_int_equal(primary->txns, 0);
	assert_int_equal(fake_sent_count, 0);
	uring_destroy(uring);
	close(fd);
	unlink(path);
}

static void a_reopened_channel_starts_anew(void **state)
{
	(void)state;
	handshake(HVP_STOR_V6_2);
	guest_close(primary);
	guest_open(primary);
	assert_int_equal(ask_version(HVP_STOR_V6_2), HVP_STOR_STATUS_INVALID_DEVICE_STATE);
	handshake(HVP_STOR_V5_1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(the_handshake_ends_in_running),
		cmocka_unit_test_teardown(versions_follow_the_host_generation, teardown),
		CASE(operations_out_of_order_are_refused),
		CASE(operations_of_the_host_are_refused),
		CASE(short_packets_are_refused),
		CASE(a_request_asks_for_its_completion),
		CASE(what_is_written_is_read),
		CASE(failures_carry_status_and_sense),
		CASE(absent_addresses_have_their_status),
		CASE(broken_request_blocks_are_refused),
		CASE(commands_do_not_change_the_direction),
		CASE(flags_repeat_the_direction),
		CASE(requests_come_in_band_or_with_pages),
		CASE(the_oldest_version_has_the_short_block),
		CASE(answers_take_the_way_the_request_came),
		CASE(no_more_sub_channels_than_announced),
		CASE(completions_of_one_round_are_one_batch),
		CASE(luns_that_come_and_go_are_announced),
		CASE(status_faults_replace_the_result),
		CASE(a_dropped_request_ends_with_its_channel),
		CASE(requests_in_flight_end_first),
		CASE(a_reopened_channel_starts_anew),
	};

	return cmocka_run_group_tests_name("storvsp", tests, NULL, NULL);
}
