// SPDX-License-Identifier: GPL-2.0-only
/*
 * The storage VSP over the real bus: what crosses its fault points.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/test/fake_guest.h"
#include "host/test/fake_machine.h"
#include "host/vsp/disk.h"
#include "host/vsp/diskspec.h"
#include "host/vsp/storvsp.h"
#include "protocol/stor.h"
#include "protocol/version.h"

static struct storvsp *vsp;
static struct guest_channel ch;

/* The next answer. Return: its transaction, 0 when there is none. */
static u64 take(struct guest *g, struct hvp_stor_packet *packet)
{
	struct hvp_packet_desc desc;

	fake_settle(g->loop);
	memset(packet, 0, sizeof(*packet));
	return guest_recv(&ch, &desc, packet, sizeof(*packet)) ? desc.transaction : 0;
}

static void ask(struct guest *g, struct hvp_stor_packet *packet)
{
	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, 5, packet,
			       sizeof(*packet)));
	assert_int_equal(take(g, packet), 5);
	assert_int_equal(packet->status, HVP_STOR_STATUS_SUCCESS);
}

static void handshake(struct guest *g)
{
	static const u32 steps[] = {
		HVP_STOR_BEGIN_INIT, HVP_STOR_QUERY_VERSION, HVP_STOR_QUERY_PROPERTIES,
		HVP_STOR_END_INIT,
	};
	unsigned int i;

	for (i = 0; i < HVP_COUNT_OF(steps); i++) {
		struct hvp_stor_packet packet = { .op = steps[i] };

		if (steps[i] == HVP_STOR_QUERY_VERSION)
			packet.version.version = HVP_STOR_V6_2;
		ask(g, &packet);
	}
}

static struct guest *running(void)
{
	struct guest *g = guest_create(NULL);
	struct storvsp_config config = { .controller = 0 };
	struct disk_spec spec;
	struct disk *disk;
	struct err err;

	assert_int_equal(storvsp_create(&vsp, g->vmbus, &config, &err), 0);
	assert_int_equal(diskspec_parse("ram=1M", &spec, &err), 0);
	assert_int_equal(disk_ram_open(&disk, &spec, &err), 0);
	assert_int_equal(storvsp_add(vsp, &spec, disk, &err), 0);
	guest_connect(g, HVP_V5_3);
	ch = guest_next_offer(g);
	guest_all_offers(g);
	assert_int_equal(guest_open(&ch, 8), 0);
	handshake(g);
	return g;
}

static void end(struct guest *g)
{
	assert_int_equal(guest_finish(g), 0);
	storvsp_destroy(vsp);
	guest_destroy(g);
}

/* READ(10) or WRITE(10) of block 0. */
static void send_io(struct guest *g, u8 opcode, u64 id, u64 pfn)
{
	struct {
		struct hvp_gpa_direct list;
		struct hvp_gpa_range range;
		u64 pfn;
	} header = { .list.range_count = 1, .range.byte_count = 512, .pfn = pfn };
	bool read = opcode == 0x28;
	struct hvp_stor_packet packet = {
		.op = HVP_STOR_EXECUTE_SRB,
		.srb = {
			.length = HVP_SRB_LEN, .cdb_length = 10, .sense_length = HVP_SENSE_MAX,
			.data_in = read ? HVP_STOR_READ : HVP_STOR_WRITE, .transfer_length = 512,
			.cdb = { opcode, [8] = 1 },
			.srb_flags = read ? HVP_SRBF_DATA_IN : HVP_SRBF_DATA_OUT,
		},
	};

	assert_true(guest_put(&ch, HVP_PKT_GPA_DIRECT, HVP_PKT_WANT_COMPLETION, id, &header,
			      sizeof(header), &packet, sizeof(packet)));
	guest_signal(&ch);
	fake_settle(g->loop);
}

static void send_reset(u64 id)
{
	struct hvp_stor_packet packet = { .op = HVP_STOR_RESET_BUS };

	assert_true(guest_send(&ch, HVP_PKT_INBAND, HVP_PKT_WANT_COMPLETION, id, &packet,
			       sizeof(packet)));
}

/* The answer to a reset is the guest's word that the data is its own again. */
static void no_write_overtakes_a_reset(void **state)
{
	struct guest *g = running();
	struct hvp_stor_packet packet;
	u64 old = guest_alloc(g, 1), new = guest_alloc(g, 1), back = guest_alloc(g, 1);

	(void)state;
	memset(guest_page(g, old), 'A', 512);
	memset(guest_page(g, new), 'B', 512);
	guest_arm(g, "stor.srb delay=1000");
	send_io(g, 0x2a, 100, old);
	send_reset(101);
	assert_int_equal(take(g, &packet), 100);
	assert_int_equal(packet.srb.srb_status, HVP_SRB_BUS_RESET);
	assert_int_equal(take(g, &packet), 101);
	assert_int_equal(packet.status, HVP_STOR_STATUS_SUCCESS);

	send_io(g, 0x2a, 102, new);
	assert_int_equal(take(g, &packet), 102);
	fake_advance(g->loop, 2000);
	assert_int_equal(take(g, &packet), 0);
	send_io(g, 0x28, 103, back);
	assert_int_equal(take(g, &packet), 103);
	assert_int_equal(*(char *)guest_page(g, back), 'B');
	end(g);
}

/* What a fault lost is not found again, not even by a reset. */
static void lost_request_stays_lost(void **state)
{
	struct guest *g = running();
	struct hvp_stor_packet packet;

	(void)state;
	guest_arm(g, "stor.srb never count=1");
	send_io(g, 0x28, 100, guest_alloc(g, 1));
	send_reset(101);
	assert_int_equal(take(g, &packet), 101);
	assert_int_equal(take(g, &packet), 0);
	guest_close(&ch);
	end(g);
}

static void delayed_request_ends_with_its_channel(void **state)
{
	struct guest *g = running();

	(void)state;
	guest_arm(g, "stor.srb delay=1000");
	send_io(g, 0x28, 100, guest_alloc(g, 1));
	guest_close(&ch);
	fake_advance(g->loop, 2000);
	end(g);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_write_overtakes_a_reset),
		CASE(lost_request_stays_lost),
		CASE(delayed_request_ends_with_its_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
