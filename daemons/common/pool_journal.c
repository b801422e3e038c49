// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/pool_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/common/whole.h"

/* Then come the old bytes of the range, and the new ones. */
struct head {
	char magic[8];
	uint64_t checksum;	/* of all that follows */
	uint64_t rest;		/* checksum of the old contents outside the range */
	uint64_t old_size, new_size;
	uint64_t first, old_end, new_end;
};

#define UNSUMMED	offsetof(struct head, rest)

static const char magic[8] = "KVPJRNL2";

static uint64_t hash(uint64_t seed, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	/* FNV-1a: tells a torn write, not an attacker. */
	while (size--)
		seed = (seed ^ *at++) * 0x100000001b3ull;
	return seed;
}

#define HASH_SEED	0xcbf29ce484222325ull

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Contents of one size may be the same behind the range, too. */
static uint64_t hash_rest(const char *bytes, size_t size, size_t first, size_t end)
{
	return hash(hash(HASH_SEED, bytes, first), bytes + end, size - end);
}

struct pool_range pool_range_find(const char *old, size_t old_size, const char *bytes,
				  size_t size)
{
	struct pool_range range = { 0, old_size, size };

	while (range.first < smaller(old_size, size) && old[range.first] == bytes[range.first])
		range.first++;
	while (size == old_size && range.new_end > range.first &&
	       old[range.new_end - 1] == bytes[range.new_end - 1])
		range.new_end--;
	if (size == old_size)
		range.old_end = range.new_end;
	return range;
}

int pool_journal_write(int folder, const char *name, const char *old, size_t old_size,
		       const char *bytes, size_t size)
{
	const struct pool_range range = pool_range_find(old, old_size, bytes, size);
	size_t before = range.old_end - range.first, after = range.new_end - range.first;
	size_t total = sizeof(struct head) + before + after;
	char *all = malloc(total);
	struct head head = {
		.rest = hash_rest(old, old_size, range.first, range.old_end),
		.old_size = old_size, .new_size = size,
		.first = range.first, .old_end = range.old_end, .new_end = range.new_end,
	};
	int fd, ret;

	if (!all)
		return -ENOMEM;
	memcpy(head.magic, magic, sizeof(magic));
	memcpy(all, &head, sizeof(head));
	memcpy(all + sizeof(head), old + range.first, before);
	memcpy(all + sizeof(head) + before, bytes + range.first, after);
	head.checksum = hash(HASH_SEED, all + UNSUMMED, total - UNSUMMED);
	memcpy(all, &head, sizeof(head));

	fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	ret = fd < 0 ? -errno : whole_write(fd, all, total, 0);
	if (!ret && fsync(fd))
		ret = -errno;
	if (!ret && fsync(folder))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	free(all);
	return ret;
}

/* Return: 1 and the journal, 0 for none that is of a possible size, or a negative errno. */
static int read_all(int folder, const char *name, size_t limit, char **all, size_t *size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat status;
	int ret = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &status) || status.st_size < (off_t)sizeof(struct head) ||
	    status.st_size > (off_t)(sizeof(struct head) + 2 * limit))
		goto out;
	*size = (size_t)status.st_size;
	*all = malloc(*size);
	ret = *all ? whole_read(fd, *all, *size) == status.st_size : -ENOMEM;
	if (!ret)
		free(*all);
out:
	close(fd);
	return ret;
}

static bool is_whole(const char *all, size_t size, size_t limit, struct head *head)
{
	bool same_size;

	memcpy(head, all, sizeof(*head));
	same_size = head->old_size == head->new_size;
	return !memcmp(head->magic, magic, sizeof(magic)) &&
	       head->checksum == hash(HASH_SEED, all + UNSUMMED, size - UNSUMMED) &&
	       head->old_size <= limit && head->new_size <= limit &&
	       head->first <= head->old_end && head->first <= head->new_end &&
	       head->old_end <= head->old_size && head->new_end <= head->new_size &&
	       (same_size ? head->old_end == head->new_end :
			    head->old_end == head->old_size && head->new_end == head->new_size) &&
	       size - sizeof(*head) == head->old_end + head->new_end - 2 * head->first;
}

/* Outside the range it is the old one; inside, each byte is old, new, or not yet written. */
static bool is_ours(const struct head *head, const char *old, const char *bytes, const char *now,
		    size_t size)
{
	bool grows = head->new_size > head->old_size;
	size_t end, at;

	if (grows ? size < head->old_size || size > head->new_size :
		    size != head->old_size && size != head->new_size)
		return false;
	end = head->old_size == head->new_size ? head->new_end : size;
	if (head->rest != hash_rest(now, size, head->first, end))
		return false;
	for (at = head->first; at < end; at++) {
		if (!((at < head->old_end && now[at] == old[at - head->first]) ||
		      (at < head->new_end && now[at] == bytes[at - head->first]) ||
		      (at >= head->old_size && !now[at])))
			return false;
	}
	return true;
}

/* The contents after the change. */
static int apply(const struct head *head, const char *after, const char *now, char **bytes,
		 size_t *size)
{
	*size = head->new_size;
	*bytes = malloc(head->new_size + 1);
	if (!*bytes)
		return -ENOMEM;
	memcpy(*bytes, now, head->first);
	memcpy(*bytes + head->first, after, head->new_end - head->first);
	if (head->new_end < head->new_size)
		memcpy(*bytes + head->new_end, now + head->new_end,
		       head->new_size - head->new_end);
	return 1;
}

int pool_journal_replay(int folder, const char *name, const char *now, size_t now_size,
			size_t limit, char **bytes, size_t *size)
{
	const char *old, *after;
	struct head head;
	size_t total = 0;
	char *all = NULL;
	int ret = read_all(folder, name, limit, &all, &total);

	if (ret <= 0)
		return ret;
	ret = is_whole(all, total, limit, &head);
	if (ret) {
		old = all + sizeof(head);
		after = old + (head.old_end - head.first);
		ret = is_ours(&head, old, after, now, now_size) ?
		      apply(&head, after, now, bytes, size) : 0;
	}
	free(all);
	return ret;
}

int pool_journal_remove(int folder, const char *name)
{
	if (unlinkat(folder, name, 0))
		return errno == ENOENT ? 0 : -errno;
	return fsync(folder) ? -errno : 0;
}
