// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/common/text.h"
#include "daemons/kvp/paths.h"

#define ID_LENGTH	32
#define NOTE_LENGTH	(ID_LENGTH + 1 + POOL_COUNT + 1)
#define BIT(number)	(1u << (number))

/* Of this machine; and, by bit, the pools that are not. */
static char machine[ID_LENGTH + 1];
static unsigned int stale;

/* @rest: what there is behind it. */
static bool read_id(const char *path, char id[ID_LENGTH + 1], char rest[POOL_COUNT + 2])
{
	char text[64];

	if (text_read_file(path, text, sizeof(text)) < ID_LENGTH ||
	    strspn(text, "0123456789abcdef") != ID_LENGTH)
		return false;
	snprintf(id, ID_LENGTH + 1, "%.*s", ID_LENGTH, text);
	snprintf(rest, POOL_COUNT + 2, "%.*s", POOL_COUNT + 1, text + ID_LENGTH);
	return true;
}

static const char *note_path(const char *folder)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/.kvp_machine_id", folder);
	return path;
}

static bool read_note(const char *folder, char id[ID_LENGTH + 1])
{
	char rest[POOL_COUNT + 2];
	int i;

	stale = 0;
	if (!read_id(note_path(folder), id, rest))
		return false;
	for (i = POOL_AUTO; i < POOL_COUNT; i++) {
		if (strchr(rest, '0' + i))
			stale |= BIT(i);
	}
	return true;
}

/* In place, and always as long: what there was room for has room when the disk is full. */
static int write_note(const char *folder)
{
	int fd = open(note_path(folder), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	char text[NOTE_LENGTH + 1], *end = text + ID_LENGTH;
	ssize_t length;
	int i, ret = 0;

	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%s ", machine);
	for (i = 0; i < POOL_COUNT; i++)
		*++end = (char)(stale & BIT(i) ? '0' + i : '-');
	*++end = '\n';
	length = pwrite(fd, text, NOTE_LENGTH, 0);
	if (length < 0 || fdatasync(fd))
		ret = -errno;
	/* A torn one may be nobody's: none is better, the pools are then kept. */
	if (length >= 0 && length != NOTE_LENGTH) {
		unlink(note_path(folder));
		ret = -ENOSPC;
	}
	close(fd);
	return ret;
}

static void empty_stale(const char *folder)
{
	struct pool pool = { .folder = folder };

	for (pool.number = POOL_AUTO; pool.number < POOL_COUNT; pool.number++) {
		struct err why = { "" };

		if (!(stale & BIT(pool.number)))
			continue;
		if (pool_clear(&pool, &why))
			log_warning("%s", why.text);
		else
			stale &= ~BIT(pool.number);
	}
}

void machine_begin(const char *folder)
{
	char before[ID_LENGTH + 1], rest[POOL_COUNT + 2];
	bool is_known, is_same;
	unsigned int left;

	if (!read_id(paths_at("/etc/machine-id"), machine, rest))
		return;
	is_known = read_note(folder, before);
	is_same = is_known && !strcmp(before, machine);
	if (is_known && !is_same) {
		log_notice("this is another machine than before: facts about its host are removed");
		stale = BIT(POOL_AUTO) | BIT(POOL_AUTO_EXTERNAL) | BIT(POOL_AUTO_INTERNAL);
	}
	left = stale;
	empty_stale(folder);
	/* What is not on the disk would be done again: then rather before the host writes. */
	if ((!is_same || stale != left) && write_note(folder))
		stale = left;
}

int machine_before_set(const struct pool *pool, struct err *err)
{
	unsigned int left = stale;
	int ret;

	if (!(stale & BIT(pool->number)))
		return 0;
	ret = pool_clear(pool, err);
	if (ret)
		return ret;
	stale &= ~BIT(pool->number);
	ret = write_note(pool->folder);
	if (!ret)
		return 0;
	stale = left;
	return err_set(err, ret, "%s: %s", note_path(pool->folder), strerror(-ret));
}
