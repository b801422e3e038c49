// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/fcopy.h"
#include "protocol/kvp_ip.h"
#include "protocol/shutdown.h"
#include "protocol/timesync.h"
#include "protocol/vss.h"

#include "tests/fuzz/seeds.h"

static struct seed seed;	/* large; one at a time */

static void begin(const void *prefix, size_t len)
{
	seed.len = 0;
	add(&seed, prefix, len);
}

static void seed_text(void)
{
	static const char *const utf16[] = {
		"a\0b\0\0", "\x3d\xd8\x00\xde\0\0", "\xe4\0\xac\x20", "\xff\xdb\xff\xdf",
	};
	static const char *const utf8[] = { "gr\xc3\xbc\xc3\x9f" "e", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	static const char *const inet[] = {
		"192.0.2.10", "255.255.255.0", "::", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "/64",
	};

	for (u32 i = 0; i < HVP_COUNT_OF(utf16); i++) {
		begin("\x20", 1);
		add(&seed, utf16[i], 4);
		save(&seed, "utf16", "wide", i);
	}
	for (u32 i = 0; i < HVP_COUNT_OF(utf8); i++) {
		begin("\x20", 1);
		add(&seed, utf8[i], strlen(utf8[i]));
		save(&seed, "utf16", "narrow", i);
	}
	for (u32 i = 0; i < HVP_COUNT_OF(inet); i++) {
		begin(inet[i], strlen(inet[i]));
		save(&seed, "inet", "text", i);
	}
}

static void seed_core(void)
{
	static const u8 versions[][2] = { { 1, 0 }, { 3, 0 }, { 3, 1 }, { 3, 2 }, { 4, 0 } };
	struct hvp_shutdown_request request = { .force = true, .text = "f\xc3\xbcr Wartung" };
	struct hvp_time_sample sample = { .host_time = 133500000000000000, .flags = 1 };
	struct hvp_ic_heartbeat beat = { .sequence = 41 };

	for (u32 i = 0; i < HVP_COUNT_OF(versions); i++) {
		struct hvp_ic_version version = { versions[i][0], versions[i][1] };
		u8 prefix[] = { HVP_IC_SHUTDOWN, versions[i][0], versions[i][1] };
		struct hvp_ic_shutdown body;
		u8 time[HVP_TIMESYNC_SIZE_MAX];
		u32 len = hvp_timesync_build(time, version, &sample);

		require(hvp_shutdown_build(&body, version, &request) == sizeof(body));
		begin(prefix, sizeof(prefix));
		add(&seed, &body, sizeof(body));
		save(&seed, "core", "shutdown", i);
		prefix[0] = HVP_IC_TIMESYNC;
		begin(prefix, sizeof(prefix));
		add(&seed, time, len);
		save(&seed, "core", "timesync", i);
	}
	begin("\1\3\0", 3);
	add(&seed, &beat, sizeof(beat));
	save(&seed, "core", "heartbeat", 0);
}

static void save_kvp(const struct hvp_kvp_message *msg, const char *name, u32 number)
{
	begin("\5", 1);
	add(&seed, msg, sizeof(*msg));
	save(&seed, "kvp", name, number);
}

static void seed_kvp(void)
{
	static const enum hvp_kvp_type types[] = { HVP_KVP_STRING, HVP_KVP_EXPAND, HVP_KVP_U32,
						   HVP_KVP_U64, HVP_KVP_U64_LINUX };
	static char key[HVP_KVP_KEY_ROOM] = "OSName", value[HVP_KVP_VALUE_ROOM] = "Debian";
	static struct hvp_kvp_item item = { .key = "K\xc3\xa4se", .value = "v", .number = 7 };
	struct hvp_kvp_message msg;

	for (u32 i = 0; i < HVP_COUNT_OF(types); i++) {
		item.type = types[i];
		require(hvp_kvp_build_set(&msg, HVP_KVP_EXTERNAL, &item) > 0);
		save_kvp(&msg, "set", i);
		msg.head.op = HVP_KVP_GET;
		save_kvp(&msg, "answer", i);
	}
	require(hvp_kvp_build_key(&msg, HVP_KVP_DELETE, HVP_KVP_GUEST, "gone") > 0);
	save_kvp(&msg, "delete", 0);
	require(hvp_kvp_build_enumerate(&msg, HVP_KVP_AUTO, 5) > 0);
	save_kvp(&msg, "enumerate", 0);
	require(hvp_kvp_reply(&msg, key, value) == 0);
	save_kvp(&msg, "enumerated", 0);
}

static void seed_kvp_ip(void)
{
	static const struct hvp_kvp_ip ip = {
		.adapter = "{00155d00-0001-0000-0000-000000000000}", .families = 3,
		.addresses = "192.0.2.10;2001:db8::10", .subnets = "255.255.255.0;64",
		.gateways = "192.0.2.1;fe80::1", .dns = "192.0.2.53;2001:db8::53",
	};
	static u8 body[HVP_KVP_IP_MESSAGE_SIZE];

	for (u16 major = 4; major <= 5; major++) {
		struct hvp_ic_version version = { major, 0 };
		u8 prefix = major;

		for (u32 op = HVP_KVP_GET_IP; op <= HVP_KVP_SET_IP; op++) {
			require(hvp_kvp_ip_build(body, version, op, &ip) == (int)sizeof(body));
			if (op == HVP_KVP_GET_IP)
				require(hvp_kvp_ip_reply(body, version, &ip) == 0);
			begin(&prefix, 1);
			add(&seed, body, major == 5 ? sizeof(struct hvp_kvp_ip_binary_message)
						    : sizeof(body));
			save(&seed, "kvp_ip", op == HVP_KVP_GET_IP ? "get" : "set", major);
		}
	}
	begin("\xff", 1);
	add(&seed, &ip, sizeof(ip));
	save(&seed, "kvp_ip", "daemon", 0);
}

static void seed_vss(void)
{
	static struct hvp_vss_lun luns[2] = { { .bus_type = 1, .lun = 1 }, { .target = 2 } };
	static u8 body[HVP_VSS_SIZE_MAX];

	for (u32 op = 0; op < HVP_VSS_OP_COUNT; op++) {
		bool large = op == HVP_VSS_FREEZE || op == HVP_VSS_AUTO_RECOVER;
		struct hvp_vss_request request = { .op = op, .lun_count = large ? 2 : 0 };
		int len = hvp_vss_build(body, (struct hvp_ic_version){ 7, 0 }, &request, luns);

		require(len > 0);
		begin("\7", 1);
		/* Short forms leave room for mutation. */
		add(&seed, body, op == HVP_VSS_FREEZE ? 20 + 2 * sizeof(luns[0]) : (size_t)len);
		save(&seed, "vss", hvp_vss_op_name(op), 0);
	}
}

static void seed_fcopy(void)
{
	static const struct hvp_fcopy_file file = {
		.name = "na\xc3\xafve.txt", .path = "/srv/in", .size = 5, .flags = 3,
	};
	struct hvp_fcopy_chunk chunk = { .offset = 0, .size = 5, .data = (const u8 *)"hello" };
	static struct hvp_fcopy_start start;
	static struct hvp_fcopy_write write;
	struct hvp_fcopy_head head;

	require(hvp_fcopy_build_start(&start, &file) == sizeof(start));
	begin(&start, sizeof(start));
	save(&seed, "fcopy", "start", 0);
	require(hvp_fcopy_build_write(&write, &chunk) == sizeof(write));
	begin(&write, sizeof(write));
	save(&seed, "fcopy", "write", 0);
	begin(&write, offsetof(struct hvp_fcopy_write, data) + 5);
	save(&seed, "fcopy", "write", 1);
	for (u32 op = HVP_FCOPY_COMPLETE; op <= HVP_FCOPY_CANCEL; op++) {
		hvp_fcopy_build_end(&head, op);
		begin(&head, sizeof(head));
		save(&seed, "fcopy", "end", op);
	}
}

void seed_services(void)
{
	seed_text();
	seed_core();
	seed_kvp();
	seed_kvp_ip();
	seed_vss();
	seed_fcopy();
}
