// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/fcopy.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/host/ic_guest.h"

/* File copy: every step, every way it can fail, and what the guest hears then. */

static struct fcopy *fc;
static struct fcopy_result result;
static unsigned int ended;
static char path[64];
static u8 contents[20000];

static void done(void *opaque, const struct fcopy_result *what)
{
	assert_ptr_equal(opaque, &result);
	result = *what;
	ended++;
}

static void make_file(size_t len)
{
	FILE *file = fopen(path, "w");
	size_t i;

	assert_non_null(file);
	for (i = 0; i < len; i++)
		contents[i] = (u8)(i * 7 + i / 256);
	assert_int_equal(fwrite(contents, 1, len, file), len);
	fclose(file);
}

static int setup(void **state)
{
	struct err err;

	(void)state;
	strcpy(path, "/tmp/fcopy-test-XXXXXX");
	close(mkstemp(path));
	make_file(2 * HVP_FCOPY_DATA_MAX + 100);
	bench_start(HVP_GENERATION_2019);
	assert_int_equal(fcopy_create(&fc, &set, &err), 0);
	ended = 0;
	open_with(1, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fcopy_destroy(fc);
	bench_stop();
	unlink(path);
	return 0;
}

static int try_copy(const struct fcopy_config *wish, struct err *err)
{
	struct fcopy_config config = *wish;

	if (!config.file)
		config.file = path;
	if (!config.destination)
		config.destination = "/srv/target";
	return fcopy_copy(fc, &config, done, &result, err);
}

static void copy(const struct fcopy_config *wish)
{
	struct err err = { .text = "" };

	if (try_copy(wish, &err))
		fail_msg("%s", err.text);
}

static const struct fcopy_config plain;

static void take(enum hvp_fcopy_op op)
{
	take_request();
	assert_int_equal(header->type, HVP_IC_FCOPY);
	assert_int_equal(hvp_fcopy_check(body, header->size), op);
}

static void answer(u32 status)
{
	header->status = status;
	send_answer();
}

static void expect_end(const char *step, int error, u32 status)
{
	assert_int_equal(ended, 1);
	if (step)
		assert_string_equal(result.step, step);
	else
		assert_null(result.step);
	assert_int_equal(result.error, error);
	assert_int_equal(result.status, status);
	assert_int_equal(fcopy_state(fc)->phase, FCOPY_IDLE);
	assert_int_equal(fake_sent_count, 0);
}

/* Let the WRITEs of the whole file pass. */
static void take_writes(void)
{
	struct hvp_fcopy_chunk chunk;
	u64 at = 0;

	while (at < fcopy_state(fc)->size) {
		assert_int_equal(fcopy_state(fc)->phase, FCOPY_WRITING);
		assert_int_equal(fake_sent_count, 1);
		take(HVP_FCOPY_WRITE);
		assert_int_equal(header->size, HVP_FCOPY_SIZE_MAX);
		assert_int_equal(hvp_fcopy_read_write(body, header->size, &chunk), 0);
		assert_int_equal(chunk.offset, at);
		assert_memory_equal(chunk.data, contents + at, chunk.size);
		at += chunk.size;
		answer(0);
		assert_int_equal(fcopy_state(fc)->copied, at);
	}
}

static void a_file_is_copied(void **state)
{
	static const size_t sizes[] = {
		0, 1, HVP_FCOPY_DATA_MAX - 1, HVP_FCOPY_DATA_MAX, HVP_FCOPY_DATA_MAX + 1, 20000,
	};
	struct hvp_fcopy_file file;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		make_file(sizes[i]);
		copy(&plain);
		ended = 0;
		take(HVP_FCOPY_START);
		assert_int_equal(hvp_fcopy_read_start(body, &file), 0);
		assert_string_equal(file.path, "/srv");
		assert_string_equal(file.name, "target");
		assert_int_equal(file.size, sizes[i]);
		assert_int_equal(file.flags, 0);
		answer(0);
		take_writes();
		take(HVP_FCOPY_COMPLETE);
		assert_int_equal(ended, 0);
		answer(0);
		expect_end(NULL, 0, 0);
		assert_int_equal(result.bytes, sizes[i]);
	}
	assert_int_equal(fcopy_state(fc)->copies, i);
	assert_int_equal(complaints(), 0);
}

static void names_and_flags_are_carried(void **state)
{
	static const struct {
		const char *destination, *path, *name;
	} cases[] = {
		{ "/a/b/c", "/a/b", "c" },
		{ "/top", "/", "top" },
		{ "name", "", "name" },
		{ "/m\xc3\xbcll/\xf0\x9f\x98\x80", "/m\xc3\xbcll", "\xf0\x9f\x98\x80" },
		{ "/tmp/", "/tmp", NULL },	/* as the host's file is called */
		{ "/", "/", NULL },
	};
	struct fcopy_config wish = { .overwrite = true, .create_path = true };
	struct hvp_fcopy_file file;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wish.destination = cases[i].destination;
		copy(&wish);
		take(HVP_FCOPY_START);
		assert_int_equal(hvp_fcopy_read_start(body, &file), 0);
		assert_string_equal(file.path, cases[i].path);
		assert_string_equal(file.name, cases[i].name ? cases[i].name : path + 5);
		assert_int_equal(file.flags, HVP_FCOPY_OVERWRITE | HVP_FCOPY_CREATE_PATH);
		answer(HVP_HR_FAIL);
	}
	assert_int_equal(complaints(), 0);
}

static void what_cannot_be_copied_is_refused_at_once(void **state)
{
	struct err err = { .text = "" };
	char name[400] = "/srv/";

	(void)state;
	assert_int_equal(try_copy(&(struct fcopy_config){ .file = "/nowhere" }, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere: No such file"));
	assert_int_equal(try_copy(&(struct fcopy_config){ .file = "/tmp" }, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no regular file"));
	assert_int_equal(try_copy(&(struct fcopy_config){ .destination = "/x\xff" }, &err),
			 -EILSEQ);
	memset(name + 5, 'n', 260);
	assert_int_equal(try_copy(&(struct fcopy_config){ .destination = name }, &err), -EMSGSIZE);
	assert_non_null(strstr(err.text, "259 characters"));
	copy(&plain);
	assert_int_equal(try_copy(&plain, &err), -EBUSY);
	assert_int_equal(fcopy_ask_raw(fc, "", 0, NULL, NULL), -EBUSY);
	guest_close(channel);
	assert_int_equal(try_copy(&plain, &err), -ENOTCONN);
}

/* ---- refusals ---- */

static void a_refused_start_leaves_nothing_to_cancel(void **state)
{
	(void)state;
	copy(&plain);
	take(HVP_FCOPY_START);
	answer(HVP_HR_ALREADY_EXISTS);
	expect_end("start", 0, HVP_HR_ALREADY_EXISTS);
	assert_false(result.cancel_failed);
	assert_int_equal(fcopy_state(fc)->copies_failed, 1);
}

static void a_refused_write_is_cancelled(void **state)
{
	(void)state;
	copy(&plain);
	take(HVP_FCOPY_START);
	answer(0);
	take(HVP_FCOPY_WRITE);
	answer(0);
	take(HVP_FCOPY_WRITE);
	answer(HVP_HR_DISK_FULL);
	assert_int_equal(ended, 0);
	assert_int_equal(fcopy_state(fc)->phase, FCOPY_CANCELLING);
	take(HVP_FCOPY_CANCEL);
	answer(0);
	expect_end("write", 0, HVP_HR_DISK_FULL);
	assert_int_equal(result.bytes, HVP_FCOPY_DATA_MAX);
	assert_false(result.cancel_failed);
}

static void a_refused_end_is_cancelled(void **state)
{
	(void)state;
	make_file(5);
	copy(&plain);
	take(HVP_FCOPY_START);
	answer(0);
	take(HVP_FCOPY_WRITE);
	answer(0);
	take(HVP_FCOPY_COMPLETE);
	answer(HVP_HR_FAIL);
	take(HVP_FCOPY_CANCEL);
	answer(HVP_HR_FAIL);
	expect_end("complete", 0, HVP_HR_FAIL);
	assert_true(result.cancel_failed);
}

static void a_file_that_shrinks_is_cancelled(void **state)
{
	(void)state;
	copy(&plain);
	take(HVP_FCOPY_START);
	assert_int_equal(truncate(path, 0), 0);
	answer(0);
	take(HVP_FCOPY_CANCEL);
	answer(0);
	expect_end("read", -ENODATA, 0);
}

/* ---- silence, nonsense, closes ---- */

static void silence_is_cancelled(void **state)
{
	static const char *const steps[] = { "start", "write", "complete" };
	unsigned int i, n;

	make_file(5);
	for (i = 0; i < 3; i++) {
		copy(&plain);
		ended = 0;
		for (n = 0; n < i; n++) {
			take((enum hvp_fcopy_op)n);
			answer(0);
		}
		take((enum hvp_fcopy_op)i);
		wait_ms(FCOPY_TIMEOUT_MS);
		take(HVP_FCOPY_CANCEL);
		answer(0);
		expect_end(steps[i], -ETIMEDOUT, 0);
	}
	copy(&plain);
	ended = 0;
	take(HVP_FCOPY_START);
	wait_ms(FCOPY_TIMEOUT_MS);
	take(HVP_FCOPY_CANCEL);
	wait_ms(FCOPY_TIMEOUT_MS);
	expect_end("start", -ETIMEDOUT, 0);
	assert_true(result.cancel_failed);
	(void)state;
}

static void nonsense_is_cancelled(void **state)
{
	(void)state;
	copy(&plain);
	take(HVP_FCOPY_START);
	((struct hvp_fcopy_head *)body)->op = HVP_FCOPY_WRITE;
	answer(0);
	take(HVP_FCOPY_CANCEL);
	answer(0);
	expect_end("start", -EBADMSG, 0);
	assert_int_equal(complaints(), 1);
	assert_int_equal(fcopy_state(fc)->bad, 1);
	copy(&plain);
	take(HVP_FCOPY_START);
	header->size = 35;
	message_len = HEADERS + 35;
	pipe_header->size = message_len - 8;
	answer(0);
	take(HVP_FCOPY_CANCEL);
	assert_int_equal(complaints(), 2);
}

static void a_close_ends_the_copy(void **state)
{
	unsigned int i, n;

	(void)state;
	for (i = 0; i < 3; i++) {
		make_file(5);
		copy(&plain);
		ended = 0;
		for (n = 0; n < i; n++) {
			take((enum hvp_fcopy_op)n);
			answer(0);
		}
		take((enum hvp_fcopy_op)i);
		guest_close(channel);
		expect_end(hvp_fcopy_op_name(i), -ENOTCONN, 0);
		open_with(1, 1);
		assert_int_equal(fake_sent_count, 0);
	}
}

/* After a pause: the guest's daemon has the file open, and hears that it is over. */
static void a_new_negotiation_owes_a_cancel(void **state)
{
	struct err err;

	(void)state;
	copy(&plain);
	take(HVP_FCOPY_START);
	answer(0);
	take(HVP_FCOPY_WRITE);
	fcopy_set_paused(fc, true);
	wait_ms(10 * FCOPY_TIMEOUT_MS);
	assert_int_equal(ended, 0);
	fcopy_set_paused(fc, false);
	ic_renegotiate(ic_find(&set, "fcopy"));
	assert_int_equal(ended, 1);
	assert_int_equal(result.error, -ENOTCONN);
	take_request();
	agree(1, 1);
	take(HVP_FCOPY_CANCEL);
	assert_int_equal(try_copy(&plain, &err), -EBUSY);
	answer(0);
	expect_end("write", -ENOTCONN, 0);
	copy(&plain);
	take(HVP_FCOPY_START);
	assert_int_equal(complaints(), 0);
	assert_int_equal(fcopy_state(fc)->copies_failed, 1);
}

static void an_owed_cancel_ends_with_the_channel(void **state)
{
	(void)state;
	copy(&plain);
	take(HVP_FCOPY_START);
	ic_renegotiate(ic_find(&set, "fcopy"));
	take_request();
	guest_close(channel);
	open_with(1, 1);
	expect_end("start", -ENOTCONN, 0);
}

/* ---- ends that were asked for ---- */

static void a_copy_is_cancelled_where_asked(void **state)
{
	static const struct {
		u64 after;
		unsigned int writes;
	} cases[] = { { 0, 0 }, { 1, 1 }, { 6144, 1 }, { 6145, 2 }, { 12388, 3 } };
	unsigned int i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		copy(&(struct fcopy_config){ .cancel = true, .cancel_after = cases[i].after });
		ended = 0;
		take(HVP_FCOPY_START);
		answer(0);
		for (n = 0; n < cases[i].writes; n++) {
			take(HVP_FCOPY_WRITE);
			answer(0);
		}
		take(HVP_FCOPY_CANCEL);
		answer(i == 4 ? HVP_HR_FAIL : 0);
		expect_end(NULL, 0, 0);
		assert_true(result.cancelled);
		assert_int_equal(result.cancel_failed, i == 4);
	}
	assert_int_equal(fcopy_state(fc)->copies_cancelled, i);
}

static void who_forgets_a_copy_cancels_it(void **state)
{
	(void)state;
	fcopy_forget(fc, &result);
	copy(&plain);
	take(HVP_FCOPY_START);
	fcopy_forget(fc, &ended);	/* somebody else */
	answer(0);
	take(HVP_FCOPY_WRITE);
	fcopy_forget(fc, &result);
	answer(0);
	take(HVP_FCOPY_CANCEL);
	answer(0);
	assert_int_equal(ended, 0);
	assert_int_equal(fcopy_state(fc)->phase, FCOPY_IDLE);
	assert_int_equal(fake_sent_count, 0);
}

/* ---- any bytes, in any order ---- */

static u32 raw_status, raw_len;
static int raw_error = 1;

static void raw_done(void *opaque, const struct ic_answer *answer)
{
	assert_ptr_equal(opaque, &raw_error);
	raw_error = answer->error;
	raw_status = answer->status;
	raw_len = answer->len;
}

static void any_bytes_can_be_asked(void **state)
{
	static const u8 complete[36] = { HVP_FCOPY_COMPLETE };
	struct err err;

	(void)state;
	assert_int_equal(fcopy_ask_raw(fc, complete, sizeof(complete), raw_done, &raw_error), 0);
	assert_int_equal(try_copy(&plain, &err), -EBUSY);
	take_request();
	assert_int_equal(header->size, 36);
	answer(HVP_HR_INVALID_ARGUMENT);
	assert_int_equal(raw_error, 0);
	assert_int_equal(raw_status, HVP_HR_INVALID_ARGUMENT);
	assert_int_equal(raw_len, 36);
	assert_int_equal(fcopy_ask_raw(fc, "\7", 1, raw_done, &raw_error), 0);
	take_request();
	fcopy_forget(fc, &raw_error);
	raw_error = 1;
	answer(0);
	assert_int_equal(raw_error, 1);
	copy(&plain);
	take(HVP_FCOPY_START);
	assert_int_equal(complaints(), 0);
}

static void old_hosts_have_no_file_copy(void **state)
{
	struct err err;

	teardown(state);
	bench_start(HVP_GENERATION_2012);
	assert_int_equal(fcopy_create(&fc, &set, &err), 0);
	assert_false(ic_available(fcopy_ic(fc)));
	assert_false(fake_device->offered);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(a_file_is_copied),
		CASE(names_and_flags_are_carried),
		CASE(what_cannot_be_copied_is_refused_at_once),
		CASE(a_refused_start_leaves_nothing_to_cancel),
		CASE(a_refused_write_is_cancelled),
		CASE(a_refused_end_is_cancelled),
		CASE(a_file_that_shrinks_is_cancelled),
		CASE(silence_is_cancelled),
		CASE(nonsense_is_cancelled),
		CASE(a_close_ends_the_copy),
		CASE(a_new_negotiation_owes_a_cancel),
		CASE(an_owed_cancel_ends_with_the_channel),
		CASE(a_copy_is_cancelled_where_asked),
		CASE(who_forgets_a_copy_cancels_it),
		CASE(any_bytes_can_be_asked),
		CASE(old_hosts_have_no_file_copy),
	};

	return cmocka_run_group_tests_name("fcopy", tests, NULL, NULL);
}
