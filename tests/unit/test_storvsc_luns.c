// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/luns.h"

#include "tests/unit/unit.h"

static u8 *report(u32 length, u32 claimed)
{
	u8 *buf = exact_block(length);

	if (length >= 4) {
		buf[0] = claimed >> 24;
		buf[1] = claimed >> 16;
		buf[2] = claimed >> 8;
		buf[3] = claimed;
	}
	return buf;
}

static void every_lun(void **state)
{
	struct stor_luns luns;
	u8 *buf = report(STOR_REPORT_LUNS_LEN, 8 * STOR_LUNS);
	u32 i;

	(void)state;
	for (i = 0; i < STOR_LUNS; i++) {
		buf[8 + 8 * i] = i % 2 ? 0x40 : 0;	/* flat and peripheral addressing */
		buf[8 + 8 * i + 1] = i;
	}
	assert_int_equal(stor_luns_parse(buf, STOR_REPORT_LUNS_LEN, &luns), 0);
	for (i = 0; i < STOR_LUNS; i++)
		assert_true(stor_luns_has(&luns, i));
	free(buf);
}

static void what_no_srb_can_name(void **state)
{
	struct stor_luns luns, none = { { 0 } };
	static const u8 first[] = { 0x01, 0x41, 0x80, 0xc1, 0x3f };
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(first); i++) {
		u8 *buf = report(16, 8);

		buf[8] = first[i];
		assert_int_equal(stor_luns_parse(buf, 16, &luns), 0);
		assert_memory_equal(&luns, &none, sizeof(luns));
		free(buf);
	}
}

static void lists_that_cannot_be_trusted(void **state)
{
	static const struct {
		u32 length, claimed;
		int err;
	} cases[] = {
		{ 0, 0, -EBADMSG },
		{ 7, 0, -EBADMSG },
		{ 8, 0, 0 },
		{ 8, 8, -EBADMSG },
		{ 16, 8, 0 },
		{ 24, 8, 0 },
		{ 16, 12, -EBADMSG },
		{ 15, 8, -EBADMSG },
		{ 16, 0xffffffff, -EBADMSG },
		{ 16, 0xfffffff8, -EBADMSG },
	};
	struct stor_luns luns;
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *buf = report(cases[i].length, cases[i].claimed);

		assert_case(i, stor_luns_parse(buf, cases[i].length, &luns) == cases[i].err);
		free(buf);
	}
}

static void command(void **state)
{
	u8 *cdb = exact_block(16);

	(void)state;
	memset(cdb, 0xff, 16);
	stor_luns_cdb(cdb);
	assert_int_equal(cdb[0], 0xa0);
	assert_int_equal((u32)cdb[8] << 8 | cdb[9], STOR_REPORT_LUNS_LEN);
	assert_int_equal(cdb[15], 0);
	free(cdb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_lun),
		cmocka_unit_test(what_no_srb_can_name),
		cmocka_unit_test(lists_that_cannot_be_trusted),
		cmocka_unit_test(command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
