// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_fcopy's way of bringing a file in, ended or failed at every system call
 * that changes something, one after the other:
 *
 *   for n = 1, 2, ... until it went through:
 *     a child copies a file, and dies before its n-th call;   the next start sweeps
 *     a child copies a file, and its n-th call fails;         it cleans up itself
 *   then: the target is as it was, or complete, and there is nothing else
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemons/fcopy/copy.h"
#include "daemons/fcopy/leftover.h"
#include "tests/daemons/fcopy_wrapped.h"

#define OLD	"what was there before"
#define NEW	"what the host brings, in two parts"
#define CALLS_MAX 60
#define EXIT_REFUSED 3		/* or dead */
#define EXIT_THROUGH 4		/* there are not so many calls */

static char root[32], note[64];
static int countdown;		/* calls until it happens; 0: never */
static int failure;		/* errno; 0: death instead */

/* --- the calls ------------------------------------------------------------------------ */

/* Whether this call fails. */
static bool happens(void)
{
	if (!countdown || --countdown)
		return false;
	if (!failure)
		_exit(EXIT_REFUSED);
	errno = failure;
	return true;
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	return happens() ? -1 : __real_pwrite(fd, bytes, size, offset);
}

int __wrap_fsync(int fd)
{
	return happens() ? -1 : __real_fsync(fd);
}

int __wrap_renameat2(int from, const char *old, int to, const char *fresh, unsigned int flags)
{
	return happens() ? -1 : __real_renameat2(from, old, to, fresh, flags);
}

int __wrap_rename(const char *old, const char *fresh)
{
	return happens() ? -1 : __real_rename(old, fresh);
}

/* What the owner of the folder around it puts in the place of the new one, at once. */
static struct {
	bool is_on;
	uid_t owner;
	mode_t mode;
	bool has_file;
} exchange;

static int make_another(int folder, const char *name)
{
	int ret, fd;

	ret = unlinkat(folder, name, AT_REMOVEDIR) || __real_mkdirat(folder, name, 0700);
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret || fd < 0)
		abort();
	if (exchange.has_file && mknodat(fd, "precious", S_IFREG | 0600, 0))
		abort();
	if (fchown(fd, exchange.owner, (gid_t)-1) || __real_fchmod(fd, exchange.mode))
		abort();
	close(fd);
	return 0;
}

int __wrap_mkdirat(int folder, const char *name, mode_t mode)
{
	if (happens())
		return -1;
	if (__real_mkdirat(folder, name, mode))
		return -1;
	return exchange.is_on ? make_another(folder, name) : 0;
}

int __wrap_fchmod(int fd, mode_t mode)
{
	return happens() ? -1 : __real_fchmod(fd, mode);
}

/* Cleaning up may die in the middle, but a removal has no reason to fail. */
int __wrap_unlinkat(int folder, const char *name, int flags)
{
	if (!failure)
		happens();
	return __real_unlinkat(folder, name, flags);
}

int __wrap_unlink(const char *path)
{
	if (!failure)
		happens();
	return __real_unlink(path);
}

/* --- a copy --------------------------------------------------------------------------- */

static void init_copy(struct copy *copy, const struct policy *policy)
{
	*copy = (struct copy) { .policy = policy, .leftover = note, .folder = -1, .file = -1 };
}

static int send_start(struct copy *copy, const char *path)
{
	struct hv_start_fcopy start = { .hdr.operation = START_FILE_COPY };
	struct err err;

	strcpy((char *)&start + offsetof(struct hv_start_fcopy, file_name), "target");
	strcpy((char *)&start + offsetof(struct hv_start_fcopy, path_name), path);
	start.copy_flags = OVER_WRITE | CREATE_PATH;
	start.file_size = strlen(NEW);
	return copy_message(copy, &start, sizeof(start), &err);
}

static int send_part(struct copy *copy, size_t from, size_t size)
{
	struct hv_do_fcopy part = { .hdr.operation = WRITE_TO_FILE };
	struct err err;

	part.offset = from;
	part.size = (uint32_t)size;
	memcpy(part.data, &NEW[from], size);
	return copy_message(copy, &part, sizeof(part), &err);
}

static int send_end(struct copy *copy, uint32_t operation)
{
	struct hv_fcopy_hdr end = { .operation = operation };
	struct err err;

	return copy_message(copy, &end, sizeof(end), &err);
}

/* Return: what the last message was answered with. */
static int bring(const struct policy *policy, const char *path, uint32_t end)
{
	struct copy copy;
	int ret;

	init_copy(&copy, policy);
	ret = send_start(&copy, path);
	if (!ret)
		ret = send_part(&copy, 0, 10);
	if (!ret)
		ret = send_part(&copy, 10, strlen(NEW) - 10);
	if (!ret)
		ret = send_end(&copy, end);
	assert_int_equal(copy.state, COPY_IDLE);
	return ret;
}

/* --- what must be true afterwards -------------------------------------------------------- */

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static bool has(const char *path, const char *text)
{
	char now[128] = "";
	FILE *file = fopen(path, "r");
	size_t length;

	if (!file)
		return false;
	length = fread(now, 1, sizeof(now) - 1, file);
	fclose(file);
	now[length] = '\0';
	return !strcmp(now, text);
}

static int count_entries(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int count = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(dir);
	return count;
}

static void set_policy(struct policy *policy)
{
	char text[64];

	snprintf(text, sizeof(text), "root = %s\n", root);
	assert_int_equal(policy_parse(policy, "test", text, strlen(text), NULL), 0);
}

/* In a child, because it may die. Return: its exit status. */
static int bring_in_child(const char *path, uint32_t end, int at, int error)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		struct policy policy;

		set_policy(&policy);
		countdown = at;
		failure = error;
		status = bring(&policy, path, end) < 0 ? EXIT_REFUSED : 0;
		_exit(countdown ? EXIT_THROUGH : status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/openlis-fcopy-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(note, sizeof(note), "%s.note", root);
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	countdown = 0;
	__real_unlink(note);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void sweep(void)
{
	struct err err = { "" };

	assert_true(leftover_sweep(note, &err) >= 0);
	assert_int_not_equal(access(note, F_OK), 0);
}

/* An existing file is replaced. */
static void replace_at_every_call(int error)
{
	char target[64];
	int n, status = 0;

	snprintf(target, sizeof(target), "%s/target", root);
	for (n = 1; status != EXIT_THROUGH && n < CALLS_MAX; n++) {
		put(target, OLD);
		status = bring_in_child(root, COMPLETE_FCOPY, n, error);
		if (error)
			assert_int_not_equal(access(note, F_OK), 0);
		sweep();
		assert_int_equal(count_entries(root), 1);
		if (!has(target, NEW))
			assert_true(has(target, OLD) && status == EXIT_REFUSED);
	}
	assert_in_range(n, 8, CALLS_MAX - 1);
}

static void death_leaves_the_old_or_the_new(void **state)
{
	(void)state;
	replace_at_every_call(0);
}

static void a_failure_leaves_the_old_or_the_new(void **state)
{
	(void)state;
	replace_at_every_call(ENOSPC);
	replace_at_every_call(EIO);
}

/* Two folders are made on the way. */
static void make_path_at_every_call(uint32_t end, int error)
{
	char path[64], target[96];
	int n, status = 0;

	snprintf(path, sizeof(path), "%s/made/here", root);
	snprintf(target, sizeof(target), "%s/target", path);
	for (n = 1; status != EXIT_THROUGH && n < CALLS_MAX; n++) {
		status = bring_in_child(path, end, n, error);
		sweep();
		if (end == COMPLETE_FCOPY && !access(target, F_OK)) {
			assert_true(has(target, NEW));
			assert_int_equal(count_entries(path), 1);
			unlink(target);
			rmdir(path);
			*strrchr(path, '/') = '\0';
			rmdir(path);
			strcat(path, "/here");
		}
		assert_int_equal(count_entries(root), 0);
	}
	assert_in_range(n, 12, CALLS_MAX - 1);
}

static void death_leaves_no_folder_behind(void **state)
{
	(void)state;
	make_path_at_every_call(COMPLETE_FCOPY, 0);
	make_path_at_every_call(CANCEL_FCOPY, 0);
}

static void a_failure_leaves_no_folder_behind(void **state)
{
	(void)state;
	make_path_at_every_call(COMPLETE_FCOPY, EDQUOT);
}

static void check_exchange(const char *path, uid_t owner, mode_t mode, bool has_file)
{
	struct policy policy;
	struct stat status;
	int ret;

	set_policy(&policy);
	exchange.is_on = true;
	exchange.owner = owner;
	exchange.mode = mode;
	exchange.has_file = has_file;
	ret = bring(&policy, path, COMPLETE_FCOPY);
	exchange.is_on = false;
	policy_free(&policy);
	assert_true(ret < 0);
	/* What is empty may be removed again, but it is never given away or opened. */
	if (stat(path, &status)) {
		assert_false(has_file);
		return;
	}
	assert_int_equal(status.st_uid, owner);
	assert_int_equal(status.st_mode & 07777, mode);
}

static void a_folder_put_in_the_place_of_ours_is_left_alone(void **state)
{
	char path[64], file[80];

	(void)state;
	snprintf(path, sizeof(path), "%s/made", root);
	check_exchange(path, geteuid(), 0755, false);
	check_exchange(path, geteuid(), 0700, true);
	snprintf(file, sizeof(file), "%s/precious", path);
	assert_int_equal(access(file, F_OK), 0);
	if (geteuid())
		return;
	assert_int_equal(__real_unlink(file) || rmdir(path), 0);
	check_exchange(path, 12345, 0700, false);
	check_exchange(path, 12345, 0700, true);
}

static void the_sweep_removes_only_what_is_ours(void **state)
{
	char path[96];
	struct place place = { .path = "", .made = 0, .temporary = ".openlis-0123456789abcdef" };
	struct err err = { "" };

	(void)state;
	snprintf(path, sizeof(path), "%s/precious", root);
	put(path, OLD);
	strcpy(place.root, root);
	/* A note that names something else is no note. */
	assert_int_equal(leftover_note(note, &place, &err), 0);
	put(note, "openlis-fcopy-leftover 1\n/tmp\n\nprecious\n0\n");
	assert_int_equal(leftover_sweep(note, &err), -EINVAL);
	put(note, "openlis-fcopy-leftover 1\n/tmp\n\n.openlis-0123456789abcdef\n");
	assert_int_equal(leftover_sweep(note, &err), -EINVAL);
	put(note, "");
	assert_int_equal(leftover_sweep(note, &err), -EINVAL);
	/* Folders that are not empty stay. */
	strcpy(place.path, "a/b");
	place.made = 2;
	snprintf(path, sizeof(path), "%s/a", root);
	mkdir(path, 0700);
	strcat(path, "/b");
	mkdir(path, 0700);
	strcat(path, "/precious");
	put(path, OLD);
	assert_int_equal(leftover_note(note, &place, &err), 0);
	assert_int_equal(leftover_sweep(note, &err), 1);
	assert_true(has(path, OLD));
	assert_int_equal(count_entries(root), 2);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(death_leaves_the_old_or_the_new),
		TEST(a_failure_leaves_the_old_or_the_new),
		TEST(death_leaves_no_folder_behind),
		TEST(a_failure_leaves_no_folder_behind),
		TEST(a_folder_put_in_the_place_of_ours_is_left_alone),
		TEST(the_sweep_removes_only_what_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
