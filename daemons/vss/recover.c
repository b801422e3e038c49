// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/recover.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemons/common/log.h"
#include "daemons/vss/mounts.h"
#include "daemons/vss/record.h"
#include "daemons/vss/target.h"

#define STEP_MS		100

/* Neither gone, nor waiting to be collected, nor another program by now. */
static bool is_freezer_alive(pid_t pid)
{
	char path[48], state;
	FILE *file;
	int found;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	found = fscanf(file, "%*d (hv_vss:freezer) %c", &state);
	fclose(file);
	return found == 1 && state != 'Z' && state != 'X';
}

/* Return: 1 if it was frozen, 0 if it was not, -ENOENT if it is mounted nowhere. */
static int thaw_one(const struct mount_table *table, dev_t dev, const struct freezer_calls *calls,
		    const char **point, struct err *err)
{
	int fd = target_open(table, dev, point, err);
	int ret;

	if (fd < 0)
		return fd;
	ret = calls->thaw(fd);
	close(fd);
	if (!ret)
		return 1;
	if (ret == -EINVAL)
		return 0;
	return err_set(err, ret, "cannot thaw %s: %s", *point, strerror(-ret));
}

/* Backwards, and all of them whatever happens to one. Return: the last error. */
static int thaw_all(const struct record *record, const struct mount_table *table,
		    const struct freezer_calls *calls, struct err *err)
{
	int last = 0;
	size_t i;

	for (i = record->count; i-- > 0;) {
		const char *point = NULL;
		struct err why = { "" };
		int ret = thaw_one(table, record->dev[i], calls, &point, &why);

		if (ret == 1)
			log_warning("thawed %s, which a daemon that was killed had left frozen", point);
		else if (ret < 0 && ret != -ENOENT)
			last = err_set(err, ret, "%s", why.text);
	}
	return last;
}

static int thaw_now(const struct record *record, const char *mountinfo,
		    const struct freezer_calls *calls, struct err *err)
{
	struct mount_table table;
	int ret = mounts_read(&table, mountinfo, err);

	if (ret)
		return ret;
	ret = thaw_all(record, &table, calls, err);
	mounts_free(&table);
	return ret;
}

static int wait_and_thaw(const struct record *record, const char *mountinfo,
			 const struct freezer_calls *calls, unsigned int limit_ms, struct err *err)
{
	bool is_alive = is_freezer_alive(record->freezer);
	unsigned int waited;
	int ret;

	for (waited = 0; is_alive && waited < limit_ms; waited += STEP_MS) {
		poll(NULL, 0, STEP_MS);
		is_alive = is_freezer_alive(record->freezer);
	}
	/* One that hangs is perhaps in a freeze. What it has frozen is thawed; the rest is up to it. */
	ret = thaw_now(record, mountinfo, calls, err);
	if (ret || !is_alive)
		return ret;
	return err_set(err, -EBUSY, "process %d is still inside a freeze", (int)record->freezer);
}

int recover_thaw(const char *path, const char *mountinfo, const struct freezer_calls *calls,
		 unsigned int limit_ms, struct err *err)
{
	static struct record record;
	int ret = record_read(&record, path, err);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	log_hold();
	ret = wait_and_thaw(&record, mountinfo, calls, limit_ms, err);
	log_release();
	return ret ? ret : record_remove(path, record.freezer);
}
