// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/fcopy.h"

#include "tests/unit/unit.h"

static struct hvp_fcopy_file file;
static struct hvp_fcopy_start *start;

static int prepare(void **state)
{
	(void)state;
	memset(&file, 0, sizeof(file));
	strcpy(file.name, "na\xc3\xafve \xf0\x9f\x98\x80.txt");
	strcpy(file.path, "/srv/incoming");
	file.flags = HVP_FCOPY_OVERWRITE;
	file.size = 0x123456789;
	start = exact_block(sizeof(*start));
	memset(start, 0xcc, sizeof(*start));
	assert_int_equal(hvp_fcopy_build_start(start, &file), 1088);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	free(start);
	return 0;
}

static void lengths(void **state)
{
	static const struct {
		u32 op, len;
		int result;
	} cases[] = {
		{ 0, 1088, HVP_FCOPY_START }, { 0, 1087, -EBADMSG }, { 0, 36, -EBADMSG },
		{ 0, 6196, HVP_FCOPY_START },
		{ 1, 6196, HVP_FCOPY_WRITE }, { 1, 52, HVP_FCOPY_WRITE }, { 1, 51, -EBADMSG },
		{ 2, 36, HVP_FCOPY_COMPLETE }, { 2, 35, -EBADMSG }, { 2, 1088, HVP_FCOPY_COMPLETE },
		{ 3, 36, HVP_FCOPY_CANCEL }, { 3, 35, -EBADMSG }, { 3, 4, -EBADMSG },
		{ 4, 6196, -EOPNOTSUPP }, { 0x100, 6196, -EOPNOTSUPP }, { 0xffffffff, 36, -EOPNOTSUPP },
		{ 0xffffffff, 35, -EBADMSG }, { 0, 0, -EBADMSG },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u8 *body = exact_block(cases[i].len);

		if (cases[i].len)
			memcpy(body, &cases[i].op, 4);
		assert_case(i, hvp_fcopy_check(body, cases[i].len) == cases[i].result);
		free(body);
	}
}

static void start_reads_back(void **state)
{
	struct hvp_fcopy_file *found = exact_block(sizeof(*found));
	static const u8 flags_and_size[] = { 1, 0, 0, 0, 0x89, 0x67, 0x45, 0x23, 1, 0, 0, 0 };

	(void)state;
	assert_memory_equal((u8 *)start + 1076, flags_and_size, sizeof(flags_and_size));
	assert_memory_equal((u8 *)start + 36, "n\0a\0\xef\0v\0", 8);
	assert_memory_equal((u8 *)start + 556, "/\0s\0r\0v\0", 8);
	assert_int_equal(start->file_name[259] | start->path_name[259], 0);
	assert_int_equal(hvp_fcopy_check(start, sizeof(*start)), HVP_FCOPY_START);
	assert_int_equal(hvp_fcopy_read_start(start, found), 0);
	assert_string_equal(found->name, file.name);
	assert_string_equal(found->path, file.path);
	assert_int_equal(found->flags, file.flags);
	assert_true(found->size == file.size);
	free(found);
}

static void start_with_bad_values(void **state)
{
	struct hvp_fcopy_file found;

	(void)state;
	for (u32 flags = 0; flags < 8; flags++) {
		start->flags = flags;
		assert_case(flags, hvp_fcopy_read_start(start, &found) == (flags < 4 ? 0 : -EINVAL));
	}
	start->flags = 0x80000000;
	assert_int_equal(hvp_fcopy_read_start(start, &found), -EINVAL);
	start->flags = 3;
	start->file_size = 1ull << 63;
	assert_int_equal(hvp_fcopy_read_start(start, &found), -EINVAL);
	start->file_size--;
	assert_int_equal(hvp_fcopy_read_start(start, &found), 0);
}

static void start_with_bad_names(void **state)
{
	struct hvp_fcopy_file found = { .size = 0 };

	(void)state;
	start->file_name[1] = 0xdc00;
	assert_int_equal(hvp_fcopy_read_start(start, &found), -EILSEQ);
	start->file_name[0] = 0;
	assert_int_equal(hvp_fcopy_read_start(start, &found), -EINVAL);
	memset(start->file_name, 'x', sizeof(start->file_name));
	assert_int_equal(hvp_fcopy_read_start(start, &found), -EINVAL);
	start->file_name[259] = 0;
	assert_int_equal(hvp_fcopy_read_start(start, &found), 0);
	start->path_name[0] = 0;
	found.name[0] = '\0';
	assert_int_equal(hvp_fcopy_read_start(start, &found), 0);
	assert_string_equal(found.path, "");
	assert_int_equal(strlen(found.name), 3 * 259);
	start->path_name[0] = 0xd800;
	assert_int_equal(hvp_fcopy_read_start(start, &found), -EILSEQ);
	memset(start->path_name, 'x', sizeof(start->path_name));
	assert_int_equal(hvp_fcopy_read_start(start, &found), -EINVAL);
}

/* The longest name, each unit three bytes of UTF-8, has room on both sides. */
static void longest_names(void **state)
{
	struct hvp_fcopy_file *found = exact_block(sizeof(*found));

	(void)state;
	file.name[0] = '\0';
	for (u32 i = 0; i < 259; i++)
		memcpy(file.name + 3 * i, "\xe2\x82\xac", 4);
	assert_int_equal(hvp_fcopy_build_start(start, &file), 1088);
	assert_int_equal(hvp_fcopy_read_start(start, found), 0);
	assert_string_equal(found->name, file.name);
	memset(file.name, 'x', 260);
	file.name[260] = '\0';
	assert_int_equal(hvp_fcopy_build_start(start, &file), -EMSGSIZE);
	memset(file.name, 'x', sizeof(file.name));
	assert_int_equal(hvp_fcopy_build_start(start, &file), -EINVAL);
	strcpy(file.name, "x");
	strcpy(file.path, "\xff");
	assert_int_equal(hvp_fcopy_build_start(start, &file), -EILSEQ);
	free(found);
}

static void writes(void **state)
{
	static const struct {
		u32 len, size;
		u64 offset;
		int result;
	} cases[] = {
		{ 6196, 6144, 0, 0 },
		{ 6196, 1, 77, 0 },
		{ 6196, 0, 0, 0 },
		{ 52, 0, 0, 0 },
		{ 53, 1, 0, 0 },
		{ 52, 1, 0, -EBADMSG },
		{ 6195, 6144, 0, -EBADMSG },
		{ 6200, 6145, 0, -EBADMSG },		/* all there, but too many */
		{ 6196, 0xffffffff, 0, -EBADMSG },
		{ 6196, 16, 0x7fffffffffffffef, 0 },
		{ 6196, 16, 0x7ffffffffffffff0, -EINVAL },
		{ 6196, 0, 0x7fffffffffffffff, 0 },
		{ 6196, 0, 0x8000000000000000, -EINVAL },
		{ 6196, 1, ~0ull, -EINVAL },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct hvp_fcopy_chunk chunk = { .size = 9999 };
		u8 *body = exact_block(cases[i].len);

		body[0] = HVP_FCOPY_WRITE;
		memcpy(body + 40, &cases[i].offset, 8);
		memcpy(body + 48, &cases[i].size, 4);
		assert_case(i, hvp_fcopy_read_write(body, cases[i].len, &chunk) == cases[i].result);
		if (cases[i].result)
			assert_case(i, chunk.size == 9999);
		else
			assert_case(i, chunk.size == cases[i].size && chunk.data == body + 52 &&
				       chunk.offset == cases[i].offset);
		free(body);
	}
}

static void built_writes_read_back(void **state)
{
	struct hvp_fcopy_write *body = exact_block(sizeof(*body));
	u8 *data = exact_block(6144);
	struct hvp_fcopy_chunk found, chunk = { .offset = 6144, .size = 6144, .data = data };

	(void)state;
	memset(data, 0xa5, 6144);
	assert_int_equal(hvp_fcopy_build_write(body, &chunk), 6196);
	assert_int_equal(hvp_fcopy_check(body, 6196), HVP_FCOPY_WRITE);
	assert_int_equal(hvp_fcopy_read_write(body, 6196, &found), 0);
	assert_true(found.offset == 6144 && found.size == 6144);
	assert_memory_equal(found.data, data, 6144);
	chunk.size = 6145;
	assert_int_equal(hvp_fcopy_build_write(body, &chunk), -EMSGSIZE);
	chunk = (struct hvp_fcopy_chunk){ .size = 0 };
	assert_int_equal(hvp_fcopy_build_write(body, &chunk), 6196);
	assert_int_equal(body->data[0], 0);
	free(data);
	free(body);
}

static void ends_and_answers(void **state)
{
	struct hvp_fcopy_head *head = exact_block(sizeof(*head));

	(void)state;
	memset(head, 0xcc, sizeof(*head));
	assert_int_equal(hvp_fcopy_build_end(head, HVP_FCOPY_CANCEL), 36);
	assert_int_equal(hvp_fcopy_check(head, 36), HVP_FCOPY_CANCEL);
	assert_int_equal(head->service_id1[15], 0);
	assert_int_equal(hvp_fcopy_reply_check(head, 36, HVP_FCOPY_CANCEL), 0);
	assert_int_equal(hvp_fcopy_reply_check(head, 36, HVP_FCOPY_COMPLETE), -EBADMSG);
	assert_int_equal(hvp_fcopy_reply_check(head, 35, HVP_FCOPY_CANCEL), -EBADMSG);
	assert_int_equal(hvp_fcopy_build_end(head, HVP_FCOPY_COMPLETE), 36);
	assert_int_equal(head->op, 2);
	free(head);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(hvp_fcopy_op_name(HVP_FCOPY_START), "start");
	assert_string_equal(hvp_fcopy_op_name(HVP_FCOPY_CANCEL), "cancel");
	assert_string_equal(hvp_fcopy_op_name(HVP_FCOPY_OP_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test_setup_teardown(start_reads_back, prepare, finish),
		cmocka_unit_test_setup_teardown(start_with_bad_values, prepare, finish),
		cmocka_unit_test_setup_teardown(start_with_bad_names, prepare, finish),
		cmocka_unit_test_setup_teardown(longest_names, prepare, finish),
		cmocka_unit_test(writes),
		cmocka_unit_test(built_writes_read_back),
		cmocka_unit_test(ends_and_answers),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("fcopy", tests, NULL, NULL);
}
