// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/vss.h"

#include "tests/unit/unit.h"

static const struct hvp_ic_version v5 = { 5, 0 }, v7 = { 7, 0 };

static void operations_by_version(void **state)
{
	static const u32 since[] = { 0, 0, 0, 0, 4, 5, 5, 5, 6 };

	(void)state;
	for (u32 op = 0; op < HVP_COUNT_OF(since); op++)
		for (u16 major = 3; major <= 8; major++)
			assert_case(op, hvp_vss_op_known(op, (struct hvp_ic_version){ major, 0 }) ==
					(major >= since[op]));
	assert_false(hvp_vss_op_known(9, v7));
	assert_false(hvp_vss_op_known(0x105, v7));
	assert_false(hvp_vss_op_known(~0u, v7));
}

static void lengths(void **state)
{
	static const struct {
		u8 op;
		u32 len;
		int result;
	} cases[] = {
		{ HVP_VSS_CREATE, 24, 0 }, { HVP_VSS_CREATE, 23, -EBADMSG },
		{ HVP_VSS_DELETE, 24, 0 }, { HVP_VSS_DELETE, 23, -EBADMSG },
		{ HVP_VSS_CHECK_HOT_BACKUP, 12, 0 }, { HVP_VSS_CHECK_HOT_BACKUP, 11, -EBADMSG },
		{ HVP_VSS_GET_DIRECT_MAPPED, 12, 0 }, { HVP_VSS_GET_DIRECT_MAPPED, 11, -EBADMSG },
		{ HVP_VSS_BACKUP_COMPLETE, 12, 0 }, { HVP_VSS_BACKUP_COMPLETE, 11, -EBADMSG },
		{ HVP_VSS_FREEZE, 20, 0 }, { HVP_VSS_FREEZE, 19, -EBADMSG },
		{ HVP_VSS_THAW, 12, 0 }, { HVP_VSS_THAW, 11, -EBADMSG }, { HVP_VSS_THAW, 32, 0 },
		{ HVP_VSS_AUTO_RECOVER, 20, 0 }, { HVP_VSS_AUTO_RECOVER, 19, -EBADMSG },
		{ HVP_VSS_QUERY_CLUSTER, 7312, 0 }, { HVP_VSS_QUERY_CLUSTER, 7311, -EBADMSG },
		{ HVP_VSS_QUERY_CLUSTER, 7320, 0 },
		{ HVP_VSS_OP_COUNT, 32, -EOPNOTSUPP }, { 0xff, 32, -EOPNOTSUPP },
		{ 0xff, 8, -EOPNOTSUPP }, { 0xff, 7, -EBADMSG }, { HVP_VSS_CREATE, 0, -EBADMSG },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_vss_request request = { .lun_count = 77 };
		u8 *body = exact_block(cases[i].len);

		if (cases[i].len)
			body[0] = cases[i].op;
		assert_case(i, hvp_vss_request_check(body, cases[i].len, v7, &request) ==
			       cases[i].result);
		assert_case(i, request.lun_count == (cases[i].result ? 77 : 0));
		assert_case(i, cases[i].result || request.op == cases[i].op);
		free(body);
	}
}

static void version_is_kept(void **state)
{
	struct hvp_vss_request request;
	u8 *body = exact_block(7320);

	(void)state;
	body[0] = HVP_VSS_QUERY_CLUSTER;
	assert_int_equal(hvp_vss_request_check(body, 7320, v5, &request), -EOPNOTSUPP);
	assert_int_equal(hvp_vss_request_check(body, 7320, v7, &request), 0);
	body[0] = HVP_VSS_FREEZE;
	assert_int_equal(hvp_vss_request_check(body, 7320, (struct hvp_ic_version){ 4, 0 },
					       &request), -EOPNOTSUPP);
	free(body);
}

/* backup type, flags and LUN count are the second, third and fourth word behind the header */
static void lun_lists(void **state)
{
	static const struct {
		u8 op;
		u32 luns, len;
		int result;
	} cases[] = {
		{ HVP_VSS_FREEZE, 0, 6260, 0 },
		{ HVP_VSS_FREEZE, 1, 44, 0 },
		{ HVP_VSS_FREEZE, 1, 43, -EBADMSG },
		{ HVP_VSS_FREEZE, 260, 6260, 0 },
		{ HVP_VSS_FREEZE, 260, 6259, -EBADMSG },
		{ HVP_VSS_FREEZE, 261, 12500, -EBADMSG },
		{ HVP_VSS_FREEZE, 0xffffffff, 6260, -EBADMSG },
		{ HVP_VSS_FREEZE, 0x0aaaaaab, 6260, -EBADMSG },	/* 24 times this wraps */
		{ HVP_VSS_AUTO_RECOVER, 260, 12500, 0 },
		{ HVP_VSS_AUTO_RECOVER, 260, 12499, -EBADMSG },
		{ HVP_VSS_AUTO_RECOVER, 1, 6284, 0 },
		{ HVP_VSS_AUTO_RECOVER, 1, 6283, -EBADMSG },
		{ HVP_VSS_AUTO_RECOVER, 261, 12500, -EBADMSG },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u32 words[] = { cases[i].op, 0, 0x11, 0x22, cases[i].luns };
		struct hvp_vss_request request = { .flags = 5 };
		u8 *body = exact_block(cases[i].len);

		memcpy(body, words, sizeof(words));
		assert_case(i, hvp_vss_request_check(body, cases[i].len, v5, &request) ==
			       cases[i].result);
		if (cases[i].result)
			assert_case(i, request.flags == 5);
		else
			assert_case(i, request.backup_type == 0x11 && request.flags == 0x22 &&
				       request.lun_count == cases[i].luns);
		free(body);
	}
}

static void flags_of_requests(void **state)
{
	(void)state;
	for (u32 op = 0; op < HVP_VSS_OP_COUNT; op++) {
		bool carries = op == HVP_VSS_BACKUP_COMPLETE || op == HVP_VSS_THAW;
		u32 words[8] = { op, 0, 0x1234 };
		struct hvp_vss_request request;
		u8 *body = exact_block(7320);

		if (op == HVP_VSS_FREEZE || op == HVP_VSS_AUTO_RECOVER)
			carries = true;		/* the backup type stands where others have flags */
		memcpy(body, words, sizeof(words));
		assert_case(op, hvp_vss_request_check(body, 7320, v7, &request) == 0);
		assert_case(op, (request.flags | request.backup_type) == (carries ? 0x1234 : 0));
		free(body);
	}
}

static void answer_flags(void **state)
{
	static const u8 wire[12] = { HVP_VSS_CHECK_HOT_BACKUP, 0, 0, 0, 0, 0, 0, 0, 5 };
	u8 *body = exact_block(12);
	u32 flags;

	(void)state;
	body[0] = HVP_VSS_CHECK_HOT_BACKUP;
	hvp_vss_reply_flags(body, HVP_VSS_NO_AUTO_RECOVERY);
	assert_memory_equal(body, wire, sizeof(wire));
	assert_int_equal(hvp_vss_reply_check(body, 12, HVP_VSS_CHECK_HOT_BACKUP, &flags), 0);
	assert_int_equal(flags, 5);
	assert_int_equal(hvp_vss_reply_check(body, 12, HVP_VSS_GET_DIRECT_MAPPED, &flags), -EBADMSG);
	free(body);
}

static void answers(void **state)
{
	static const struct {
		enum hvp_vss_op sent, answered;
		u32 len;
		int result;
		u32 flags;
	} cases[] = {
		{ HVP_VSS_THAW, HVP_VSS_THAW, 8, 0, 0 },
		{ HVP_VSS_THAW, HVP_VSS_THAW, 32, 0, 0 },
		{ HVP_VSS_THAW, HVP_VSS_THAW, 7, -EBADMSG, 99 },
		{ HVP_VSS_THAW, HVP_VSS_FREEZE, 32, -EBADMSG, 99 },
		{ HVP_VSS_CREATE, HVP_VSS_CREATE, 0, -EBADMSG, 99 },
		{ HVP_VSS_GET_DIRECT_MAPPED, HVP_VSS_GET_DIRECT_MAPPED, 12, 0, 7 },
		{ HVP_VSS_GET_DIRECT_MAPPED, HVP_VSS_GET_DIRECT_MAPPED, 11, -EBADMSG, 0 },
		{ HVP_VSS_CHECK_HOT_BACKUP, HVP_VSS_CHECK_HOT_BACKUP, 8, -EBADMSG, 0 },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *body = exact_block(cases[i].len);
		u32 flags = 99;

		if (cases[i].len)
			body[0] = cases[i].answered;
		if (cases[i].len > 8)
			body[8] = 7;
		assert_case(i, hvp_vss_reply_check(body, cases[i].len, cases[i].sent, &flags) ==
			       cases[i].result);
		assert_case(i, flags == cases[i].flags);
		free(body);
	}
}

static void built_requests_read_back(void **state)
{
	static const int sizes[] = { 32, 32, 32, 32, 32, 6260, 32, 12500, 7320 };
	static const u8 zeros[20];
	struct hvp_vss_lun luns[2] = { { .bus_type = 1, .lun = 3 }, { .target = 9 } };

	(void)state;
	for (u32 op = 0; op < HVP_VSS_OP_COUNT; op++) {
		bool large = op == HVP_VSS_FREEZE || op == HVP_VSS_AUTO_RECOVER;
		struct hvp_vss_request found, request = {
			.op = op, .flags = large || op == HVP_VSS_THAW ? 0x33 : 0,
			.backup_type = large ? 2 : 0, .lun_count = large ? 2 : 0,
		};
		u8 *body = exact_block(sizes[op]);

		memset(body, 0xcc, sizes[op]);
		assert_case(op, hvp_vss_build(body, v7, &request, large ? luns : NULL) == sizes[op]);
		assert_case(op, hvp_vss_request_check(body, sizes[op], v7, &found) == 0);
		assert_case(op, found.op == op && found.flags == request.flags);
		assert_case(op, found.lun_count == request.lun_count);
		assert_case(op, found.backup_type == request.backup_type);
		if (large)
			assert_case(op, memcmp(body + 20, luns, sizeof(luns)) == 0);
		else
			assert_case(op, memcmp(body + 12, zeros, 20) == 0);
		free(body);
	}
}

static void build_refuses(void **state)
{
	struct hvp_vss_request request = { .op = HVP_VSS_FREEZE };
	struct hvp_vss_lun *luns = exact_block(260 * sizeof(*luns));
	u8 *body = exact_block(6260);

	(void)state;
	assert_int_equal(hvp_vss_build(body, (struct hvp_ic_version){ 4, 0 }, &request, NULL),
			 -EOPNOTSUPP);
	assert_int_equal(hvp_vss_build(body, v5, &request, NULL), 6260);
	request.lun_count = 260;
	assert_int_equal(hvp_vss_build(body, v5, &request, luns), 6260);
	request.lun_count = 261;
	assert_int_equal(hvp_vss_build(body, v5, &request, NULL), -E2BIG);
	request.op = HVP_VSS_OP_COUNT;
	assert_int_equal(hvp_vss_build(body, v7, &request, NULL), -EOPNOTSUPP);
	free(luns);
	free(body);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(hvp_vss_op_name(HVP_VSS_CREATE), "create");
	assert_string_equal(hvp_vss_op_name(HVP_VSS_FREEZE), "freeze");
	assert_string_equal(hvp_vss_op_name(HVP_VSS_QUERY_CLUSTER), "query-cluster");
	assert_string_equal(hvp_vss_op_name(HVP_VSS_OP_COUNT), "unknown");
	assert_string_equal(hvp_vss_op_name(~0u), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_by_version),
		cmocka_unit_test(lengths),
		cmocka_unit_test(version_is_kept),
		cmocka_unit_test(lun_lists),
		cmocka_unit_test(flags_of_requests),
		cmocka_unit_test(answer_flags),
		cmocka_unit_test(answers),
		cmocka_unit_test(built_requests_read_back),
		cmocka_unit_test(build_refuses),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("vss", tests, NULL, NULL);
}
