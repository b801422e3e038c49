// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lis/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemons/common/pool.h"
#include "tools/lis/output.h"

#define EVENTS	(IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | \
		 IN_DELETE_SELF | IN_MOVE_SELF)

/* A pool as it was last seen. */
struct view {
	struct pool_record *records;
	size_t count;
};

static const struct pool_record *find(const struct view *view, const char *key)
{
	size_t i;

	for (i = 0; i < view->count; i++) {
		if (!strcmp(view->records[i].key, key))
			return &view->records[i];
	}
	return NULL;
}

static void print_changes(const char *name, const struct view *before, const struct view *now,
			  bool json)
{
	size_t i;

	for (i = 0; i < now->count; i++) {
		const struct pool_record *old = find(before, now->records[i].key);

		if (!old)
			output_pair("added", name, &now->records[i], json);
		else if (strcmp(old->value, now->records[i].value))
			output_pair("changed", name, &now->records[i], json);
	}
	for (i = 0; i < before->count; i++) {
		if (!find(now, before->records[i].key))
			output_pair("removed", name, &before->records[i], json);
	}
}

static int look(const struct pool *pool, struct view *view, bool print, bool json,
		struct err *err)
{
	struct view now;
	int ret = pool_list(pool, &now.records, &now.count, err);

	/* A busy one is looked at again when it has changed. */
	if (ret == -ETIMEDOUT)
		return 0;
	if (ret)
		return ret;
	if (print)
		print_changes(pool_name(pool->number), view, &now, json);
	free(view->records);
	*view = now;
	return 0;
}

static int look_at_all(const char *folder, int wanted, struct view *views, bool print, bool json,
		       struct err *err)
{
	struct pool pool = { .folder = folder };
	int number, ret = 0;

	for (number = 0; number < POOL_COUNT && !ret; number++) {
		pool.number = (enum pool_number)number;
		if (wanted < 0 || wanted == number)
			ret = look(&pool, &views[number], print, json, err);
	}
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = err_set(err, errno ? -errno : -EIO, "nobody reads what is watched: %s",
			      strerror(errno));
	return ret;
}

/* Waits for changes; several at once are one. Return: -ENOENT when the folder is gone. */
static int wait_change(int fd)
{
	char buffer[8192] __attribute__((aligned(8)));
	const struct inotify_event *event;
	ssize_t length = read(fd, buffer, sizeof(buffer)), at;

	if (length < 0)
		return errno == EINTR ? 0 : -errno;
	for (at = 0; at < length; at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const struct inotify_event *)(void *)(buffer + at);
		if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
			return -ENOENT;
	}
	return 0;
}

int watch(const char *folder, int pool, bool json, struct err *err)
{
	struct view views[POOL_COUNT] = { 0 };
	int fd = inotify_init1(IN_CLOEXEC), ret;
	unsigned int i;

	if (fd < 0 || inotify_add_watch(fd, folder, EVENTS) < 0) {
		ret = err_set(err, -errno, "%s: %s", folder, strerror(errno));
		goto out;
	}
	ret = look_at_all(folder, pool, views, false, json, err);
	while (!ret) {
		ret = wait_change(fd);
		if (ret)
			err_set(err, ret, "%s: %s", folder, strerror(-ret));
		else
			ret = look_at_all(folder, pool, views, true, json, err);
	}
	for (i = 0; i < POOL_COUNT; i++)
		free(views[i].records);
out:
	if (fd >= 0)
		close(fd);
	return ret;
}
