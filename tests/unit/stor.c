// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/stor.h"

#include "tests/unit/unit.h"

static const struct {
	u16 version;
	u8 srb, packet, sense;
	bool sub_channels;
} expected[] = {
	{ 0x0602, 0x34, 64, 20, true },
	{ 0x0600, 0x34, 64, 20, true },
	{ 0x0501, 0x34, 64, 20, true },
	{ 0x0402, 0x24, 48, 18, false },
};

static void dialects(void **state)
{
	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(expected); i++) {
		const struct hvp_stor_dialect *d = hvp_stor_dialect(i);

		assert_non_null(d);
		assert_case(i, d->version == expected[i].version);
		assert_case(i, d->srb_length == expected[i].srb);
		assert_case(i, d->packet_length == expected[i].packet);
		assert_case(i, d->sense_length == expected[i].sense);
		assert_case(i, d->sub_channels == expected[i].sub_channels);
	}
	assert_null(hvp_stor_dialect(HVP_COUNT_OF(expected)));
	assert_null(hvp_stor_dialect(~0u));
}

static void dialect_find_is_exact(void **state)
{
	(void)state;
	for (u32 version = 0; version <= 0xffff; version++) {
		const struct hvp_stor_dialect *found = hvp_stor_dialect_find(version);
		bool known = false;

		for (u32 i = 0; i < HVP_COUNT_OF(expected); i++)
			known |= expected[i].version == version;
		assert_case(version, (found != NULL) == known);
		assert_case(version, !found || found->version == version);
	}
}

static void layout(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct hvp_stor_packet, srb), 12);
	assert_int_equal(offsetof(struct hvp_srb, srb_status), 2);
	assert_int_equal(offsetof(struct hvp_srb, scsi_status), 3);
	assert_int_equal(offsetof(struct hvp_srb, lun), 7);
	assert_int_equal(offsetof(struct hvp_srb, cdb_length), 8);
	assert_int_equal(offsetof(struct hvp_srb, sense_length), 9);
	assert_int_equal(offsetof(struct hvp_srb, data_in), 10);
	assert_int_equal(offsetof(struct hvp_srb, transfer_length), 12);
	assert_int_equal(offsetof(struct hvp_srb, cdb), 16);
	assert_int_equal(offsetof(struct hvp_srb, sense), 16);
	assert_int_equal(offsetof(struct hvp_srb, srb_flags), 40);
	assert_int_equal(offsetof(struct hvp_srb, timeout), 44);
	assert_int_equal(offsetof(struct hvp_stor_properties, max_sub_channels), 4);
	assert_int_equal(offsetof(struct hvp_stor_properties, flags), 8);
	assert_int_equal(offsetof(struct hvp_stor_properties, max_transfer_bytes), 12);
	assert_int_equal(sizeof(struct hvp_stor_fc_data), 36);
}

static int answer(u32 dialect, u32 len, u32 op, u32 sent_op, u32 requested, u32 done, u8 status,
		  u8 sense)
{
	struct hvp_stor_packet pkt = {
		.op = op,
		.srb = {
			.srb_status = status,
			.transfer_length = done,
			.sense_length = sense,
		}
	};

	return hvp_stor_answer_check(&pkt, len, hvp_stor_dialect(dialect), sent_op, requested);
}

static void answer_length(void **state)
{
	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(expected); i++)
		for (u32 len = 0; len <= 80; len++)
			assert_int_equal(answer(i, len, 1, HVP_STOR_BEGIN_INIT, 0, 0, 0, 0),
					 len < expected[i].packet ? -EBADMSG : 0);
}

static void answer_op(void **state)
{
	(void)state;
	for (u32 op = 0; op < 20; op++)
		for (u32 sent = HVP_STOR_EXECUTE_SRB; sent < HVP_STOR_OP_COUNT; sent++)
			assert_int_equal(answer(0, 64, op, sent, 0, 0, 1, 0),
					 op == 1 ? 0 : -EBADMSG);
	assert_int_equal(answer(0, 64, 0x10001, HVP_STOR_EXECUTE_SRB, 0, 0, 1, 0), -EBADMSG);
}

static void answer_transfer_length(void **state)
{
	static const struct {
		u32 requested, done;
		int result;
	} cases[] = {
		{ 0, 0, 0 }, { 0, 1, -EBADMSG }, { 512, 0, 0 }, { 512, 511, 0 }, { 512, 512, 0 },
		{ 512, 513, -EBADMSG }, { 512, 0xffffffff, -EBADMSG },
		{ 0xffffffff, 0xffffffff, 0 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		assert_case(i, answer(0, 64, 1, HVP_STOR_EXECUTE_SRB, cases[i].requested,
				      cases[i].done, 1, 0) == cases[i].result);
		/* Other operations carry no SRB: the same bytes mean something else. */
		assert_case(i, answer(0, 64, 1, HVP_STOR_RESET_BUS, cases[i].requested,
				      cases[i].done, 1, 0) == 0);
	}
}

static void answer_sense_length(void **state)
{
	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(expected); i++) {
		for (u32 sense = 0; sense <= 255; sense++) {
			int with = answer(i, 64, 1, HVP_STOR_EXECUTE_SRB, 0, 0, 0x84, sense);
			int without = answer(i, 64, 1, HVP_STOR_EXECUTE_SRB, 0, 0, 0x04, sense);

			assert_int_equal(with, sense > expected[i].sense ? -EBADMSG : 0);
			assert_int_equal(without, 0);
		}
	}
}

static void status_bits(void **state)
{
	(void)state;
	for (u32 byte = 0; byte <= 255; byte++)
		assert_int_equal(HVP_SRB_STATUS(byte), byte % 64);
	assert_int_equal(HVP_SRB_STATUS(0x84), HVP_SRB_ERROR);
	assert_int_equal(HVP_SRB_STATUS(0xe0), HVP_SRB_INVALID_LUN);
}

static void sense_formats(void **state)
{
	static const struct {
		u8 bytes[20];
		u32 len;
		int result;
		struct hvp_sense sense;
	} cases[] = {
		/* fixed */
		{ { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 }, 18, 0, { false, 6, 0x29, 2 } },
		{ { 0xf0, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 }, 18, 0, { false, 6, 0x29, 2 } },
		{ { 0x71, 0, 4, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x44, 0 }, 18, 0, { true, 4, 0x44, 0 } },
		{ { 0x70, 0, 0xe5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24 }, 18, 0, { false, 5, 0x24, 0 } },
		/* cut by what was received */
		{ { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 }, 14, 0, { false, 6, 0x29, 2 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 }, 13, 0, { false, 6, 0x29, 0 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 }, 12, 0, { false, 6, 0, 0 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 }, 8, 0, { false, 6, 0, 0 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 }, 7, 0, { false, 6, 0, 0 } },
		{ { 0x70, 0, 6 }, 3, 0, { false, 6, 0, 0 } },
		{ { 0x70, 0, 6 }, 2, -EINVAL, { 0 } },
		{ { 0x70, 0, 6 }, 1, -EINVAL, { 0 } },
		/* cut by its own length: what follows is not sense */
		{ { 0x70, 0, 6, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0x29, 2 }, 18, 0, { false, 6, 0x29, 2 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0x29, 2 }, 18, 0, { false, 6, 0x29, 0 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x29, 2 }, 18, 0, { false, 6, 0, 0 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x29, 2 }, 18, 0, { false, 6, 0, 0 } },
		{ { 0x70, 0, 6, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0x29, 2 }, 18, 0, { false, 6, 0x29, 2 } },
		/* descriptor */
		{ { 0x72, 6, 0x2a, 9 }, 8, 0, { false, 6, 0x2a, 9 } },
		{ { 0x73, 0xf6, 0x2a, 9 }, 8, 0, { true, 6, 0x2a, 9 } },
		{ { 0x72, 6, 0x2a, 9 }, 4, 0, { false, 6, 0x2a, 9 } },
		{ { 0x72, 6, 0x2a, 9 }, 3, 0, { false, 6, 0x2a, 0 } },
		{ { 0x72, 6, 0x2a, 9 }, 2, 0, { false, 6, 0, 0 } },
		{ { 0x72, 6, 0x2a, 9 }, 1, -EINVAL, { 0 } },
		/* nothing known */
		{ { 0 }, 0, -EINVAL, { 0 } },
		{ { 0 }, 20, -EINVAL, { 0 } },
		{ { 0x6f, 0, 6 }, 18, -EINVAL, { 0 } },
		{ { 0x74, 6, 0x29 }, 18, -EINVAL, { 0 } },
		{ { 0x7f, 6, 0x29 }, 18, -EINVAL, { 0 } },
		{ { 0xff, 6, 0x29 }, 18, -EINVAL, { 0 } },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *copy = exact_copy(cases[i].bytes, cases[i].len);
		struct hvp_sense sense = { .key = 0x55 };

		assert_case(i, hvp_sense_parse(copy, cases[i].len, &sense) == cases[i].result);
		if (cases[i].result)
			assert_case(i, sense.key == 0x55);
		else
			assert_case(i, sense.deferred == cases[i].sense.deferred &&
				       sense.key == cases[i].sense.key &&
				       sense.asc == cases[i].sense.asc &&
				       sense.ascq == cases[i].sense.ascq);
		free(copy);
	}
}

static void sense_response_codes(void **state)
{
	(void)state;
	for (u32 code = 0; code <= 255; code++) {
		u8 bytes[18] = { code, 2, 3, 4 };
		struct hvp_sense sense;
		u32 format = code % 128;

		assert_case(code, (hvp_sense_parse(bytes, sizeof(bytes), &sense) == 0) ==
				  (format >= 0x70 && format <= 0x73));
	}
}

static void sense_survives(void **state)
{
	static const u8 ascq[] = { 0, 1, 0x7f, 0x80, 0xff };

	(void)state;
	for (u32 key = 0; key < 16; key++) {
		for (u32 asc = 0; asc < 256; asc++) {
			for (u32 i = 0; i < HVP_COUNT_OF(ascq); i++) {
				u8 bytes[20];
				struct hvp_sense sense;

				memset(bytes, 0xa5, sizeof(bytes));
				assert_int_equal(hvp_sense_build(bytes, 20, key, asc, ascq[i]), 18);
				assert_int_equal(bytes[7], 10);
				assert_int_equal(bytes[19], 0);
				assert_int_equal(hvp_sense_parse(bytes, 18, &sense), 0);
				assert_false(sense.deferred);
				assert_int_equal(sense.key, key);
				assert_int_equal(sense.asc, asc);
				assert_int_equal(sense.ascq, ascq[i]);
			}
		}
	}
}

static void sense_fits_the_room(void **state)
{
	(void)state;
	for (u32 room = 0; room <= 40; room++) {
		u8 *bytes = malloc(room ? room : 1);

		assert_int_equal(hvp_sense_build(bytes, room, 5, 0x24, 0), room < 18 ? room : 18);
		if (room > 2)
			assert_int_equal(bytes[2], 5);
		free(bytes);
	}
}

static void op_names(void **state)
{
	(void)state;
	assert_string_equal(hvp_stor_op_name(0), "unknown");
	assert_string_equal(hvp_stor_op_name(1), "CompleteIo");
	assert_string_equal(hvp_stor_op_name(3), "ExecuteSrb");
	assert_string_equal(hvp_stor_op_name(14), "EventNotification");
	assert_string_equal(hvp_stor_op_name(15), "unknown");
	assert_string_equal(hvp_stor_op_name(0xffffffff), "unknown");
	for (u32 op = 1; op < HVP_STOR_OP_COUNT; op++)
		assert_string_not_equal(hvp_stor_op_name(op), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects),
		cmocka_unit_test(dialect_find_is_exact),
		cmocka_unit_test(layout),
		cmocka_unit_test(answer_length),
		cmocka_unit_test(answer_op),
		cmocka_unit_test(answer_transfer_length),
		cmocka_unit_test(answer_sense_length),
		cmocka_unit_test(status_bits),
		cmocka_unit_test(sense_formats),
		cmocka_unit_test(sense_response_codes),
		cmocka_unit_test(sense_survives),
		cmocka_unit_test(sense_fits_the_room),
		cmocka_unit_test(op_names),
	};

	return cmocka_run_group_tests_name("stor", tests, NULL, NULL);
}
