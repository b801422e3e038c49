// SPDX-License-Identifier: GPL-2.0-only
/* What hv_vss freezes and in which order: decided from text, without touching a file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "daemons/vss/plan.h"
#include "daemons/vss/record.h"
#include "daemons/vss/stack.h"

static struct mount_table table;
static struct policy policy;
static struct plan plan;
static struct err err;

/* Which mount's device rests on a file of which mount; ends with zeros. */
static const int (*backing)[2];

static size_t fake_below(void *context, const struct mount *mount, int *ids, size_t max)
{
	size_t count = 0, i;

	(void)context;
	for (i = 0; backing && backing[i][0]; i++) {
		if (backing[i][0] == mount->id && count < max)
			ids[count++] = backing[i][1];
	}
	return count;
}

static const struct plan_stack stack = { fake_below, NULL };

static int set_up(void **state)
{
	(void)state;
	policy_init(&policy);
	backing = NULL;
	err.text[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	plan_free(&plan);
	mounts_free(&table);
	policy_free(&policy);
	return 0;
}

static int parse(const char *text)
{
	return mounts_parse(&table, strdup(text), &err);
}

static void set_policy(const char *text)
{
	char copy[1024];

	strcpy(copy, text);
	assert_int_equal(policy_parse(&policy, "test", copy, strlen(copy), &err), 0);
}

static int make(const char *text)
{
	assert_int_equal(parse(text), 0);
	return plan_make(&plan, &table, &policy, &stack, &err);
}

/* The order as "/a /b /". */
static const char *order(void)
{
	static char text[512];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < plan.frozen; i++) {
		strcat(text, i ? " " : "");
		strcat(text, plan.fs[plan.order[i]].mount->point);
	}
	return text;
}

static enum plan_verdict verdict(const char *point)
{
	size_t i;

	for (i = 0; i < plan.count; i++) {
		if (!strcmp(plan.fs[i].mount->point, point))
			return plan.fs[i].verdict;
	}
	fail_msg("%s is not in the plan", point);
	return PLAN_FREEZE;
}

#define ROOT	"1 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"

static void the_root_is_last(void **state)
{
	(void)state;
	assert_int_equal(make(ROOT
		"2 1 8:2 / /var rw - xfs /dev/sda2 rw\n"
		"3 2 8:3 / /var/lib rw - btrfs /dev/sda3 rw\n"
		"4 1 8:4 / /home rw - ext4 /dev/sda4 rw\n"), 0);
	assert_string_equal(order(), "/var/lib /home /var /");
}

static void a_superblock_is_frozen_once(void **state)
{
	(void)state;
	assert_int_equal(make(ROOT
		"2 1 0:40 /@home /home rw - btrfs /dev/sdb rw,subvol=/@home\n"
		"3 1 0:40 /@srv /srv rw - btrfs /dev/sdb rw,subvol=/@srv\n"
		"4 1 8:1 /opt /mnt/bind ro - ext4 /dev/sda1 rw\n"), 0);
	assert_string_equal(order(), "/home /");
}

static void what_is_not_frozen(void **state)
{
	static const struct {
		const char *point;
		enum plan_verdict verdict;
	} cases[] = {
		{ "/", PLAN_FREEZE },
		{ "/proc", PLAN_NO_DEVICE },
		{ "/dev", PLAN_NO_DEVICE },
		{ "/nfs", PLAN_NO_DEVICE },
		{ "/auto", PLAN_NO_DEVICE },
		{ "/fuse", PLAN_NO_DEVICE },
		{ "/fuse2", PLAN_NO_DEVICE },
		{ "/merged", PLAN_NO_DEVICE },
		{ "/iso", PLAN_READ_ONLY },
		{ "/efi", PLAN_UNFREEZABLE },
		{ "/tank", PLAN_UNFREEZABLE },
	};
	size_t i;

	(void)state;
	assert_int_equal(make(ROOT
		"2 1 0:5 / /proc rw - proc proc rw\n"
		"3 1 0:6 / /dev rw - devtmpfs /dev/null rw\n"
		"4 1 0:7 / /nfs rw - nfs4 server:/x rw\n"
		"5 1 0:8 / /auto rw - autofs /dev/auto rw\n"
		"6 1 0:9 / /fuse rw - fuse.sshfs /dev/fuse rw\n"
		"7 1 0:10 / /merged rw - overlay overlay rw,upperdir=/u\n"
		"8 1 11:0 / /iso rw - iso9660 /dev/sr0 ro,nojoliet\n"
		"9 1 8:15 / /efi rw - vfat /dev/sda15 rw,errors=remount-ro\n"
		"10 1 0:11 / /tank rw - zfs tank/data rw\n"
		"11 1 0:12 / /fuse2 rw - fuse /dev/fuse rw\n"), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (verdict(cases[i].point) != cases[i].verdict)
			fail_msg("%s %s", cases[i].point,
				 plan_verdict_text(verdict(cases[i].point)));
	}
	assert_string_equal(order(), "/");
}

static void a_strict_policy_refuses_the_unfreezable(void **state)
{
	(void)state;
	set_policy("unfreezable = fail\n");
	assert_int_equal(make(ROOT "2 1 8:15 / /efi rw - vfat /dev/sda15 rw\n"), -ENOTSUP);
	assert_non_null(strstr(err.text, "/efi"));
	set_policy("unfreezable = fail\nexclude = /efi\n");
	mounts_free(&table);
	assert_int_equal(make(ROOT "2 1 8:15 / /efi rw - vfat /dev/sda15 rw\n"), 0);
}

static void the_administrator_includes_and_excludes(void **state)
{
	(void)state;
	set_policy("exclude = /mnt/*\ninclude = /mnt/db\nexclude-type = xfs\ninclude = /tank\n");
	assert_int_equal(make(ROOT
		"2 1 8:2 / /mnt/scratch rw - ext4 /dev/sda2 rw\n"
		"3 1 8:3 / /mnt/db rw - ext4 /dev/sda3 rw\n"
		"4 1 8:4 / /log rw - xfs /dev/sda4 rw\n"
		"5 1 0:11 / /tank rw - bcachefs tank rw\n"), 0);
	assert_string_equal(order(), "/tank /mnt/db /");
	assert_int_equal(verdict("/mnt/scratch"), PLAN_EXCLUDED);
	assert_int_equal(verdict("/log"), PLAN_EXCLUDED);
}

static void a_folder_bound_to_itself_is_no_mount_point(void **state)
{
	static const char * const roots[] = {
		"1 9 8:1 / / rw - ext4 /dev/sda1 rw\n"
		"2 1 8:1 /boot /boot ro - ext4 /dev/sda1 rw\n"
		"3 1 8:1 /usr /usr ro - ext4 /dev/sda1 rw\n"
		"4 3 8:1 /usr/my\\040own /usr/my\\040own ro - ext4 /dev/sda1 rw\n",
		"1 9 0:40 /@ / rw - btrfs /dev/sda1 rw\n"
		"2 1 0:40 /@/boot /boot ro - btrfs /dev/sda1 rw\n"
		"3 2 0:40 /@/boot /boot ro - btrfs /dev/sda1 rw\n",
	};
	size_t i;

	(void)state;
	set_policy("exclude = /boot\nexclude = /usr/my own\nexclude = /srv\n");
	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		char text[1024];

		snprintf(text, sizeof(text), "%s%s", roots[i],
			 "6 1 8:6 / /srv rw - ext4 /dev/sda6 rw\n"
			 "7 6 8:6 /boot /srv/boot rw - ext4 /dev/sda6 rw\n");
		assert_int_equal(make(text), 0);
		assert_string_equal(order(), "/");
		assert_int_equal(verdict("/srv"), PLAN_EXCLUDED);
		plan_free(&plan);
		mounts_free(&table);
	}
}

static void a_folder_bound_elsewhere_is_one(void **state)
{
	static const char * const binds[] = {
		"5 1 8:1 /srv/data /mnt/x rw - ext4 /dev/sda1 rw\n",
		"5 1 8:1 /srv/mnt/x /mnt/x rw - ext4 /dev/sda1 rw\n",
		"5 1 8:1 / /mnt/x rw - ext4 /dev/sda1 rw\n",
		"5 9 8:1 /mnt/x /mnt/x rw - ext4 /dev/sda1 rw\n",
		"4 1 8:4 / /mnt rw - xfs /dev/sda4 rw\n5 4 8:1 /x /mnt/x rw - ext4 /dev/sda1 rw\n",
	};
	size_t i;

	(void)state;
	set_policy("exclude = /mnt/x\n");
	for (i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s%s", ROOT, binds[i]);
		assert_int_equal(make(text), 0);
		assert_int_equal(verdict("/"), PLAN_EXCLUDED);
		plan_free(&plan);
		mounts_free(&table);
	}
}

static void a_loop_device_comes_before_its_file(void **state)
{
	static const int files[][2] = { { 2, 3 }, { 1, 4 }, { 0 } };

	(void)state;
	backing = files;
	/* The root itself is on a loop device, and what is deeper holds files of what is not. */
	assert_int_equal(make("1 1 7:1 / / rw - ext4 /dev/loop1 rw\n"
		"2 1 7:0 / /a rw - ext4 /dev/loop0 rw\n"
		"3 4 8:3 / /host/deep rw - ext4 /dev/sda3 rw\n"
		"4 1 8:4 / /host rw - ext4 /dev/sda4 rw\n"), 0);
	assert_string_equal(order(), "/a /host/deep / /host");
}

static void loop_devices_can_be_left_out(void **state)
{
	static const int files[][2] = { { 2, 1 }, { 0 } };

	(void)state;
	backing = files;
	set_policy("loop = skip\n");
	assert_int_equal(make(ROOT "2 1 254:0 / /a rw - ext4 /dev/mapper/a rw\n"), 0);
	assert_string_equal(order(), "/");
	assert_int_equal(verdict("/a"), PLAN_LOOP);
}

static void a_circle_is_refused(void **state)
{
	static const int files[][2] = { { 2, 3 }, { 3, 2 }, { 0 } };

	(void)state;
	backing = files;
	assert_int_equal(make(ROOT "2 1 7:0 / /a rw - ext4 /dev/loop0 rw\n"
			      "3 1 7:1 / /b rw - ext4 /dev/loop1 rw\n"), -ELOOP);
}

static void five_hundred_mounts(void **state)
{
	char *text = malloc(65536);
	size_t used, i;

	(void)state;
	used = (size_t)sprintf(text, "%s", ROOT);
	for (i = 2; i <= 500; i++)
		used += (size_t)sprintf(text + used, "%zu %zu 8:%zu / /m%zu rw - ext4 /dev/x rw\n",
					i, i - 1, i, i);
	assert_int_equal(make(text), 0);
	free(text);
	assert_int_equal(plan.frozen, 500);
	for (i = 0; i < 500; i++)
		assert_int_equal(plan.fs[plan.order[i]].mount->id, 500 - i);
}

static void escapes_and_odd_lines(void **state)
{
	(void)state;
	assert_int_equal(parse(
		"1 0 8:1 / /a\\040b\\134c rw shared:1 master:2 propagate_from:3 - ext4 /dev/x rw\n"
		"2 1 0:2 / /e rw -  none rw,ro\n"), 0);
	assert_int_equal(table.count, 2);
	assert_string_equal(table.mounts[0].point, "/a b\\c");
	assert_false(table.mounts[0].read_only);
	assert_string_equal(table.mounts[1].type, "");
	assert_true(table.mounts[1].read_only);
	assert_non_null(mounts_by_id(&table, 2));
	assert_null(mounts_by_id(&table, 3));
}

static void malformed_tables_are_refused(void **state)
{
	static const char * const cases[] = {
		"x\n", "1 1 8:1\n", "1 1 8:1 / / rw\n", "1 1 8:1 / / rw - ext4\n",
		"1 1 8:1 / / rw - ext4 /dev/x\n", "1 1 8 / / rw - ext4 /dev/x rw\n",
		"1 1 8:1 / relative rw - ext4 /dev/x rw\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(parse(cases[i]), -EINVAL);
}

static void settings_are_checked(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "a\n", "test:1: \"a\" is not of the form" },
		{ "# x\n\nfrozen-seconds = 0\n", "test:3: \"0\" is not a number from 1 to 600" },
		{ "frozen-seconds = 601\n", "601" },
		{ "frozen-seconds = 6x\n", "6x" },
		{ "exclude = var\n", "begins with '/'" },
		{ "loop = maybe\n", "\"freeze\" or \"skip\"" },
		{ "nonsense = 1\n", "there is no setting \"nonsense\"" },
		{ "= 1\n", "no key" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];

		strcpy(text, cases[i].text);
		assert_int_equal(policy_parse(&policy, "test", text, strlen(text), &err), -EINVAL);
		if (!strstr(err.text, cases[i].said))
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].said);
	}
	assert_int_equal(policy.frozen_s, 60);
	set_policy(" frozen-seconds=7 \r\nhook-failure = ignore");
	assert_int_equal(policy.frozen_s, 7);
	assert_true(policy.ignore_hooks);
}

/* --- sysfs ------------------------------------------------------------------------- */

static char folder[32];

static void put(const char *name, const char *text)
{
	char path[256], *slash;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_file_below_layers_is_found(void **state)
{
	struct stack sys = { .table = &table, .folder = folder };
	char command[64];
	int ids[4];

	(void)state;
	strcpy(folder, "/tmp/openlis-vss-XXXXXX");
	assert_non_null(mkdtemp(folder));
	/* 253:1 is a volume on the partition 259:0 of the loop device 7:0, and on the disk 8:0. */
	put("253:1/slaves/loop0p1/dev", "259:0\n");
	put("253:1/slaves/sda/dev", "8:0\n");
	put("8:0/size", "1\n");
	put("loop0/dev", "7:0\n");
	put("loop0/p1/partition", "1\n");
	put("7:0/loop/backing_file", "/nowhere/images/disk (deleted)\n");
	snprintf(command, sizeof(command), "%s/259:0", folder);
	assert_int_equal(symlink("loop0/p1", command), 0);
	assert_int_equal(parse(ROOT
		"77 1 8:2 / /nowhere rw - ext4 /dev/x rw\n"
		"78 1 8:3 / /nowhere/im rw - ext4 /dev/x rw\n"
		"79 1 253:1 / /data rw - xfs /dev/mapper/x rw\n"), 0);
	assert_int_equal(stack_below(&sys, &table.mounts[3], ids, 4), 1);
	assert_int_equal(ids[0], 77);
	assert_int_equal(stack_below(&sys, &table.mounts[0], ids, 4), 0);
	/* A circle ends, and a full list is not overrun. */
	put("9:0/slaves/md0/dev", "9:0\n");
	table.mounts[3].dev = makedev(9, 0);
	assert_int_equal(stack_below(&sys, &table.mounts[3], ids, 0), 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* --- the record ----------------------------------------------------------------------- */

static void a_record_survives(void **state)
{
	static struct record written, read;
	char path[] = "/tmp/openlis-record-XXXXXX";
	size_t i;

	(void)state;
	close(mkstemp(path));
	written = (struct record) { .freezer = 12, .count = RECORD_MAX };
	for (i = 0; i < RECORD_MAX; i++)
		written.dev[i] = makedev(8, i);
	assert_int_equal(record_write(&written, path, &err), 0);
	assert_int_equal(record_read(&read, path, &err), 0);
	assert_memory_equal(&written, &read, sizeof(read));
	/* Cut anywhere, it is damaged, and never taken for a shorter one. */
	assert_int_equal(truncate(path, 4000), 0);
	assert_int_equal(record_read(&read, path, &err), -EINVAL);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(record_read(&read, path, &err), -EINVAL);
	/* Only by who wrote it. */
	assert_int_equal(record_remove(path, 12), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(record_write(&written, path, &err), 0);
	assert_int_equal(record_remove(path, 1), 0);
	assert_int_equal(record_read(&read, path, &err), 0);
	assert_int_equal(record_remove(path, 12), 0);
	assert_int_equal(record_read(&read, path, &err), -ENOENT);
	assert_int_equal(record_remove(path, 12), 0);
	assert_int_equal(record_write(&written, "/nonexistent/x", &err), -ENOENT);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_root_is_last),
		TEST(a_superblock_is_frozen_once),
		TEST(what_is_not_frozen),
		TEST(a_strict_policy_refuses_the_unfreezable),
		TEST(the_administrator_includes_and_excludes),
		TEST(a_folder_bound_to_itself_is_no_mount_point),
		TEST(a_folder_bound_elsewhere_is_one),
		TEST(a_loop_device_comes_before_its_file),
		TEST(loop_devices_can_be_left_out),
		TEST(a_circle_is_refused),
		TEST(five_hundred_mounts),
		TEST(escapes_and_odd_lines),
		TEST(malformed_tables_are_refused),
		TEST(settings_are_checked),
		TEST(a_file_below_layers_is_found),
		TEST(a_record_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
