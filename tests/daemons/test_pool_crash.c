// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/daemons/fake_device.h"
#include "tests/daemons/wrapped.h"
#include "tests/unit/unit.h"

/*
 * Every system call of an update fails once, or is the last thing the writer
 * ever does, also in its middle. Afterwards the pool has its old contents or
 * its new ones, and works. The calls are wrapped by the linker.
 */

enum mode { RUN, DIE_BEFORE, DIE_HALFWAY, DIE_AFTER, FAIL_NO_SPACE };

static char folder[64];
static struct pool pool = { folder, POOL_EXTERNAL };

static enum mode mode;
static int countdown;		/* calls until it happens */
static char order[64];		/* one letter a call */


static void note(char letter)
{
	size_t length = strlen(order);

	if (length < sizeof(order) - 1)
		order[length] = letter;
}

static bool is_due(void)
{
	return mode != RUN && countdown-- == 0;
}

/* true: the call is to fail */
static bool meet(char letter)
{
	note(letter);
	if (!is_due())
		return false;
	if (mode == FAIL_NO_SPACE) {
		errno = ENOSPC;
		return true;
	}
	_exit(9);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	note('w');
	if (!is_due())
		return __real_pwrite(fd, bytes, size, offset);
	if (mode == FAIL_NO_SPACE) {
		errno = ENOSPC;
		return -1;
	}
	if (mode == DIE_HALFWAY)
		__real_pwrite(fd, bytes, size / 2, offset);
	if (mode == DIE_AFTER)
		__real_pwrite(fd, bytes, size, offset);
	_exit(9);
}

int __wrap_fsync(int fd)
{
	return meet('s') ? -1 : __real_fsync(fd);
}

int __wrap_fdatasync(int fd)
{
	return meet('d') ? -1 : __real_fdatasync(fd);
}

int __wrap_ftruncate(int fd, off_t size)
{
	return meet('t') ? -1 : __real_ftruncate(fd, size);
}

int __wrap_unlinkat(int where, const char *name, int flags)
{
	return meet('u') ? -1 : __real_unlinkat(where, name, flags);
}

/* --- operations ------------------------------------------------------------------- */

static int add(void)
{
	return pool_set(&pool, "new", "value", NULL);
}

static int change(void)
{
	return pool_set(&pool, "b", "changed", NULL);
}

static int delete(void)
{
	return pool_delete(&pool, "b", NULL);
}

static int clear(void)
{
	return pool_clear(&pool, NULL);
}

static const struct {
	const char *name;
	int (*run)(void);
	const char *after;
} operations[] = {
	{ "add", add, "a=1 b=2 c=3 new=value " },
	{ "change", change, "a=1 b=changed c=3 " },
	{ "delete", delete, "a=1 c=3 " },
	{ "clear", clear, "" },
};

static const char before[] = "a=1 b=2 c=3 ";

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s/openlis-pool-XXXXXX", fake_base());
	assert_non_null(mkdtemp(folder));
	return pool_create(&pool, NULL);
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void fill(void)
{
	mode = RUN;
	assert_int_equal(pool_clear(&pool, NULL), 0);
	assert_int_equal(pool_set(&pool, "a", "1", NULL), 0);
	assert_int_equal(pool_set(&pool, "b", "2", NULL), 0);
	assert_int_equal(pool_set(&pool, "c", "3", NULL), 0);
	memset(order, 0, sizeof(order));
}

static const char *contents(void)
{
	static char text[256];
	struct pool_record *records;
	size_t count, i;

	assert_int_equal(pool_list(&pool, &records, &count, NULL), 0);
	text[0] = '\0';
	for (i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.20s=%.20s ",
			 records[i].key, records[i].value);
	free(records);
	return text;
}

static bool has_journal(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/.kvp_pool_0.journal", folder);
	return access(path, F_OK) == 0;
}

/* Return: whether the operation got to its end, so that there is no later call to die in. */
static bool die_in(unsigned int op, enum mode how, int call)
{
	const char *seen;
	int status;
	pid_t pid;

	fill();
	pid = fork();
	if (!pid) {
		mode = how;
		countdown = call;
		_exit(operations[op].run() ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	seen = contents();
	if (strcmp(seen, before) && strcmp(seen, operations[op].after))
		fail_msg("%s, mode %d, call %d: %s", operations[op].name, how, call, seen);
	/* A writer ends what was begun; both see the same. */
	assert_int_equal(pool_create(&pool, NULL), 0);
	assert_string_equal(contents(), seen);
	assert_false(has_journal());
	if (WIFEXITED(status) && WEXITSTATUS(status) == 9)
		return false;
	assert_int_equal(status, 0);
	assert_string_equal(seen, operations[op].after);
	return true;
}

static void death_leaves_old_or_new(void **state)
{
	unsigned int op;
	enum mode how;
	int call;

	(void)state;
	for (op = 0; op < 4; op++) {
		for (how = DIE_BEFORE; how <= DIE_AFTER; how++) {
			for (call = 0; !die_in(op, how, call); call++)
				assert_true(call < 30);
			assert_true(call >= 6);
		}
	}
}

static void failure_leaves_the_old(void **state)
{
	unsigned int op;
	int call;

	(void)state;
	for (op = 0; op < 4; op++) {
		for (call = 1;; call++) {
			const char *synced;
			bool is_done;
			int ret;

			fill();
			mode = FAIL_NO_SPACE;
			countdown = call;
			ret = operations[op].run();
			mode = RUN;
			/* Once the file is synced, only the journal was left to be removed. */
			synced = strchr(order, 'd');
			is_done = countdown >= 0 || (synced && call > synced - order);
			assert_int_equal(ret, is_done ? 0 : -ENOSPC);
			assert_string_equal(contents(), is_done ? operations[op].after : before);
			if (countdown >= 0)
				break;
		}
		assert_true(call >= 7);
	}
}

static void disk_full_changes_nothing(void **state)
{
	unsigned int op;

	(void)state;
	for (op = 0; op < 4; op++) {
		fill();
		mode = FAIL_NO_SPACE;
		countdown = 1;		/* the journal */
		assert_int_equal(operations[op].run(), -ENOSPC);
		mode = RUN;
		assert_false(has_journal());
		assert_string_equal(contents(), before);
	}
}

/*
 * What a power cut leaves is not more than what was synced: the journal and its
 * name before the first write to the file, the file before the journal goes.
 * (The first call would remove a torn journal of before.)
 */
static void syncs_are_in_order(void **state)
{
	(void)state;
	fill();
	assert_int_equal(change(), 0);
	assert_string_equal(order, "uwsswdus");
	fill();
	assert_int_equal(delete(), 0);
	assert_string_equal(order, "uwsswtdus");
}

/* Dies with a whole journal and the old file. */
static void leave_journal(unsigned int op)
{
	int status;
	pid_t pid;

	fill();
	pid = fork();
	if (!pid) {
		mode = DIE_BEFORE;
		countdown = 4;
		_exit(operations[op].run());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 9);
	assert_true(has_journal());
}

static void write_as_others_do(const char *key, const char *value, off_t at)
{
	struct pool_record record = { "", "" };
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/.kvp_pool_0", folder);
	strcpy(record.key, key);
	strcpy(record.value, value);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(__real_pwrite(fd, &record, sizeof(record), at * (off_t)sizeof(record)),
			 sizeof(record));
	close(fd);
}

/* What programs write that know no journal must not be lost to an old one. */
static void others_are_not_erased(void **state)
{
	static const struct {
		off_t at;
		const char *key, *contents;
	} cases[] = {
		{ 3, "d", "a=1 b=2 c=3 d=theirs " },
		{ 0, "a", "a=theirs b=2 c=3 " },
		{ 1, "b", "a=1 b=theirs c=3 " },
	};
	unsigned int op, i;

	(void)state;
	for (op = 0; op < 4; op++) {
		for (i = 0; i < 3; i++) {
			leave_journal(op);
			write_as_others_do(cases[i].key, "theirs", cases[i].at);
			assert_string_equal(contents(), cases[i].contents);
			assert_int_equal(pool_create(&pool, NULL), 0);
			assert_string_equal(contents(), cases[i].contents);
			assert_false(has_journal());
		}
	}
}

static void torn_journal_is_ignored(void **state)
{
	char path[128];
	int fd;

	(void)state;
	fill();
	snprintf(path, sizeof(path), "%s/.kvp_pool_0.journal", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(write(fd, "KVPJRNL2\0\12\0\0\0\0\0\0torn", 20), 20);
	close(fd);
	assert_string_equal(contents(), before);
	assert_int_equal(add(), 0);
	assert_string_equal(contents(), operations[0].after);
	assert_false(has_journal());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(death_leaves_old_or_new, setup, teardown),
		cmocka_unit_test_setup_teardown(failure_leaves_the_old, setup, teardown),
		cmocka_unit_test_setup_teardown(disk_full_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(syncs_are_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(others_are_not_erased, setup, teardown),
		cmocka_unit_test_setup_teardown(torn_journal_is_ignored, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
