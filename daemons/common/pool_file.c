// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pool file is changed in place, because other programs hold it open and lock
 * the file they hold; a journal beside it makes a change all or nothing:
 *
 *   lock file (fcntl and flock)
 *     journal there and whole,  --> the change counts (a writer first puts it
 *     and the file is ours?         into the file); else the journal is nothing
 *     read, change in memory
 *     reserve space             --> disk full: nothing has happened
 *     write journal, fsync      --> cut off here: its checksum is wrong, old contents
 *     fsync folder
 *     write file, fdatasync     --> cut off here: the journal is whole, new contents
 *     remove journal, fsync folder
 *   unlock
 *
 * Lock order: fcntl (what the stock daemon takes), then flock (what cloud-init
 * takes). Both are tried until LOCK_LIMIT_MS; after that readers go on without.
 * The fcntl lock is an open file description lock, which conflicts with the
 * traditional kind of others.
 */
#include "daemons/common/pool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/common/pool_journal.h"
#include "daemons/common/whole.h"

#define LOCK_LIMIT_MS	3000
#define LOCK_SHORT_MS	250
#define LOCK_AGAIN_MS	50
#define LOCK_REFILL_MS	30000
#define LOCK_STEP_MS	10
#define SIZE_LIMIT	(POOL_RECORDS * sizeof(struct pool_record))
#define OPEN_TRIES	16

/* --- locks -------------------------------------------------------------------- */

static int try_locks(const struct pool_file *file)
{
	struct flock whole = { .l_type = file->writable ? F_WRLCK : F_RDLCK,
			       .l_whence = SEEK_SET };
	int error;

	if (fcntl(file->fd, F_OFD_SETLK, &whole))
		return errno == EACCES ? -EAGAIN : -errno;
	if (!flock(file->fd, (file->writable ? LOCK_EX : LOCK_SH) | LOCK_NB))
		return 0;
	error = errno;
	whole.l_type = F_UNLCK;
	fcntl(file->fd, F_OFD_SETLK, &whole);
	return error == EWOULDBLOCK ? -EAGAIN : -error;
}

/* Pools that somebody keeps locked, for readers and for writers: nobody waits as long twice. */
static bool is_kept[POOL_COUNT][2];

/*
 * Long waits for whatever pool come out of one purse, for readers and for writers:
 * who locks them all, or each for a while, must not stop a program with one loop.
 */
static struct purse {
	int64_t filled;		/* when, ms */
	int spent;		/* ms of LOCK_LIMIT_MS */
} purses[2];

static int patience(const struct pool_file *file)
{
	struct purse *purse = &purses[file->writable];
	struct timespec now;
	int64_t now_ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (now_ms - purse->filled >= LOCK_REFILL_MS)
		*purse = (struct purse){ .filled = now_ms };
	if (is_kept[file->number][file->writable])
		return LOCK_AGAIN_MS;
	if (purse->spent > LOCK_LIMIT_MS - LOCK_SHORT_MS)
		return LOCK_SHORT_MS;
	return LOCK_LIMIT_MS - purse->spent;
}

static int wait_for_locks(const struct pool_file *file)
{
	struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	int limit = patience(file), waited = 0, ret;

	while ((ret = try_locks(file)) == -EAGAIN && waited < limit) {
		nanosleep(&step, NULL);
		waited += LOCK_STEP_MS;
	}
	/* Short waits are free: they are for writers that come and go. */
	if (waited > LOCK_SHORT_MS)
		purses[file->writable].spent += waited;
	return ret;
}

/*
 * Everybody in the guest may read these files, and so lock them for ever. Then
 * a reader goes on without: the worst that it sees is a change of others by half.
 */
static int lock(const struct pool_file *file)
{
	bool *kept = &is_kept[file->number][file->writable];
	int ret = wait_for_locks(file);
	bool begins = ret == -EAGAIN && !*kept;

	*kept = ret == -EAGAIN;
	if (ret != -EAGAIN)
		return ret;
	if (file->writable)
		return -ETIMEDOUT;
	/* Success has no sentence in a struct err. */
	if (begins)
		log_warning("%s: another program keeps it locked; it is read without a lock",
			    file->name);
	return 0;
}

/* Somebody may have put another file in its place before we had the lock. */
static bool is_current(const struct pool_file *file)
{
	struct stat ours, named;

	return !fstat(file->fd, &ours) && !fstatat(file->folder, file->name, &named, 0) &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static int open_once(struct pool_file *file)
{
	int flags = file->writable ? O_RDWR | O_CREAT : O_RDONLY;
	int ret;

	file->fd = openat(file->folder, file->name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
			  0644);
	if (file->fd < 0)
		return -errno;
	ret = lock(file);
	if (!ret && !is_current(file))
		ret = -ESTALE;
	if (ret) {
		close(file->fd);
		file->fd = -1;
	}
	return ret;
}

/* --- contents ----------------------------------------------------------------- */

/* Writes only what differs: who reads without a lock seldom meets a change. */
static int write_contents(const struct pool_file *file, const char *bytes, size_t size)
{
	const struct pool_range range = pool_range_find(file->bytes, file->size, bytes, size);
	int ret = 0;

	if (range.new_end > range.first)
		ret = whole_write(file->fd, bytes + range.first, range.new_end - range.first,
				  (off_t)range.first);
	if (!ret && size < file->size && ftruncate(file->fd, (off_t)size))
		ret = -errno;
	if (!ret && fdatasync(file->fd))
		ret = -errno;
	return ret;
}

static int remove_journal(const struct pool_file *file)
{
	return pool_journal_remove(file->folder, file->journal);
}

/* No fallocate on this file system is no reason to give up. */
static int reserve(const struct pool_file *file, size_t size)
{
	if (size <= file->size ||
	    !fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)file->size,
		       (off_t)(size - file->size)))
		return 0;
	return errno == EOPNOTSUPP ? 0 : -errno;
}

int pool_file_store(struct pool_file *file, const void *bytes, size_t size, struct err *err)
{
	int ret = file->is_cut ? -EFBIG : reserve(file, size);

	if (!ret)
		ret = pool_journal_write(file->folder, file->journal, file->bytes, file->size,
					 bytes, size);
	if (ret) {
		remove_journal(file);
		return err_set(err, ret, "%s: %s", file->name, strerror(-ret));
	}
	ret = write_contents(file, bytes, size);
	if (ret) {
		/* Back to the old contents; if not even that works, the journal brings the new ones. */
		if (!whole_write(file->fd, file->bytes, file->size, 0) &&
		    !ftruncate(file->fd, (off_t)file->size) && !fdatasync(file->fd))
			remove_journal(file);
		return err_set(err, ret, "%s: %s", file->name, strerror(-ret));
	}
	/* It is done, and a journal that stays says the same; the next writer removes it. */
	remove_journal(file);
	return 0;
}

static int read_contents(struct pool_file *file)
{
	struct stat status;
	ssize_t length;

	if (fstat(file->fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	file->is_cut = status.st_size > (off_t)SIZE_LIMIT;
	file->size = file->is_cut ? SIZE_LIMIT : (size_t)status.st_size;
	file->bytes = malloc(file->size + 1);
	if (!file->bytes)
		return -ENOMEM;
	length = whole_read(file->fd, file->bytes, file->size);
	if (length < 0)
		return (int)length;
	file->size = (size_t)length;
	return 0;
}

/* What a crash interrupted: readers only look past it, writers end it. */
static int recover(struct pool_file *file)
{
	char *bytes = NULL;
	size_t size = 0;
	int ret = 0;

	/* We never write as much, so others have. */
	if (!file->is_cut)
		ret = pool_journal_replay(file->folder, file->journal, file->bytes, file->size,
					  SIZE_LIMIT, &bytes, &size);
	if (ret < 0)
		return ret;
	if (!ret)
		return file->writable ? remove_journal(file) : 0;
	if (file->writable) {
		ret = write_contents(file, bytes, size);
		if (!ret)
			ret = remove_journal(file);
		if (ret) {
			free(bytes);
			return ret;
		}
	}
	free(file->bytes);
	file->bytes = bytes;
	file->size = size;
	return 0;
}

static int open_and_read(struct pool_file *file)
{
	unsigned int tries = OPEN_TRIES;
	int ret;

	do {
		ret = open_once(file);
	} while (ret == -ESTALE && --tries);
	if (!ret)
		ret = read_contents(file);
	if (!ret)
		ret = recover(file);
	return ret;
}

int pool_file_open(struct pool_file *file, const struct pool *pool, bool writable,
		   struct err *err)
{
	int ret;

	*file = (struct pool_file) { .folder = -1, .fd = -1, .writable = writable,
				     .number = pool->number };
	snprintf(file->name, sizeof(file->name), ".kvp_pool_%d", (int)pool->number);
	snprintf(file->journal, sizeof(file->journal), "%s.journal", file->name);
	file->folder = open(pool->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->folder < 0)
		return err_set(err, -errno, "%s: %s", pool->folder, strerror(errno));
	ret = open_and_read(file);
	if (!ret)
		return 0;
	pool_file_close(file);
	if (ret == -ETIMEDOUT)
		return err_set(err, ret, "%s/%s: another program keeps it locked", pool->folder,
			       file->name);
	return err_set(err, ret, "%s/%s: %s", pool->folder, file->name, strerror(-ret));
}

void pool_file_close(struct pool_file *file)
{
	/* Closing the last descriptor of the description drops both locks. */
	if (file->fd >= 0)
		close(file->fd);
	if (file->folder >= 0)
		close(file->folder);
	free(file->bytes);
	*file = (struct pool_file) { .folder = -1, .fd = -1 };
}
