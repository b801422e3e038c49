// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/daemons/fake_device.h"
#include "tests/unit/unit.h"

/* What a pool promises to its users, and what it does with files of others. */

static char folder[64];
static struct pool pool = { folder, POOL_GUEST };

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

static int pool_fd(int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/.kvp_pool_1", folder);
	return open(path, flags | O_CLOEXEC, 0644);
}

static void append(const void *bytes, size_t size)
{
	int fd = pool_fd(O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

static size_t count(void)
{
	struct pool_record *records;
	size_t n;

	assert_int_equal(pool_list(&pool, &records, &n, NULL), 0);
	free(records);
	return n;
}

static void assert_value(const char *key, const char *expected)
{
	char value[POOL_VALUE_SIZE];

	assert_int_equal(pool_get(&pool, key, value, NULL), 0);
	assert_string_equal(value, expected);
}

static void format_is_the_stock_one(void **state)
{
	struct pool_record record, expected = { "key", "value" };
	struct stat status;
	int fd;

	(void)state;
	assert_int_equal(pool_set(&pool, "key", "value", NULL), 0);
	fd = pool_fd(O_RDONLY);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);
	assert_int_equal(status.st_size, 2560);
	assert_int_equal(read(fd, &record, sizeof(record)), sizeof(record));
	assert_memory_equal(&record, &expected, sizeof(record));
	close(fd);
}

static void keys_come_and_go(void **state)
{
	struct pool_record record;
	char value[POOL_VALUE_SIZE];
	char key[16];
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(pool_set(&pool, key, "old", NULL), 0);
	}
	assert_int_equal(pool_set(&pool, "k3", "new", NULL), 0);
	assert_int_equal(pool_delete(&pool, "k1", NULL), 0);
	assert_int_equal(pool_delete(&pool, "k1", NULL), -ENOENT);
	assert_int_equal(pool_get(&pool, "k1", value, NULL), -ENOENT);
	assert_value("k3", "new");
	assert_int_equal(count(), 4);
	assert_int_equal(pool_at(&pool, 1, &record, NULL), 0);
	assert_string_equal(record.key, "k2");
	assert_int_equal(pool_at(&pool, 4, &record, NULL), -ENOENT);
	assert_int_equal(pool_clear(&pool, NULL), 0);
	assert_int_equal(count(), 0);
}

static void keys_are_compared_whole(void **state)
{
	char value[POOL_VALUE_SIZE];

	(void)state;
	assert_int_equal(pool_set(&pool, "key", "1", NULL), 0);
	assert_int_equal(pool_get(&pool, "ke", value, NULL), -ENOENT);
	assert_int_equal(pool_get(&pool, "key2", value, NULL), -ENOENT);
	assert_int_equal(pool_delete(&pool, "k", NULL), -ENOENT);
	assert_int_equal(pool_delete(&pool, "", NULL), -EINVAL);
	assert_int_equal(count(), 1);
}

static void texts_have_limits(void **state)
{
	char key[POOL_KEY_SIZE + 1], value[POOL_VALUE_SIZE + 1];
	struct err err;

	(void)state;
	memset(key, 'k', sizeof(key));
	memset(value, 'v', sizeof(value));
	key[POOL_KEY_SIZE] = '\0';
	value[POOL_VALUE_SIZE] = '\0';
	assert_int_equal(pool_set(&pool, key, "", &err), -EINVAL);
	assert_string_equal(err.text, "the key is longer than 511 bytes");
	assert_int_equal(pool_set(&pool, "key", value, &err), -EINVAL);
	assert_string_equal(err.text, "the value is longer than 2047 bytes");
	key[POOL_KEY_SIZE - 1] = '\0';
	value[POOL_VALUE_SIZE - 1] = '\0';
	assert_int_equal(pool_set(&pool, key, value, &err), 0);
	assert_value(key, value);
	assert_int_equal(pool_set(&pool, "", "v", &err), -EINVAL);
	assert_int_equal(pool_set(&pool, "\xc0\x80", "v", &err), -EINVAL);
	assert_int_equal(pool_set(&pool, "k", "\xed\xa0\x80", &err), -EINVAL);
	assert_int_equal(pool_set(&pool, "schl\xc3\xbcssel", "\xf0\x9f\x94\x91", &err), 0);
}

static void records_of_others_may_be_broken(void **state)
{
	static struct pool_record open_key, bad_text, good = { "good", "1" }, empty;

	(void)state;
	memset(open_key.key, 'x', sizeof(open_key.key));
	strcpy(bad_text.key, "\xff");
	append(&open_key, sizeof(open_key));
	append(&bad_text, sizeof(bad_text));
	append(&empty, sizeof(empty));
	append(&good, sizeof(good));
	append("torn", 4);
	assert_int_equal(count(), 1);
	assert_value("good", "1");
	assert_int_equal(pool_set(&pool, "mine", "2", NULL), 0);
	assert_int_equal(pool_delete(&pool, "good", NULL), 0);
	assert_int_equal(count(), 1);
	assert_value("mine", "2");
}

static void size_is_limited(void **state)
{
	struct err err;
	int fd = pool_fd(O_WRONLY), i;
	struct pool_record record = { "", "v" };

	(void)state;
	for (i = 0; i < POOL_RECORDS; i++) {
		snprintf(record.key, sizeof(record.key), "k%d", i);
		assert_int_equal(write(fd, &record, sizeof(record)), sizeof(record));
	}
	assert_int_equal(pool_set(&pool, "one more", "", &err), -ENOSPC);
	assert_int_equal(pool_set(&pool, "k7", "changed", &err), 0);
	assert_int_equal(write(fd, &record, sizeof(record)), sizeof(record));
	assert_int_equal(pool_set(&pool, "k8", "changed", &err), -EFBIG);
	assert_value("k7", "changed");
	assert_int_equal(count(), POOL_RECORDS);
	close(fd);
}

static void held_locks_are_waited_for(void **state)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct err err;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		int fd = pool_fd(O_RDWR);

		fcntl(fd, F_SETLKW, &whole);
		pause();
		_exit(0);
	}
	usleep(200000);
	assert_int_equal(pool_set(&pool, "k", "v", &err), -ETIMEDOUT);
	assert_non_null(strstr(err.text, "another program keeps it locked"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(pool_set(&pool, "k", "v", &err), 0);
}

/* --- many writers --------------------------------------------------------------- */

#define ROUNDS 40

static void write_by_library(int who)
{
	char key[32];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		snprintf(key, sizeof(key), "w%d-%d", who, i);
		if (pool_set(&pool, key, "x", NULL))
			_exit(1);
		if (i % 2 && pool_delete(&pool, key, NULL))
			_exit(2);
	}
	_exit(0);
}

/* The file is opened once, and appended to under a traditional lock of another process. */
static void write_like_stock(void)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct pool_record record = { "", "y" };
	int fd = pool_fd(O_RDWR), i;

	for (i = 0; i < ROUNDS; i++) {
		snprintf(record.key, sizeof(record.key), "stock-%d", i);
		whole.l_type = F_WRLCK;
		fcntl(fd, F_SETLKW, &whole);
		lseek(fd, 0, SEEK_END);
		if (write(fd, &record, sizeof(record)) != sizeof(record))
			_exit(1);
		whole.l_type = F_UNLCK;
		fcntl(fd, F_SETLK, &whole);
	}
	_exit(0);
}

static void write_like_cloud_init(void)
{
	struct pool_record record = { "", "z" };
	int i;

	for (i = 0; i < ROUNDS; i++) {
		int fd = pool_fd(O_WRONLY | O_APPEND);

		snprintf(record.key, sizeof(record.key), "cloud-%d", i);
		flock(fd, LOCK_EX);
		if (write(fd, &record, sizeof(record)) != sizeof(record))
			_exit(1);
		close(fd);
	}
	_exit(0);
}

static void write_beside(void (*write_like_others)(void))
{
	int who, status;

	for (who = 0; who < 3; who++) {
		if (fork())
			continue;
		if (who < 2)
			write_by_library(who);
		write_like_others();
	}
	for (who = 0; who < 3; who++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

/* One kind of others at a time: their locks do not exclude each other. */
static void writers_lose_nothing(void **state)
{
	(void)state;
	write_beside(write_like_stock);
	write_beside(write_like_cloud_init);
	assert_int_equal(count(), 2 * ROUNDS / 2 + 2 * ROUNDS);
}

/* Everybody in the guest may do that. */
static pid_t hold_lock(void)
{
	pid_t pid = fork();

	if (!pid) {
		flock(pool_fd(O_RDONLY), LOCK_EX);
		pause();
		_exit(0);
	}
	usleep(200000);
	return pid;
}

static unsigned int read_ms(void)
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_value("k", "v");
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (unsigned int)((end.tv_sec - start.tv_sec) * 1000 +
			      (end.tv_nsec - start.tv_nsec) / 1000000);
}

/* It reads without the lock, and waits for that once only. */
static void readers_go_on(void **state)
{
	pid_t pid;
	unsigned int ms;

	(void)state;
	assert_int_equal(pool_set(&pool, "k", "v", NULL), 0);
	pid = hold_lock();
	ms = read_ms();
	assert_in_range(ms, 2500, 10000);
	ms = read_ms();
	assert_in_range(ms, 0, 1000);
	assert_int_equal(pool_set(&pool, "k", "w", NULL), -ETIMEDOUT);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(pool_set(&pool, "k", "v", NULL), 0);
	ms = read_ms();
	assert_in_range(ms, 0, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(format_is_the_stock_one, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_are_compared_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(texts_have_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(records_of_others_may_be_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(size_is_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(writers_lose_nothing, setup, teardown),
		/* From here on long waits have been spent. */
		cmocka_unit_test_setup_teardown(held_locks_are_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(readers_go_on, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
