// SPDX-License-Identifier: GPL-2.0-only
/*
 *   save files -> PREPARE -> write files -> APPLY -> read back -> done
 *                    |            |           |          |
 *                    v            v           v          v  failure
 *                  LEAVE -> restore files -> RESTORE -> failed
 */
#include "daemons/kvp/helper/transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemons/common/child.h"
#include "daemons/common/text.h"
#include "daemons/kvp/helper/ifcfg.h"
#include "daemons/kvp/network.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/scripts.h"

#define READ_STEP_MS	100

struct transaction_limits transaction_limits = { .command = 9000, .read_back = 15000 };

/* A file as it was. */
struct saved {
	char *text;		/* NULL: there was none */
	size_t length;
	mode_t mode;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- files -------------------------------------------------------------------- */

static int save(const char *path, struct saved *saved, struct err *err)
{
	struct stat status;
	int length;

	if (lstat(path, &status))
		return errno == ENOENT ? 0 : err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return err_set(err, -EINVAL, "%s is no plain file", path);
	saved->text = malloc(PLAN_TEXT);
	if (!saved->text)
		return err_set(err, -ENOMEM, "out of memory");
	length = text_read_file(path, saved->text, PLAN_TEXT);
	if (length < 0)
		return err_set(err, length, "%s: %s", path, strerror(-length));
	saved->length = (size_t)length;
	saved->mode = status.st_mode & 07777;
	return 0;
}

static int write_text(int fd, const char *text, size_t length, mode_t mode)
{
	if (fchmod(fd, mode) || write(fd, text, length) != (ssize_t)length || fsync(fd))
		return errno ? -errno : -EIO;
	return 0;
}

static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* A new file under a hidden name that no back end's program reads, then its own. */
static int replace(const char *path, const char *text, size_t length, mode_t mode,
		   struct err *err)
{
	const char *name = strrchr(path, '/') + 1;
	char temporary[PATH_MAX];
	int fd, ret;

	if (snprintf(temporary, sizeof(temporary), "%.*s.%s.hv_kvp-XXXXXX", (int)(name - path),
		     path, name) >= (int)sizeof(temporary))
		return err_set(err, -ENAMETOOLONG, "%s: too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", temporary, strerror(errno));
	errno = 0;
	ret = write_text(fd, text, length, mode);
	close(fd);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret) {
		unlink(temporary);
		return err_set(err, ret, "%s: %s", path, strerror(-ret));
	}
	sync_folder(path);
	return 0;
}

static int restore(const char *path, const struct saved *saved, struct err *err)
{
	if (saved->text)
		return replace(path, saved->text, saved->length, saved->mode, err);
	if (unlink(path) && errno != ENOENT)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int write_files(const struct plan *plan, struct err *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < plan->file_count && !ret; i++) {
		const struct plan_file *file = &plan->files[i];

		if (file->text)
			ret = replace(file->path, file->text, strlen(file->text), file->mode, err);
	}
	return ret;
}

/* --- programs ------------------------------------------------------------------ */

static int run_command(const struct plan_command *command, struct err *err)
{
	char path[PATH_MAX];
	struct child child = { .path = path, .argv = command->words,
			       .limit_ms = transaction_limits.command };

	if (!strcmp(command->words[0], SCRIPT_WORD))
		return scripts_set(command->words[1], command->words[2], child.limit_ms, err);
	snprintf(path, sizeof(path), "%s", paths_at("%s", command->words[0]));
	return child_run(&child, err);
}

static int run_phase(const struct plan *plan, enum plan_phase phase, struct err *err)
{
	size_t i;

	for (i = 0; i < plan->command_count; i++) {
		const struct plan_command *command = &plan->commands[i];
		int ret = command->phase == phase ? run_command(command, err) : 0;

		if (ret && !command->may_fail)
			return ret;
	}
	return 0;
}

/* --- the whole ------------------------------------------------------------------ */

static int read_back(const struct ip_config *config, int64_t end, struct err *err)
{
	struct timespec step = { 0, READ_STEP_MS * 1000000L };
	struct network network;
	bool found;
	int ret;

	for (;;) {
		ret = network_read(&network);
		if (ret)
			return err_set(err, ret, "rtnetlink: %s", strerror(-ret));
		found = ip_config_matches(config, &network, err);
		network_free(&network);
		if (found)
			return 0;
		if (now_ms() >= end)
			return -ETIMEDOUT;
		nanosleep(&step, NULL);
	}
}

static int forward(const struct plan *plan, const struct ip_config *config, struct err *err)
{
	int64_t end = now_ms() + transaction_limits.read_back;
	int ret = run_phase(plan, PLAN_PREPARE, err);

	if (!ret)
		ret = write_files(plan, err);
	if (!ret)
		ret = run_phase(plan, PLAN_APPLY, err);
	if (!ret && !plan->is_trusted)
		ret = read_back(config, end, err);
	return ret;
}

/* All files are tried, whatever happens to one. */
static void roll_back(const struct plan *plan, const struct saved *saved, struct err *err)
{
	struct err why = { "" }, first = *err;
	bool failed = false;
	size_t i;

	run_phase(plan, PLAN_LEAVE, &why);
	for (i = 0; i < plan->file_count; i++)
		failed |= restore(plan->files[i].path, &saved[i], &why) < 0;
	failed |= run_phase(plan, PLAN_RESTORE, &why) < 0;
	if (failed)
		err_set(err, 0, "%.120s; and the old configuration is not back: %.100s",
			first.text, why.text);
}

int transaction_run(const struct plan *plan, const struct ip_config *config, struct err *err)
{
	struct saved saved[PLAN_FILES] = { 0 };
	size_t i;
	int ret = 0;

	for (i = 0; i < plan->file_count && !ret; i++)
		ret = save(plan->files[i].path, &saved[i], err);
	if (!ret) {
		ret = forward(plan, config, err);
		if (ret)
			roll_back(plan, saved, err);
	}
	for (i = 0; i < plan->file_count; i++)
		free(saved[i].text);
	return ret;
}
