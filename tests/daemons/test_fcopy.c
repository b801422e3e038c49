// SPDX-License-Identifier: GPL-2.0-only
/* hv_fcopy against a fake driver: every state, every bad message, every path that is none of the host's business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <linux/hyperv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/daemons/fake_device.h"

#define PROGRAM		"build/daemons/hv_fcopy-san"

static struct fake_device fake;
static char root[96], config[96], note[96];

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A path below the root; a few are good at a time. */
static const char *at(const char *name)
{
	static char paths[8][640];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", root, name);
	return path;
}

static void configure(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "root = %s\nowner = %u:%u\n%s", root, geteuid(), getegid(), more);
	put(config, text);
}

static int set_up(void **state)
{
	(void)state;
	fake_setup(&fake);
	snprintf(root, sizeof(root), "%s/root", fake.folder);
	snprintf(config, sizeof(config), "%s/config", fake.folder);
	snprintf(note, sizeof(note), "%s/state/note", fake.folder);
	assert_int_equal(mkdir(root, 0700), 0);
	configure("");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_teardown(&fake);
	return 0;
}

static void launch(void)
{
	const char * const args[] = { "--config", config, "--leftover", note, NULL };

	fake_start(&fake, PROGRAM, args);
}

static void register_daemon(uint32_t driver_version)
{
	uint32_t version = 0;

	fake_accept(&fake);
	assert_int_equal(fake_receive(&fake, &version, sizeof(version)), 4);
	assert_int_equal(version, 1);
	fake_send(&fake, &driver_version, sizeof(driver_version));
}

static void start(void)
{
	launch();
	register_daemon(1);
	fake_wait_notified(&fake, "READY=1");
}

static uint32_t request(const void *message, size_t length)
{
	uint32_t status = 0;

	fake_send(&fake, message, length);
	assert_int_equal(fake_receive(&fake, &status, sizeof(status)), 4);
	return status;
}

static uint32_t begin(const char *path, const char *name, uint32_t flags, uint64_t size)
{
	struct hv_start_fcopy message = { .hdr.operation = START_FILE_COPY };

	strncpy((char *)&message + offsetof(struct hv_start_fcopy, file_name), name, 520);
	strncpy((char *)&message + offsetof(struct hv_start_fcopy, path_name), path, 520);
	message.copy_flags = flags;
	message.file_size = size;
	return request(&message, sizeof(message));
}

static uint32_t send_part(uint64_t offset, const void *bytes, uint32_t size)
{
	struct hv_do_fcopy message = { .hdr.operation = WRITE_TO_FILE };

	message.offset = offset;
	message.size = size;
	memcpy(message.data, bytes, size < DATA_FRAGMENT ? size : DATA_FRAGMENT);
	return request(&message, sizeof(message));
}

static uint32_t end(uint32_t operation)
{
	struct hv_fcopy_hdr message = { .operation = operation };

	return request(&message, sizeof(message));
}

/* Return: the first status that is not 0. */
static uint32_t copy(const char *path, const char *name, uint32_t flags, const char *text)
{
	uint32_t status = begin(path, name, flags, strlen(text));

	if (!status)
		status = send_part(0, text, (uint32_t)strlen(text));
	return status ? status : end(COMPLETE_FCOPY);
}

static int count_entries(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return count;
}

static bool has(const char *path, const char *text)
{
	char now[256] = "";
	FILE *file = fopen(path, "r");
	size_t length;

	if (!file)
		return false;
	length = fread(now, 1, sizeof(now) - 1, file);
	fclose(file);
	now[length] = '\0';
	return !strcmp(now, text);
}

static void wait_entries(int count)
{
	int ms;

	for (ms = FAKE_LIMIT_MS; count_entries(root) != count; ms -= 10) {
		if (ms <= 0)
			fail_msg("%d entries instead of %d", count_entries(root), count);
		usleep(10000);
	}
}

/* --- the usual way ---------------------------------------------------------------------- */

static void a_file_arrives(void **state)
{
	static char bytes[3 * DATA_FRAGMENT + 5], now[sizeof(bytes) + 1];
	uint32_t from, size;
	struct stat status;
	FILE *file;

	(void)state;
	for (from = 0; from < sizeof(bytes); from++)
		bytes[from] = (char)(from * 7);
	start();
	assert_int_equal(begin(root, "data", 0, sizeof(bytes)), 0);
	for (from = 0; from < sizeof(bytes); from += size) {
		size = sizeof(bytes) - from < DATA_FRAGMENT ? sizeof(bytes) - from : DATA_FRAGMENT;
		assert_int_equal(send_part(from, bytes + from, size), 0);
		assert_int_not_equal(access(at("data"), F_OK), 0);
		assert_int_equal(count_entries(root), 1);
	}
	assert_int_equal(end(COMPLETE_FCOPY), 0);
	assert_int_equal(count_entries(root), 1);
	assert_int_equal(stat(at("data"), &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
	file = fopen(at("data"), "r");
	assert_int_equal(fread(now, 1, sizeof(now), file), sizeof(bytes));
	fclose(file);
	assert_memory_equal(now, bytes, sizeof(bytes));
	assert_int_not_equal(access(note, F_OK), 0);
	fake_wait_logged(&fake, "copied from the host: ");
	assert_int_equal(fake_stop(&fake), 0);
}

static void an_empty_file_arrives(void **state)
{
	(void)state;
	start();
	assert_int_equal(begin(root, "empty", 0, 0), 0);
	assert_int_equal(end(COMPLETE_FCOPY), 0);
	assert_true(has(at("empty"), ""));
}

static void unicode_names_arrive(void **state)
{
	static const char * const names[] = {
		"gr\xc3\xb6\xc3\x9f" "e", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.txt", "\xf0\x9f\x98\x80",
		"with space", "...", "-rf", "back\\slash",
	};
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(copy(root, names[i], 0, "x"), 0);
		assert_true(has(at(names[i]), "x"));
	}
}

static void the_stock_driver_sends_more_than_needed(void **state)
{
	char message[6300] = { COMPLETE_FCOPY };

	(void)state;
	start();
	assert_int_equal(begin(root, "x", 0, 0), 0);
	assert_int_equal(request(message, sizeof(message)), 0);
	assert_true(has(at("x"), ""));
}

/* --- existing files, missing folders ------------------------------------------------------- */

static void what_exists_is_kept_or_replaced(void **state)
{
	(void)state;
	start();
	put(at("x"), "old");
	assert_int_equal(copy(root, "x", 0, "new"), HV_ERROR_ALREADY_EXISTS);
	assert_true(has(at("x"), "old"));
	assert_int_equal(begin(root, "x", OVER_WRITE, 3), 0);
	assert_true(has(at("x"), "old"));
	assert_int_equal(end(CANCEL_FCOPY), 0);
	assert_true(has(at("x"), "old"));
	assert_int_equal(copy(root, "x", OVER_WRITE, "new"), 0);
	assert_true(has(at("x"), "new"));
	assert_int_equal(count_entries(root), 1);
}

static void a_folder_that_moves_keeps_nothing(void **state)
{
	(void)state;
	start();
	mkdir(at("before"), 0700);
	assert_int_equal(begin(at("before"), "x", 0, 3), 0);
	assert_int_equal(count_entries(at("before")), 1);
	assert_int_equal(rename(at("before"), at("after")), 0);
	assert_int_equal(end(CANCEL_FCOPY), 0);
	assert_int_equal(count_entries(at("after")), 0);
}

static void what_appears_meanwhile_is_kept(void **state)
{
	(void)state;
	start();
	assert_int_equal(begin(root, "x", 0, 1), 0);
	assert_int_equal(send_part(0, "n", 1), 0);
	put(at("x"), "old");
	assert_int_equal(end(COMPLETE_FCOPY), HV_ERROR_ALREADY_EXISTS);
	assert_true(has(at("x"), "old"));
	assert_int_equal(count_entries(root), 1);
}

static void only_regular_files_are_replaced(void **state)
{
	(void)state;
	start();
	mkdir(at("folder"), 0700);
	mkfifo(at("fifo"), 0600);
	put(at("file"), "old");
	assert_int_equal(symlink("file", at("link")), 0);
	assert_int_equal(copy(root, "folder", OVER_WRITE, "x"), HV_E_FAIL);
	assert_int_equal(copy(root, "fifo", OVER_WRITE, "x"), HV_E_FAIL);
	assert_int_equal(copy(root, "link", OVER_WRITE, "x"), HV_E_FAIL);
	assert_true(has(at("file"), "old"));
	assert_int_equal(count_entries(root), 4);
}

static void folders_are_made_when_asked_for(void **state)
{
	struct stat status;

	(void)state;
	start();
	assert_int_equal(copy(at("a/b"), "x", 0, "text"), HV_E_FAIL);
	fake_wait_logged(&fake, "root/a/b is not there");
	assert_int_equal(count_entries(root), 0);
	/* A cancel takes them back, but not what was there before. */
	mkdir(at("a"), 0700);
	assert_int_equal(begin(at("a/b/c"), "x", CREATE_PATH, 1), 0);
	assert_int_equal(count_entries(at("a/b")), 1);
	assert_int_equal(end(CANCEL_FCOPY), 0);
	assert_int_equal(count_entries(at("a")), 0);
	assert_int_equal(copy(at("a/./b//c/"), "x", CREATE_PATH, "text"), 0);
	assert_true(has(at("a/b/c/x"), "text"));
	assert_int_equal(stat(at("a/b"), &status), 0);
	assert_int_equal(status.st_mode, S_IFDIR | 0755);
}

static void the_settings_forbid(void **state)
{
	(void)state;
	configure("overwrite = deny\ncreate-path = deny\nmax-size = 4\nmode = 0640\n");
	start();
	put(at("old"), "old");
	assert_int_equal(copy(root, "old", OVER_WRITE, "x"), HV_ERROR_ALREADY_EXISTS);
	assert_int_equal(copy(at("a"), "x", CREATE_PATH, "x"), HV_E_FAIL);
	assert_int_equal(copy(root, "x", 0, "five!"), HV_E_FAIL);
	assert_int_equal(copy(root, "x", 0, "four"), 0);
	assert_int_equal(count_entries(root), 2);
}

/* --- what is none of the host's business ------------------------------------------------------ */

static void paths_outside_are_refused(void **state)
{
	(void)state;
	start();
	assert_int_equal(symlink("/tmp", at("link")), 0);
	assert_int_equal(symlink(".", at("here")), 0);
	put(at("file"), "old");
	assert_int_equal(copy("/", "x", CREATE_PATH, "x"), HV_E_FAIL);
	assert_int_equal(copy("/etc", "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy(fake.folder, "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy("", "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy("root", "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy(at(".."), "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy(at("a/../../x"), "x", CREATE_PATH, "x"), HV_E_FAIL);
	assert_int_equal(copy(at("link"), "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy(at("link/sub"), "x", CREATE_PATH, "x"), HV_E_FAIL);
	assert_int_equal(copy(at("here"), "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy(at("file"), "x", 0, "x"), HV_E_FAIL);
	assert_int_equal(copy(at("file/x"), "x", CREATE_PATH, "x"), HV_E_FAIL);
	assert_int_equal(count_entries(root), 3);
	assert_int_not_equal(access("/tmp/x", F_OK), 0);
}

static void bad_names_are_refused(void **state)
{
	static const char * const names[] = { "", ".", "..", "a/b", "/a", "../a", "a\nb",
					      "\xed\xa0\x80", "\xc0\xae", "a\xff" };
	char name[521];
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(copy(root, names[i], 0, "x"), HV_E_FAIL);
	for (i = 256; i <= 520; i += 8) {
		memset(name, 'x', sizeof(name));
		name[i] = '\0';
		assert_int_equal(copy(root, name, 0, "x"), HV_E_FAIL);
	}
	name[255] = '\0';
	assert_int_equal(copy(root, name, 0, "x"), 0);
	assert_int_equal(count_entries(root), 1);
}

static void what_does_not_fit_is_refused_at_once(void **state)
{
	(void)state;
	start();
	assert_int_equal(begin(root, "x", 0, 1ull << 50), HV_ERROR_DISK_FULL);
	fake_wait_logged(&fake, "1125899906842624 bytes do not fit");
	assert_int_equal(begin(root, "x", 0, INT64_MAX), HV_ERROR_DISK_FULL);
	assert_int_equal(begin(root, "x", 0, 1ull << 63), HV_E_FAIL);
	assert_int_equal(begin(root, "x", 0, UINT64_MAX), HV_E_FAIL);
	assert_int_equal(begin(at("a/b"), "x", CREATE_PATH, 1ull << 50), HV_ERROR_DISK_FULL);
	assert_int_equal(count_entries(root), 0);
}

static void the_reserve_stays_free(void **state)
{
	(void)state;
	configure("reserve = 8000T\n");
	start();
	assert_int_equal(begin(root, "x", 0, 1), HV_ERROR_DISK_FULL);
	assert_int_equal(count_entries(root), 0);
}

/* --- orders and messages ---------------------------------------------------------------------- */

static void wrong_orders_are_refused(void **state)
{
	(void)state;
	start();
	assert_int_equal(send_part(0, "x", 1), HV_E_FAIL);
	assert_int_equal(end(COMPLETE_FCOPY), HV_E_FAIL);
	assert_int_equal(end(CANCEL_FCOPY), 0);
	/* Not all of it. */
	assert_int_equal(begin(root, "x", 0, 2), 0);
	assert_int_equal(send_part(0, "x", 1), 0);
	assert_int_equal(end(COMPLETE_FCOPY), HV_E_FAIL);
	assert_int_equal(count_entries(root), 0);
	/* After the end. */
	assert_int_equal(copy(root, "x", 0, "x"), 0);
	assert_int_equal(send_part(1, "x", 1), HV_E_FAIL);
	assert_int_equal(end(COMPLETE_FCOPY), HV_E_FAIL);
	assert_true(has(at("x"), "x"));
	/* A second START takes the place of the first. */
	assert_int_equal(begin(root, "y", 0, 1), 0);
	assert_int_equal(copy(root, "z", 0, "z"), 0);
	assert_int_equal(send_part(0, "x", 1), HV_E_FAIL);
	assert_int_equal(count_entries(root), 2);
}

static void wrong_parts_end_the_copy(void **state)
{
	static const struct {
		uint64_t offset;
		uint32_t size;
	} cases[] = {
		{ 0, 3 }, { 5, 3 }, { 1ull << 63, 3 }, { UINT64_MAX, 3 }, { 4, 7 },
		{ 4, DATA_FRAGMENT + 1 }, { 4, UINT32_MAX },
	};
	char bytes[DATA_FRAGMENT] = "";
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(begin(root, "x", 0, 10), 0);
		assert_int_equal(send_part(0, "1234", 4), 0);
		assert_int_equal(send_part(cases[i].offset, bytes, cases[i].size), HV_E_FAIL);
		assert_int_equal(send_part(4, bytes, 6), HV_E_FAIL);
		assert_int_equal(end(COMPLETE_FCOPY), HV_E_FAIL);
		assert_int_equal(count_entries(root), 0);
	}
}

static void short_messages_are_refused(void **state)
{
	struct hv_do_fcopy part = { .hdr.operation = WRITE_TO_FILE };
	struct hv_start_fcopy first = { .hdr.operation = START_FILE_COPY };
	struct hv_fcopy_hdr unknown = { .operation = 4 };
	size_t length;

	(void)state;
	start();
	assert_int_equal(begin(root, "x", 0, 100), 0);
	part.size = 100;
	assert_int_equal(request(&part, offsetof(struct hv_do_fcopy, data) + 99), HV_E_FAIL);
	assert_int_equal(count_entries(root), 0);
	assert_int_equal(begin(root, "x", 0, 100), 0);
	assert_int_equal(request(&part, offsetof(struct hv_do_fcopy, data) + 100), 0);
	for (length = 1; length < 36; length += 5)
		assert_int_equal(request(&part, length), HV_E_FAIL);
	assert_int_equal(request(&first, sizeof(first) - 1), HV_E_FAIL);
	assert_int_equal(request(&unknown, sizeof(unknown)), HV_E_FAIL);
	assert_int_equal(begin(root, "x", 4, 1), HV_E_FAIL);
	assert_int_equal(count_entries(root), 0);
	assert_int_equal(copy(root, "x", 0, "x"), 0);
}

/* --- who goes away in the middle ---------------------------------------------------------------- */

/* The driver waits 30 s for each answer, and then tells the host that the copy failed: it has to be true. */
static void what_is_given_up_does_not_arrive(void **state)
{
	struct hv_fcopy_hdr complete = { .operation = COMPLETE_FCOPY };
	struct hv_fcopy_hdr cancel = { .operation = CANCEL_FCOPY };
	uint32_t status = 0;

	(void)state;
	put(at("late"), "old");
	start();
	assert_int_equal(begin(root, "late", OVER_WRITE, 3), HV_S_OK);
	assert_int_equal(send_part(0, "new", 3), HV_S_OK);
	/* Both are there when it comes to the first, as after an fsync() that took too long. */
	kill(fake.daemon, SIGSTOP);
	fake_send(&fake, &complete, sizeof(complete));
	fake_send(&fake, &cancel, sizeof(cancel));
	kill(fake.daemon, SIGCONT);
	assert_int_equal(fake_receive(&fake, &status, sizeof(status)), 4);
	assert_int_equal(status, HV_E_FAIL);
	assert_int_equal(fake_receive(&fake, &status, sizeof(status)), 4);
	assert_int_equal(status, HV_S_OK);
	assert_true(has(at("late"), "old"));
	assert_int_equal(count_entries(root), 1);
	assert_int_equal(copy(root, "late", OVER_WRITE, "new"), HV_S_OK);
	assert_true(has(at("late"), "new"));
}

static void a_silent_host_is_not_waited_for(void **state)
{
	(void)state;
	configure("idle-seconds = 1\n");
	start();
	assert_int_equal(begin(at("a"), "x", CREATE_PATH, 10), 0);
	assert_int_equal(send_part(0, "1234", 4), 0);
	wait_entries(0);
	fake_wait_logged(&fake, "the host has been silent for 1 s");
	assert_int_equal(send_part(4, "1234", 4), HV_E_FAIL);
	assert_int_equal(copy(root, "x", 0, "x"), 0);
}

static void the_device_goes_in_the_middle(void **state)
{
	(void)state;
	start();
	assert_int_equal(begin(at("a"), "x", CREATE_PATH, 10), 0);
	fake_hang_up(&fake);
	wait_entries(0);
	register_daemon(1);
	assert_int_equal(end(COMPLETE_FCOPY), HV_E_FAIL);
	assert_int_equal(copy(root, "x", 0, "x"), 0);
}

static void a_stop_in_the_middle_cleans_up(void **state)
{
	(void)state;
	start();
	assert_int_equal(begin(at("a"), "x", CREATE_PATH, 10), 0);
	assert_int_equal(fake_stop(&fake), 0);
	assert_int_equal(count_entries(root), 0);
	assert_int_not_equal(access(note, F_OK), 0);
}

static void a_kill_in_the_middle_is_swept(void **state)
{
	(void)state;
	start();
	put(at("x"), "old");
	assert_int_equal(begin(at("a/b"), "y", CREATE_PATH, 10), 0);
	fake_kill(&fake);
	assert_int_equal(count_entries(root), 2);
	start();
	assert_int_equal(count_entries(root), 1);
	fake_wait_logged(&fake, "removed what an interrupted copy had left");
	assert_int_equal(begin(root, "x", OVER_WRITE, 10), 0);
	assert_int_equal(send_part(0, "1234", 4), 0);
	fake_kill(&fake);
	start();
	assert_int_equal(count_entries(root), 1);
	assert_true(has(at("x"), "old"));
}

static void idle_is_idle(void **state)
{
	unsigned long before;

	(void)state;
	start();
	assert_int_equal(copy(root, "x", 0, "x"), 0);
	usleep(200000);
	before = fake_wakeups(&fake);
	usleep(300000);
	assert_int_equal(fake_wakeups(&fake), before);
}

static void it_does_not_start_wrongly(void **state)
{
	(void)state;
	configure("mode = 7777\n");
	launch();
	assert_int_equal(fake_wait_exit(&fake), EX_CONFIG);
	fake_wait_logged(&fake, "config:3: \"7777\" is not an octal mode");
	configure("");
	launch();
	register_daemon(2);
	assert_int_equal(fake_wait_exit(&fake), 1);
}

static void files_are_given_away(void **state)
{
	struct stat status;

	(void)state;
	if (geteuid()) {
		print_message("# SKIP owner: not root\n");
		return;
	}
	configure("owner = folder\nfolder-mode = 0750\n");
	start();
	mkdir(at("home"), 0700);
	assert_int_equal(chown(at("home"), 12, 34), 0);
	assert_int_equal(copy(at("home/sub"), "x", CREATE_PATH, "x"), 0);
	assert_int_equal(stat(at("home/sub/x"), &status), 0);
	assert_int_equal(status.st_uid, 12);
	assert_int_equal(status.st_gid, 34);
	assert_int_equal(stat(at("home/sub"), &status), 0);
	assert_int_equal(status.st_uid, 12);
	assert_int_equal(status.st_mode, S_IFDIR | 0750);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_file_arrives),
		TEST(an_empty_file_arrives),
		TEST(unicode_names_arrive),
		TEST(the_stock_driver_sends_more_than_needed),
		TEST(what_exists_is_kept_or_replaced),
		TEST(a_folder_that_moves_keeps_nothing),
		TEST(what_appears_meanwhile_is_kept),
		TEST(only_regular_files_are_replaced),
		TEST(folders_are_made_when_asked_for),
		TEST(the_settings_forbid),
		TEST(paths_outside_are_refused),
		TEST(bad_names_are_refused),
		TEST(what_does_not_fit_is_refused_at_once),
		TEST(the_reserve_stays_free),
		TEST(wrong_orders_are_refused),
		TEST(wrong_parts_end_the_copy),
		TEST(short_messages_are_refused),
		TEST(what_is_given_up_does_not_arrive),
		TEST(a_silent_host_is_not_waited_for),
		TEST(the_device_goes_in_the_middle),
		TEST(a_stop_in_the_middle_cleans_up),
		TEST(a_kill_in_the_middle_is_swept),
		TEST(idle_is_idle),
		TEST(it_does_not_start_wrongly),
		TEST(files_are_given_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
