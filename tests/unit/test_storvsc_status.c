// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/status.h"

#include "tests/unit/unit.h"

#define REQUESTED	4096u
#define SECTOR		512u

static const u8 sense_medium_error[18] = {
	0x70, 0, 0x03, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 0x00,
};

struct input {
	u8 srb;
	u8 scsi;
	bool autosense;
	bool medium;
	bool optional;
	bool tape;		/* has no sectors */
	u32 transferred;
};

static struct stor_verdict judge(const struct input *in, const u8 *sense, u8 length)
{
	struct stor_answer answer = {
		.srb_status = in->srb | (in->autosense ? HVP_SRB_AUTOSENSE_VALID : 0),
		.scsi_status = in->scsi,
		.sense = sense,
		.sense_length = length,
		.transferred = in->transferred,
		.requested = REQUESTED,
		.sector_size = in->tape ? 0 : SECTOR,
		.medium = in->medium,
		.optional = in->optional,
	};

	return stor_status_judge(&answer);
}

static bool is_success(const struct stor_verdict *v)
{
	return v->host_byte == STOR_DID_OK && !v->illegal_request &&
	       (v->status == STOR_SAM_GOOD || v->status == STOR_SAM_CONDITION_MET);
}

static bool executed(u8 srb)
{
	return srb == HVP_SRB_SUCCESS || srb == HVP_SRB_DATA_OVERRUN;
}

static bool known_status(u8 scsi)
{
	static const u8 known[] = { 0x00, 0x02, 0x04, 0x08, 0x18, 0x28, 0x30, 0x40 };

	for (u32 i = 0; i < HVP_COUNT_OF(known); i++)
		if (known[i] == scsi)
			return true;
	return false;
}

/* What holds for every combination that a host can send. */
static void check_rules(const struct input *in, const struct stor_verdict *v)
{
	bool may_succeed = executed(in->srb) && (in->scsi == 0x00 || in->scsi == 0x04);
	bool address_known = in->srb != HVP_SRB_INVALID_LUN &&
			     in->srb != HVP_SRB_INVALID_PATH_ID &&
			     in->srb != HVP_SRB_INVALID_TARGET_ID && in->srb != HVP_SRB_NO_DEVICE &&
			     in->srb != HVP_SRB_NO_HBA && in->srb != HVP_SRB_SELECTION_TIMEOUT;
	bool sense = in->autosense && in->scsi == 0x02 && address_known;
	bool too_short = in->medium && in->transferred < SECTOR;

	assert_int_equal(is_success(v), may_succeed && !too_short);
	assert_true(known_status(v->status));
	assert_int_equal(v->sense_length != 0, sense);
	if (v->sense_length)
		assert_int_equal(v->status, STOR_SAM_CHECK_CONDITION);
	/* CHECK CONDITION without sense data sends the midlayer asking for it. */
	if (v->status == STOR_SAM_CHECK_CONDITION)
		assert_true(v->sense_length || v->illegal_request);
	assert_false(in->medium && v->illegal_request);
	if (v->status != STOR_SAM_GOOD)
		assert_int_equal(v->host_byte, STOR_DID_OK);
	assert_true(v->residual <= REQUESTED);
	if (is_success(v) || v->sense_length)
		assert_int_equal(v->residual, REQUESTED - in->transferred);
	assert_int_equal(!!(v->news & STOR_NEWS_GONE), in->srb == HVP_SRB_INVALID_LUN);
}

static void every_combination(void **state)
{
	static const u32 transferred[] = { 0, 1, SECTOR - 1, SECTOR, REQUESTED };
	u8 *sense = exact_copy(sense_medium_error, sizeof(sense_medium_error));
	u32 bits, i;

	(void)state;
	for (bits = 0; bits < 64u * 256 * 8; bits++) {
		struct input in = {
			.srb = bits & 0x3f,
			.scsi = bits >> 6,
			.autosense = bits >> 14 & 1,
			.medium = bits >> 15 & 1,
			.optional = bits >> 16 & 1,
		};

		for (i = 0; i < HVP_COUNT_OF(transferred); i++) {
			struct stor_verdict v;

			in.transferred = transferred[i];
			v = judge(&in, sense, sizeof(sense_medium_error));
			check_rules(&in, &v);
		}
	}
	free(sense);
}

static void frozen_queue_changes_nothing(void **state)
{
	u32 bits;

	(void)state;
	for (bits = 0; bits < 64u * 256; bits++) {
		struct input in = { .srb = bits & 0x3f, .scsi = bits >> 6, .transferred = 512 };
		struct stor_verdict plain = judge(&in, NULL, 0), frozen;

		in.srb |= HVP_SRB_QUEUE_FROZEN;
		frozen = judge(&in, NULL, 0);
		assert_int_equal(plain.host_byte, frozen.host_byte);
		assert_int_equal(plain.status, frozen.status);
		assert_int_equal(plain.news, frozen.news);
	}
}

static const struct {
	struct input in;
	u8 host_byte;
	u8 status;
	bool illegal;
} table[] = {
	{ { .srb = HVP_SRB_SUCCESS, .transferred = 4096 }, STOR_DID_OK, 0x00, false },
	{ { .srb = HVP_SRB_PENDING, .transferred = 4096 }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_DATA_OVERRUN, .transferred = 36 }, STOR_DID_OK, 0x00, false },
	{ { .srb = HVP_SRB_SUCCESS, .medium = true }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_SUCCESS, .medium = true, .transferred = 511 }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_SUCCESS, .medium = true, .transferred = 512 }, STOR_DID_OK, 0x00, false },
	{ { .srb = HVP_SRB_SUCCESS, .medium = true, .tape = true, .transferred = 80 },
	  STOR_DID_OK, 0x00, false },
	{ { .srb = HVP_SRB_BUSY }, STOR_DID_OK, 0x08, false },
	{ { .srb = HVP_SRB_INTERNAL_ERROR }, STOR_DID_OK, 0x08, false },
	{ { .srb = HVP_SRB_BUS_RESET }, STOR_DID_REQUEUE, 0x00, false },
	{ { .srb = HVP_SRB_REQUEST_FLUSHED }, STOR_DID_REQUEUE, 0x00, false },
	{ { .srb = HVP_SRB_ABORTED }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_TIMEOUT }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_INVALID_LUN }, STOR_DID_NO_CONNECT, 0x00, false },
	{ { .srb = HVP_SRB_NO_DEVICE }, STOR_DID_NO_CONNECT, 0x00, false },
	{ { .srb = HVP_SRB_INVALID_REQUEST }, STOR_DID_OK, 0x02, true },
	{ { .srb = HVP_SRB_INVALID_REQUEST, .medium = true }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_ERROR }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_ERROR, .optional = true }, STOR_DID_OK, 0x02, true },
	{ { .srb = HVP_SRB_ERROR, .scsi = 0x18 }, STOR_DID_OK, 0x18, false },
	{ { .srb = HVP_SRB_ERROR, .scsi = 0x02 }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_ERROR, .scsi = 0x55 }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_SUCCESS, .scsi = 0x28 }, STOR_DID_OK, 0x28, false },
	{ { .srb = HVP_SRB_SUCCESS, .scsi = 0x02 }, STOR_DID_ERROR, 0x00, false },
	{ { .srb = HVP_SRB_SUCCESS, .scsi = 0x02, .optional = true }, STOR_DID_OK, 0x02, true },
	/* Sense data beside GOOD is not looked at. */
	{ { .srb = HVP_SRB_SUCCESS, .autosense = true, .transferred = 4096 },
	  STOR_DID_OK, 0x00, false },
	{ { .srb = 0x3f }, STOR_DID_ERROR, 0x00, false },
};

static void known_cases(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(table); i++) {
		struct stor_verdict v = judge(&table[i].in, sense_medium_error,
					      sizeof(sense_medium_error));

		assert_case(i, v.host_byte == table[i].host_byte);
		assert_case(i, v.status == table[i].status);
		assert_case(i, v.illegal_request == table[i].illegal);
	}
}

/* What a disk driver takes for success must not move less than it can count. */
static const struct {
	u8 key;
	struct input in;
	u8 host_byte;
} done_with_sense[] = {
	{ 0x00, { .medium = true, .transferred = 0 }, STOR_DID_ERROR },
	{ 0x01, { .medium = true, .transferred = 0 }, STOR_DID_ERROR },
	{ 0x01, { .medium = true, .transferred = 511 }, STOR_DID_ERROR },
	{ 0x01, { .medium = true, .transferred = 512 }, STOR_DID_OK },
	{ 0x01, { .medium = true, .transferred = REQUESTED }, STOR_DID_OK },
	{ 0x03, { .medium = true, .transferred = 0 }, STOR_DID_OK },
	{ 0x01, { .medium = false, .transferred = 0 }, STOR_DID_OK },
	{ 0x00, { .medium = true, .tape = true, .transferred = 0 }, STOR_DID_OK },
};

static void sense_data_counts_what_moved(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(done_with_sense); i++) {
		struct input in = done_with_sense[i].in;
		u8 *sense = exact_block(18);
		struct stor_verdict v;

		in.srb = HVP_SRB_ERROR;
		in.scsi = 0x02;
		in.autosense = true;
		hvp_sense_build(sense, 18, done_with_sense[i].key, 0, 0);
		v = judge(&in, sense, 18);
		assert_case(i, v.host_byte == done_with_sense[i].host_byte);
		assert_case(i, v.residual == REQUESTED - in.transferred);
		assert_case(i, !is_success(&v));
		assert_case(i, (v.sense_length != 0) == (v.host_byte == STOR_DID_OK));
		free(sense);
	}
}

static const struct {
	u8 key, asc, ascq, news;
} unit_attentions[] = {
	{ 0x06, 0x2a, 0x09, STOR_NEWS_REVALIDATE },
	{ 0x06, 0x2a, 0x01, STOR_NEWS_REVALIDATE },
	{ 0x06, 0x3f, 0x0e, STOR_NEWS_LUNS },
	{ 0x06, 0x3f, 0x03, STOR_NEWS_REVALIDATE },
	{ 0x06, 0x29, 0x00, 0 },
	{ 0x03, 0x2a, 0x09, 0 },
};

static void news_in_sense_data(void **state)
{
	struct input in = { .srb = HVP_SRB_ERROR, .scsi = 0x02, .autosense = true };
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(unit_attentions); i++) {
		u8 *sense = exact_block(18);
		struct stor_verdict v;

		hvp_sense_build(sense, 18, unit_attentions[i].key, unit_attentions[i].asc,
				unit_attentions[i].ascq);
		v = judge(&in, sense, 18);
		assert_case(i, v.news == unit_attentions[i].news);
		assert_case(i, v.sense_length == 18 && v.status == STOR_SAM_CHECK_CONDITION);
		free(sense);
	}
}

static void unreadable_sense_is_an_error(void **state)
{
	struct input in = { .srb = HVP_SRB_ERROR, .scsi = 0x02, .autosense = true };
	u8 *sense = exact_block(20);
	u32 length;

	(void)state;
	for (length = 0; length <= 20; length++) {
		struct stor_verdict v = judge(&in, sense, length);

		assert_int_equal(v.host_byte, STOR_DID_ERROR);
		assert_int_equal(v.sense_length, 0);
	}
	free(sense);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination),
		cmocka_unit_test(frozen_queue_changes_nothing),
		cmocka_unit_test(known_cases),
		cmocka_unit_test(sense_data_counts_what_moved),
		cmocka_unit_test(news_in_sense_data),
		cmocka_unit_test(unreadable_sense_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
