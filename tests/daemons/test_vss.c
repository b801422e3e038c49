// SPDX-License-Identifier: GPL-2.0-only
/* hv_vss against a fake driver, on freeze calls that do as they are told: every state, every bad message. */
#include "tests/daemons/vss_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hyperv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the usual way ------------------------------------------------------------------- */

static void a_backup(void **state)
{
	int i;

	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(count_frozen(), COUNT);
	assert_int_equal(access(record, F_OK), 0);
	assert_true(fake_is_silent(&fake, 50));
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
	wait_no_record();
	/* Backwards. */
	for (i = 0; i < COUNT; i++)
		assert_int_equal(faked->fs[i].frozen_at + faked->fs[i].thawed_at, 2 * COUNT + 1);
	fake_wait_logged(&fake, "3 file systems were frozen for");
	back_up();
	assert_int_equal(fake_stop(&fake), 0);
}

static void a_check_says_no_auto_recovery(void **state)
{
	struct hv_vss_msg message = { .vss_hdr.operation = VSS_OP_HOT_BACKUP };

	(void)state;
	start();
	fake_send(&fake, &message, sizeof(message));
	assert_int_equal(fake_receive(&fake, &message, sizeof(message)), 12);
	assert_int_equal(message.error, HV_S_OK);
	assert_int_equal(message.vss_cf.flags, 5);
	message = (struct hv_vss_msg) { .vss_hdr.operation = VSS_OP_GET_DM_INFO };
	message.dm_info.flags = 7;
	fake_send(&fake, &message, sizeof(message));
	fake_receive(&fake, &message, sizeof(message));
	assert_int_equal(message.error, HV_S_OK);
	assert_int_equal(message.dm_info.flags, 0);
}

static void a_check_sees_bad_settings(void **state)
{
	(void)state;
	start();
	put(config, "frozen-seconds = soon\n", 0600);
	assert_int_equal(request(VSS_OP_HOT_BACKUP), REFUSED);
	fake_wait_logged(&fake, "config:1: \"soon\" is not a number");
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	unlink(config);
	back_up();
}

static void bad_messages_are_answered(void **state)
{
	static const int operations[] = { VSS_OP_CREATE, VSS_OP_DELETE, VSS_OP_AUTO_RECOVER, 8, 129,
					  255 };
	static const size_t lengths[] = { 1, 4, 8, 11, 13, 64, 4096 };
	char bytes[4096] = { VSS_OP_FREEZE };
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		assert_int_equal(request(operations[i]), REFUSED);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		fake_send(&fake, bytes, lengths[i]);
		assert_int_equal(answer(), REFUSED);
	}
	assert_int_equal(faked->clock, 0);
	back_up();
}

static void a_thaw_of_nothing_is_no_failure(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(request(VSS_OP_BU_COMPLETE), HV_S_OK);
	assert_int_equal(faked->clock, 0);
}

static void a_complete_thaws(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_BU_COMPLETE), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
}

static void idle_is_idle(void **state)
{
	unsigned long before;

	(void)state;
	start();
	back_up();
	usleep(200000);
	before = fake_wakeups(&fake);
	usleep(500000);
	assert_int_equal(fake_wakeups(&fake), before);
}

/* --- what cannot be frozen -------------------------------------------------------------- */

static void a_failure_thaws_all_and_names_the_mount(void **state)
{
	static const int errors[] = { EBUSY, EIO, EPERM, EROFS, EINVAL };
	char text[160];
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		faked->fs[i % COUNT].freeze_error = errors[i];
		assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
		assert_int_equal(count_frozen(), 0);
		snprintf(text, sizeof(text), "cannot freeze %s/%s: ", fake.folder, names[i % COUNT]);
		fake_wait_logged(&fake, text);
		faked->fs[i % COUNT].freeze_error = 0;
		assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	}
	back_up();
}

static void what_another_program_froze_stays_frozen(void **state)
{
	(void)state;
	start();
	faked->fs[1].frozen = 1;
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "frozen already, by another program");
	assert_int_equal(faked->fs[1].frozen, 1);
	assert_int_equal(count_frozen(), 1);
	faked->fs[1].frozen = 0;
	back_up();
}

static void a_type_without_freeze_is_skipped_or_refused(void **state)
{
	(void)state;
	faked->fs[1].freeze_error = EOPNOTSUPP;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(count_frozen(), COUNT - 1);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_int_equal(count_frozen(), 0);
	put(config, "unfreezable = fail\n", 0600);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	assert_int_equal(count_frozen(), 0);
}

static void a_mount_that_cannot_be_opened_is_named(void **state)
{
	char path[96];

	(void)state;
	start();
	snprintf(path, sizeof(path), "%s/b", fake.folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(request(VSS_OP_HOT_BACKUP), REFUSED);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "cannot open");
	assert_int_equal(faked->clock, 0);
	assert_int_equal(mkdir(path, 0700), 0);
	back_up();
}

/* --- too slow, too late, out of order ---------------------------------------------------- */

static void a_host_that_vanishes_is_not_waited_for(void **state)
{
	(void)state;
	put(config, "frozen-seconds = 1\n", 0600);
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	wait_thawed(1000);
	fake_wait_logged(&fake, "the host did not ask for the thaw within 1 s");
	/* The truth, once; then a new life. */
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	back_up();
}

static void a_freeze_that_hangs_does_not_hold_the_others(void **state)
{
	(void)state;
	put(config, "frozen-seconds = 1\n", 0600);
	faked->fs[2].freeze_ms = 900;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(2);
	wait_thawed(600);
	assert_int_equal(answer(), REFUSED);
	/* While it hangs there is no other; when it comes back it is thawed. */
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "it hangs at");
	faked->fs[2].freeze_ms = 0;
	wait_no_record();
	assert_int_equal(count_frozen(), 0);
	assert_int_not_equal(faked->fs[2].thawed_at, 0);
	back_up();
}

static void a_thaw_during_the_freeze_wins(void **state)
{
	(void)state;
	faked->fs[1].freeze_ms = 300;
	start();
	ask(VSS_OP_FREEZE);
	wait_frozen(1);
	/* The driver gave up on the FREEZE, and this is the only answer. */
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(count_frozen(), 0);
	assert_true(fake_is_silent(&fake, 100));
	faked->fs[1].freeze_ms = 0;
	back_up();
}

static void a_second_freeze_thaws(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	wait_thawed(1000);
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	back_up();
}

static void a_thaw_by_others_is_told(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].frozen = 0;
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(count_frozen(), 0);
	fake_wait_logged(&fake, "another program thawed");
	back_up();
}

static void a_thaw_that_fails_is_tried_again(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].thaw_errors = 1;
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	assert_int_equal(count_frozen(), 0);
	wait_no_record();
	/* For good: the record stays for who comes next. */
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].thaw_errors = 2;
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	fake_wait_logged(&fake, "stays frozen");
	assert_int_equal(access(record, F_OK), 0);
	assert_int_equal(fake_stop(&fake), 0);
	start();
	assert_int_equal(count_frozen(), 0);
	back_up();
}

static void what_stays_frozen_is_not_forgotten(void **state)
{
	(void)state;
	start();
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	faked->fs[0].thaw_errors = 3;
	assert_int_equal(request(VSS_OP_THAW), REFUSED);
	fake_wait_logged(&fake, "stays frozen");
	assert_int_equal(request(VSS_OP_FREEZE), REFUSED);
	fake_wait_logged(&fake, "no backup: cannot thaw");
	assert_int_equal(count_frozen(), 1);
	assert_int_equal(access(record, F_OK), 0);
	/* It is thawed before it is frozen anew. */
	back_up();
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, vss_set_up, vss_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_backup),
		TEST(a_check_says_no_auto_recovery),
		TEST(a_check_sees_bad_settings),
		TEST(bad_messages_are_answered),
		TEST(a_thaw_of_nothing_is_no_failure),
		TEST(a_complete_thaws),
		TEST(idle_is_idle),
		TEST(a_failure_thaws_all_and_names_the_mount),
		TEST(what_another_program_froze_stays_frozen),
		TEST(a_type_without_freeze_is_skipped_or_refused),
		TEST(a_mount_that_cannot_be_opened_is_named),
		TEST(a_host_that_vanishes_is_not_waited_for),
		TEST(a_freeze_that_hangs_does_not_hold_the_others),
		TEST(a_thaw_during_the_freeze_wins),
		TEST(a_second_freeze_thaws),
		TEST(a_thaw_by_others_is_told),
		TEST(a_thaw_that_fails_is_tried_again),
		TEST(what_stays_frozen_is_not_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
