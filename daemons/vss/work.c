// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/work.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "daemons/vss/plan.h"
#include "daemons/vss/record.h"
#include "daemons/vss/stack.h"
#include "daemons/vss/target.h"

struct log_limit work_trouble = LOG_LIMIT_HOST;

int work_read_policy(struct vss *vss, struct err *err)
{
	struct policy fresh;
	int ret = policy_read(&fresh, vss->policy_path, err);

	if (ret)
		return ret;
	policy_free(&vss->policy);
	vss->policy = fresh;
	return 0;
}

static void say_what_is_left_out(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		const struct plan_fs *fs = &plan->fs[i];
		bool is_notable = fs->verdict == PLAN_EXCLUDED || fs->verdict == PLAN_LOOP ||
				  fs->verdict == PLAN_UNFREEZABLE;

		if (is_notable)
			log_info("%s (%s) will not be frozen: it %s", fs->mount->point,
				 fs->mount->type, plan_verdict_text(fs->verdict));
	}
}

static int read_and_plan(struct vss *vss, struct mount_table *table, struct plan *plan,
			 struct err *err)
{
	struct stack stack = { .table = table };
	struct plan_stack below = { stack_below, &stack };
	int ret = mounts_read(table, vss->mountinfo, err);

	if (ret)
		return ret;
	ret = plan_make(plan, table, &vss->policy, &below, err);
	if (ret)
		mounts_free(table);
	return ret;
}

static int open_all(struct vss *vss, const struct mount_table *table, const struct plan *plan,
		    struct freezer_setup *setup, struct err *err)
{
	int *fds = calloc(plan->frozen + 1, sizeof(*fds));
	dev_t *devs = calloc(plan->frozen + 1, sizeof(*devs));
	size_t i;

	setup->fds = fds;
	setup->devs = devs;
	vss->points = calloc(plan->frozen + 1, sizeof(*vss->points));
	if (!fds || !devs || !vss->points)
		return err_set(err, -ENOMEM, "no memory for %zu file systems", plan->frozen);
	for (i = 0; i < plan->frozen; i++) {
		const struct plan_fs *fs = &plan->fs[plan->order[i]];
		const char *point = NULL;

		fds[i] = target_open(table, fs->dev, &point, err);
		if (fds[i] < 0)
			return fds[i];
		devs[i] = fs->dev;
		setup->count = i + 1;
		vss->points[i] = strdup(point);
		if (!vss->points[i])
			return err_set(err, -ENOMEM, "no memory for names");
		vss->count = i + 1;
		log_debug("%zu. %s (%s)", i + 1, point, fs->mount->type);
	}
	return 0;
}

int work_open(struct vss *vss, struct freezer_setup *setup, struct err *err)
{
	struct mount_table table;
	struct plan plan;
	int ret = read_and_plan(vss, &table, &plan, err);

	if (ret)
		return ret;
	ret = open_all(vss, &table, &plan, setup, err);
	if (!ret && !setup->count)
		log_notice("there is no file system to freeze");
	plan_free(&plan);
	mounts_free(&table);
	return ret;
}

void work_close(struct freezer_setup *setup, bool is_ours)
{
	size_t i;

	for (i = 0; is_ours && i < setup->count; i++)
		close(setup->fds[i]);
	free((void *)setup->fds);
	free((void *)setup->devs);
}

void work_forget(struct vss *vss)
{
	size_t i;

	for (i = 0; i < vss->count; i++)
		free(vss->points[i]);
	free(vss->points);
	vss->points = NULL;
	vss->count = 0;
}

void work_forget_record(struct vss *vss)
{
	record_remove(vss->record_path, vss->freezer.pid);
}

int work_check(struct vss *vss, struct err *err)
{
	struct mount_table table;
	struct plan plan;
	size_t i;
	int ret = work_read_policy(vss, err);

	if (!ret)
		ret = read_and_plan(vss, &table, &plan, err);
	if (ret)
		return ret;
	for (i = 0; !ret && i < plan.frozen; i++) {
		int fd = target_open(&table, plan.fs[plan.order[i]].dev, NULL, err);

		if (fd < 0)
			ret = fd;
		else
			close(fd);
	}
	if (!ret)
		say_what_is_left_out(&plan);
	plan_free(&plan);
	mounts_free(&table);
	return ret;
}

const char *work_point(const struct vss *vss, size_t part)
{
	return part < vss->count ? vss->points[part] : NULL;
}

void work_freeze_error(const struct vss *vss, size_t part, int error, struct err *err)
{
	const char *point = work_point(vss, part);

	err_set(err, error, "cannot freeze %.180s: %s", point ? point : "?",
		error == -EBUSY ? "it is frozen already, by another program" :
		error == -EOPNOTSUPP || error == -ENOTTY ?
			"its type has no freeze, and the policy is strict" : strerror(-error));
}

static void name_of_note(const struct vss *vss, const char *what, char *path, size_t size)
{
	snprintf(path, size, "%s.%s", vss->record_path, what);
}

static void note(const struct vss *vss, const char *what, bool is_on)
{
	char path[PATH_MAX];
	int fd;

	name_of_note(vss, what, path, sizeof(path));
	if (!is_on) {
		unlink(path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

static bool is_noted(const struct vss *vss, const char *what)
{
	char path[PATH_MAX];

	name_of_note(vss, what, path, sizeof(path));
	return !access(path, F_OK);
}

void work_note_hooks(const struct vss *vss, bool are_open)
{
	note(vss, "hooks", are_open);
}

bool work_hooks_are_open(const struct vss *vss)
{
	return is_noted(vss, "hooks");
}

void work_note_promise(const struct vss *vss, bool is_given)
{
	note(vss, "promise", is_given);
}

bool work_promise_is_given(const struct vss *vss)
{
	return is_noted(vss, "promise");
}

int work_hooks(struct vss *vss, const char *folder, const char *argument, struct err *err)
{
	char path[PATH_MAX];
	struct hooks_phase phase = {
		.folder = path,
		.argument = argument,
		.each_ms = vss->policy.hook_s * vss->second_ms,
		.all_ms = vss->policy.hooks_s * vss->second_ms,
		.stop_at_failure = vss->state == VSS_PREPARING && !vss->policy.ignore_hooks,
		.outlives_stop = vss->state == VSS_RESUMING,
	};
	int ret;

	snprintf(path, sizeof(path), "%s/%s", vss->hooks_folder, folder);
	ret = hooks_start(&vss->hooks, &phase, err);
	if (ret || vss->is_stopping)
		return ret;
	ret = sd_event_add_io(service_event(vss->service), &vss->io, vss->hooks.pipe, EPOLLIN,
			      work_on_hooks, vss);
	if (ret < 0) {
		hooks_finish(&vss->hooks);
		return err_set(err, ret, "hooks: %s", strerror(-ret));
	}
	return 0;
}
