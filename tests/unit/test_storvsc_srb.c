// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/srb.h"

#include "drivers/storvsc/ids.h"
#include "drivers/storvsc/quirks.h"
#include "tests/unit/unit.h"

static const u8 read10[10] = { 0x28, 0, 0, 0, 0x10, 0, 0, 0, 8, 0 };

static const struct stor_request request = {
	.cdb = read10,
	.cdb_length = sizeof(read10),
	.port = 2,
	.target = 1,
	.lun = 63,
	.data = HVP_STOR_READ,
	.tagged = true,
	.length = 4096,
};

/* The block is exactly as long as the packet and starts with rubbish. */
static struct hvp_stor_packet *build(const struct hvp_stor_dialect *dialect,
				     const struct stor_request *rq)
{
	struct hvp_stor_packet *pkt = exact_block(dialect->packet_length);

	memset(pkt, 0xa5, dialect->packet_length);
	stor_srb_build(pkt, rq, dialect);
	return pkt;
}

static void every_dialect(void **state)
{
	const struct hvp_stor_dialect *dialect;
	u32 i;

	(void)state;
	for (i = 0; (dialect = hvp_stor_dialect(i)); i++) {
		struct hvp_stor_packet *pkt = build(dialect, &request);

		assert_int_equal(pkt->op, HVP_STOR_EXECUTE_SRB);
		assert_int_equal(pkt->flags, HVP_STOR_REQUEST_COMPLETION);
		assert_int_equal(pkt->status, 0);
		assert_int_equal(pkt->srb.length, dialect->srb_length);
		assert_int_equal(pkt->srb.sense_length, dialect->sense_length);
		assert_int_equal(pkt->srb.cdb_length, sizeof(read10));
		assert_memory_equal(pkt->srb.cdb, read10, sizeof(read10));
		assert_int_equal(pkt->srb.cdb[10], 0);
		assert_int_equal(pkt->srb.lun, 63);
		assert_int_equal(pkt->srb.target, 1);
		assert_int_equal(pkt->srb.path, 0);
		assert_int_equal(pkt->srb.transfer_length, 4096);
		assert_int_equal(pkt->srb.data_in, HVP_STOR_READ);
		free(pkt);
	}
	assert_true(i > 0);
}

static void flags_of_the_long_form(void **state)
{
	const struct hvp_stor_dialect *dialect = hvp_stor_dialect_find(HVP_STOR_V6_2);
	static const u32 want[] = {
		[HVP_STOR_WRITE] = HVP_SRBF_DATA_OUT,
		[HVP_STOR_READ] = HVP_SRBF_DATA_IN,
		[HVP_STOR_NO_DATA] = 0,
	};
	u32 data;

	(void)state;
	for (data = 0; data < HVP_COUNT_OF(want); data++) {
		struct stor_request rq = request;
		struct hvp_stor_packet *pkt;

		rq.data = data;
		rq.tagged = data != HVP_STOR_NO_DATA;
		pkt = build(dialect, &rq);
		assert_int_equal(pkt->srb.srb_flags & (HVP_SRBF_DATA_IN | HVP_SRBF_DATA_OUT),
				 want[data]);
		assert_int_equal(!!(pkt->srb.srb_flags & HVP_SRBF_QUEUE_ACTION_ENABLE), rq.tagged);
		assert_int_equal(pkt->srb.queue_action, rq.tagged ? HVP_SRB_SIMPLE_TAG : 0);
		assert_true(pkt->srb.timeout > 0);
		free(pkt);
	}
}

static void quirks(void **state)
{
	static const struct {
		u8 cdb[2];
		enum stor_kind kind;
		u16 version;
		enum stor_quirk quirk;
	} cases[] = {
		{ { 0x28, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_PASS },
		{ { 0x2a, 0 }, STOR_KIND_SCSI, HVP_STOR_V4_2, STOR_PASS },
		{ { 0x12, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_PASS },
		{ { 0x12, 1 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_OPTIONAL },
		{ { 0x1a, 0 }, STOR_KIND_IDE, HVP_STOR_V5_1, STOR_OPTIONAL },
		{ { 0x5a, 8 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_OPTIONAL },
		{ { 0xa3, 0xa }, STOR_KIND_FC, HVP_STOR_V6_2, STOR_OPTIONAL },
		{ { 0x5e, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_OPTIONAL },
		{ { 0x41, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_PASS },
		{ { 0x41, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_0, STOR_REFUSE },
		{ { 0x93, 8 }, STOR_KIND_FC, HVP_STOR_V5_1, STOR_REFUSE },
		{ { 0x24, 0 }, STOR_KIND_SCSI, HVP_STOR_V4_2, STOR_REFUSE },
		{ { 0x24, 0 }, STOR_KIND_SCSI, HVP_STOR_V5_1, STOR_PASS },
		{ { 0x42, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_PASS },
		{ { 0x35, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_PASS },
		{ { 0xa0, 0 }, STOR_KIND_SCSI, HVP_STOR_V6_2, STOR_PASS },
	};
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(cases); i++)
		assert_case(i, stor_quirk_find(cases[i].cdb, cases[i].kind, cases[i].version) ==
			    cases[i].quirk);
}

static void ids(void **state)
{
	static const struct stor_id cases[] = {
		{ 0, 0, 0 },
		{ 0x7fffffff, 0, STOR_TAG_CONTROL },
		{ 1, STOR_CHANNEL_MAX, STOR_TAG_MAX },
		{ 0x12345678, 3, 77 },
	};
	struct stor_id out;
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(cases); i++) {
		u64 id = stor_id_make(cases[i].generation, cases[i].channel, cases[i].tag);

		assert_case(i, id != 0);
		assert_case(i, stor_id_parse(id, &out));
		assert_case(i, !memcmp(&out, &cases[i], sizeof(out)));
	}
	assert_false(stor_id_parse(0, &out));
	assert_false(stor_id_parse(0xffffffff0000ffffull, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialect),
		cmocka_unit_test(flags_of_the_long_form),
		cmocka_unit_test(quirks),
		cmocka_unit_test(ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
