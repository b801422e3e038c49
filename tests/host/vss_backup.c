// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <unistd.h>

#include "host/vsp/diskspec.h"
#include "host/vsp/scsi.h"
#include "tests/host/vss_guest.h"

/* A backup, step by step: the good way, and each way to fail, from the guest's side. */

#define BYTES	(6u << 20)

/* A disk whose reads end when the test wants it. */
struct slow_disk {
	struct disk disk;
	struct disk_io *held[8];
	unsigned int held_count;
	bool hold;
	int result;
	bool open;
};

static struct slow_disk disk;
static struct scsi_target *target;
static struct vss_backup_result result;
static char text[200];
static unsigned int ended;
static char path[64];

static void submit(struct disk *d, struct disk_io *io)
{
	(void)d;
	memset(io->iov->iov_base, 0x5a, io->iov->iov_len);
	if (disk.hold)
		disk.held[disk.held_count++] = io;
	else
		io->done(io, disk.result);
}

static void close_disk(struct disk *d)
{
	(void)d;
	disk.open = false;
}

static void release_reads(void)
{
	disk.hold = false;
	while (disk.held_count) {
		struct disk_io *io = disk.held[--disk.held_count];

		io->done(io, disk.result);
	}
	fake_settle(bus.loop);
}

static void done(void *opaque, const struct vss_backup_result *what)
{
	assert_ptr_equal(opaque, &result);
	result = *what;
	snprintf(text, sizeof(text), "%s", what->text ? what->text : "");
	ended++;
}

static int setup(void **state)
{
	static const struct disk_ops ops = { .submit = submit, .close = close_disk };
	static const struct disk_spec spec = { .lun = 0, .block_size = 512 };

	disk = (struct slow_disk) { .disk = { .ops = &ops, .bytes = BYTES }, .open = true };
	target = scsi_target_create();
	assert_int_equal(scsi_target_add(target, &spec, &disk.disk, NULL), 0);
	strcpy(path, "/tmp/vss-backup-XXXXXX");
	close(mkstemp(path));
	unlink(path);
	ended = 0;
	return vss_setup(state);
}

static int teardown(void **state)
{
	vss_teardown(state);
	fake_sent_count = 0;
	scsi_target_destroy(target);
	assert_false(disk.open);
	unlink(path);
	return 0;
}

static int try_backup(bool no_freeze, struct err *err)
{
	struct vss_backup_config config = {
		.lun = scsi_target_lun(target, 0), .path = path, .no_freeze = no_freeze,
	};

	return vss_backup(vss, &config, done, &result, err);
}

static void start(void)
{
	struct err err = { .text = "" };

	open_with(5, 0);
	if (try_backup(false, &err))
		fail_msg("%s", err.text);
}

/* Let steps succeed, until @op is asked. */
static void pass_until(enum hvp_vss_op op)
{
	static const enum hvp_vss_op order[] = {
		HVP_VSS_CHECK_HOT_BACKUP, HVP_VSS_GET_DIRECT_MAPPED, HVP_VSS_FREEZE,
		HVP_VSS_THAW, HVP_VSS_BACKUP_COMPLETE,
	};
	unsigned int i;

	for (i = 0; order[i] != op; i++) {
		take(order[i]);
		answer(0);
		fake_settle(bus.loop);
	}
	take(op);
}

static void expect_failure(const char *step, int error, u32 status)
{
	assert_int_equal(ended, 1);
	assert_non_null(result.step);
	assert_string_equal(result.step, step);
	assert_int_equal(result.error, error);
	assert_int_equal(result.status, status);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(vss_state(vss)->backups_failed, 1);
	assert_int_equal(fake_sent_count, 0);
}

static void a_backup_freezes_copies_and_thaws(void **state)
{
	(void)state;
	start();
	disk.hold = true;
	pass_until(HVP_VSS_FREEZE);
	wait_ms(70);
	answer(0);
	fake_settle(bus.loop);
	assert_int_equal(fake_sent_count, 0);
	assert_true(disk.held_count > 0);
	wait_ms(500);
	release_reads();
	take(HVP_VSS_THAW);
	wait_ms(30);
	answer(0);
	take(HVP_VSS_BACKUP_COMPLETE);
	assert_int_equal(ended, 0);
	answer(0);
	assert_int_equal(ended, 1);
	assert_null(result.step);
	assert_int_equal(result.bytes, BYTES);
	assert_int_equal(result.freeze_ms, 70);
	assert_int_equal(result.copy_ms, 500);
	assert_int_equal(result.frozen_ms, 530);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(vss_state(vss)->backups, 1);
	assert_int_equal(complaints(), 0);
}

static void a_copy_without_freeze_asks_nobody(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(try_backup(true, &err), 0);
	fake_settle(bus.loop);
	assert_int_equal(ended, 1);
	assert_null(result.step);
	assert_int_equal(result.frozen_ms, 0);
	assert_int_equal(access(path, F_OK), 0);
}

static void what_cannot_begin_is_refused_at_once(void **state)
{
	struct err err = { .text = "" };

	(void)state;
	assert_int_equal(try_backup(false, &err), -ENOTCONN);
	assert_non_null(strstr(err.text, "does not run the backup service"));
	start();
	assert_int_equal(try_backup(false, &err), -EBUSY);
	assert_int_equal(try_backup(true, &err), -EBUSY);
	assert_int_equal(vss_ask(vss, HVP_VSS_THAW, 0, NULL, NULL), -EBUSY);
	assert_int_equal(vss_ask_raw(vss, "", 0, NULL, NULL), -EBUSY);
	take(HVP_VSS_CHECK_HOT_BACKUP);
	guest_close(channel);
	expect_failure("check", -ENOTCONN, 0);
	open_with(5, 0);
	close(mkstemp(strcpy(path, "/tmp/vss-backup-XXXXXX")));
	assert_int_equal(try_backup(false, &err), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
}

/* ---- refusals ---- */

static void a_refusal_before_the_freeze_ends_it(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_CHECK_HOT_BACKUP);
	answer(HVP_HR_FAIL);
	expect_failure("check", 0, HVP_HR_FAIL);
}

/* The guest says that nothing is frozen: to thaw it would undo what somebody else froze. */
static void a_refused_freeze_is_not_thawed(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_FREEZE);
	answer(HVP_HR_FAIL);
	expect_failure("freeze", 0, HVP_HR_FAIL);
	assert_false(result.thaw_failed);
}

static void a_failed_copy_is_thawed(void **state)
{
	(void)state;
	start();
	disk.result = -EIO;
	pass_until(HVP_VSS_FREEZE);
	answer(0);
	fake_settle(bus.loop);
	take(HVP_VSS_THAW);
	assert_int_equal(access(path, F_OK), -1);
	answer(0);
	expect_failure("copy", -EIO, 0);
	assert_non_null(strstr(text, "cannot read the disk"));
	assert_false(result.thaw_failed);
	assert_int_equal(vss_state(vss)->frozen, 0);
}

/* It thawed by itself before: the image is worth nothing. */
static void a_refused_thaw_fails_the_backup(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_THAW);
	answer(HVP_HR_FAIL);
	expect_failure("thaw", 0, HVP_HR_FAIL);
}

static void a_refused_end_fails_the_backup(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_BACKUP_COMPLETE);
	answer(HVP_HR_FAIL);
	expect_failure("complete", 0, HVP_HR_FAIL);
}

/* ---- silence and nonsense ---- */

static void a_silent_freeze_is_thawed(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_FREEZE);
	wait_ms(VSS_FREEZE_TIMEOUT_MS);
	take(HVP_VSS_THAW);
	assert_int_equal(ended, 0);
	answer(0);
	expect_failure("freeze", -ETIMEDOUT, 0);
	assert_false(result.thaw_failed);
}

static void a_guest_that_never_thaws_is_told_apart(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_FREEZE);
	((struct hvp_vss_head *)body)->op = 99;
	answer(0);
	take(HVP_VSS_THAW);
	wait_ms(VSS_TIMEOUT_MS);
	expect_failure("freeze", -EBADMSG, 0);
	assert_true(result.thaw_failed);
	assert_int_equal(vss_state(vss)->frozen, VSS_PERHAPS_FROZEN);
}

/* ---- the guest goes ---- */

static void a_close_while_frozen_ends_it(void **state)
{
	(void)state;
	start();
	disk.hold = true;
	pass_until(HVP_VSS_FREEZE);
	answer(0);
	guest_close(channel);
	expect_failure("copy", -ENOTCONN, 0);
	assert_int_equal(vss_state(vss)->frozen, 0);
	release_reads();
	assert_int_equal(ended, 1);
}

/* After a pause: the service negotiates anew, and then the guest is thawed. */
static void a_new_negotiation_is_waited_for(void **state)
{
	(void)state;
	start();
	disk.hold = true;
	pass_until(HVP_VSS_FREEZE);
	answer(0);
	ic_renegotiate(ic_find(&set, "vss"));
	assert_int_equal(ended, 0);
	take_request();
	wait_ms(VSS_TIMEOUT_MS - 1);
	agree(5, 0);
	take(HVP_VSS_THAW);
	answer(0);
	expect_failure("copy", -ENOTCONN, 0);
	assert_false(result.thaw_failed);
	release_reads();
}

static void a_negotiation_without_end_is_not_waited_for(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_FREEZE);
	ic_renegotiate(ic_find(&set, "vss"));
	take_request();
	wait_ms(VSS_TIMEOUT_MS);
	expect_failure("freeze", -ENOTCONN, 0);
	assert_true(result.thaw_failed);
}

static void a_new_driver_is_not_frozen(void **state)
{
	(void)state;
	start();
	pass_until(HVP_VSS_FREEZE);
	ic_renegotiate(ic_find(&set, "vss"));
	take_request();
	guest_close(channel);
	open_with(5, 0);
	expect_failure("freeze", -ENOTCONN, 0);
	assert_false(result.thaw_failed);
}

/* ---- nobody waits any more ---- */

static void who_forgets_a_backup_thaws_the_guest(void **state)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (i)
			setup(state);
		start();
		disk.hold = i == 2;
		pass_until(i == 0 ? HVP_VSS_CHECK_HOT_BACKUP : HVP_VSS_FREEZE);
		if (i == 2)
			answer(0);
		vss_forget(vss, &ended);	/* somebody else */
		vss_forget(vss, &result);
		if (i < 2)
			answer(0);
		if (i) {
			take(HVP_VSS_THAW);
			answer(0);
		}
		release_reads();
		assert_int_equal(ended, 0);
		assert_int_equal(fake_sent_count, 0);
		assert_int_equal(vss_state(vss)->frozen, 0);
		assert_int_equal(vss_state(vss)->backups_failed, 1);
		assert_int_equal(access(path, F_OK), -1);
		if (i < 2)
			teardown(state);
	}
}

static void the_end_of_the_run_stops_the_copy(void **state)
{
	(void)state;
	start();
	disk.hold = true;
	pass_until(HVP_VSS_FREEZE);
	answer(0);
	vss_stop(vss);
	assert_int_equal(access(path, F_OK), -1);
	release_reads();
	assert_int_equal(ended, 0);
	assert_int_equal(fake_sent_count, 0);
	/* And in the middle of a step. */
	start();
	take(HVP_VSS_CHECK_HOT_BACKUP);
	vss_stop(vss);
	answer(0);
	assert_int_equal(ended, 0);
	assert_int_equal(complaints(), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		CASE(a_backup_freezes_copies_and_thaws),
		CASE(a_copy_without_freeze_asks_nobody),
		CASE(what_cannot_begin_is_refused_at_once),
		CASE(a_refusal_before_the_freeze_ends_it),
		CASE(a_refused_freeze_is_not_thawed),
		CASE(a_failed_copy_is_thawed),
		CASE(a_refused_thaw_fails_the_backup),
		CASE(a_refused_end_fails_the_backup),
		CASE(a_silent_freeze_is_thawed),
		CASE(a_guest_that_never_thaws_is_told_apart),
		CASE(a_close_while_frozen_ends_it),
		CASE(a_new_negotiation_is_waited_for),
		CASE(a_negotiation_without_end_is_not_waited_for),
		CASE(a_new_driver_is_not_frozen),
		CASE(who_forgets_a_backup_thaws_the_guest),
		CASE(the_end_of_the_run_stops_the_copy),
	};

	return cmocka_run_group_tests_name("vss_backup", tests, NULL, NULL);
}
