// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/vss/policy.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "daemons/common/conf.h"

#define SECONDS_MAX	600

enum kind { KIND_POINTS, KIND_TYPES, KIND_CHOICE, KIND_SECONDS };

struct row {
	const char *key;
	enum kind kind;
	size_t offset;
	const char *off, *on;		/* of a choice */
};

#define FIELD(name)	.offset = offsetof(struct policy, name)

static const struct row rows[] = {
	{ .key = "include", .kind = KIND_POINTS, FIELD(include) },
	{ .key = "exclude", .kind = KIND_POINTS, FIELD(exclude) },
	{ .key = "exclude-type", .kind = KIND_TYPES, FIELD(exclude_type) },
	{ .key = "unfreezable", .kind = KIND_CHOICE, FIELD(strict), .off = "skip", .on = "fail" },
	{ .key = "loop", .kind = KIND_CHOICE, FIELD(skip_loop), .off = "freeze", .on = "skip" },
	{ .key = "hook-failure", .kind = KIND_CHOICE, FIELD(ignore_hooks),
	  .off = "abort", .on = "ignore" },
	{ .key = "sync-seconds", .kind = KIND_SECONDS, FIELD(sync_s) },
	{ .key = "frozen-seconds", .kind = KIND_SECONDS, FIELD(frozen_s) },
	{ .key = "hook-seconds", .kind = KIND_SECONDS, FIELD(hook_s) },
	{ .key = "hooks-seconds", .kind = KIND_SECONDS, FIELD(hooks_s) },
};

void policy_init(struct policy *policy)
{
	*policy = (struct policy) {
		.sync_s = 120,
		.frozen_s = 60,
		.hook_s = 30,
		.hooks_s = 120,
	};
}

static int add_pattern(struct policy_patterns *patterns, const char *value, struct err *err)
{
	if (patterns->count == POLICY_PATTERNS_MAX)
		return err_set(err, -E2BIG, "more than %d of this key", POLICY_PATTERNS_MAX);
	patterns->pattern[patterns->count] = strdup(value);
	if (!patterns->pattern[patterns->count])
		return -ENOMEM;
	patterns->count++;
	return 0;
}

static int take_choice(const struct row *row, bool *choice, const char *value, struct err *err)
{
	if (strcmp(value, row->on) && strcmp(value, row->off))
		return err_set(err, -EINVAL, "%s is \"%s\" or \"%s\", not \"%.40s\"", row->key,
			       row->off, row->on, value);
	*choice = !strcmp(value, row->on);
	return 0;
}

static int take_seconds(unsigned int *seconds, const char *value, struct err *err)
{
	long long number = 0;
	int ret = conf_number(value, 1, SECONDS_MAX, &number, err);

	if (!ret)
		*seconds = (unsigned int)number;
	return ret;
}

static int take_setting(void *context, const char *key, const char *value, struct err *err)
{
	const struct row *row;

	for (row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++) {
		void *field = (char *)context + row->offset;

		if (strcmp(row->key, key))
			continue;
		switch (row->kind) {
		case KIND_POINTS:
			if (*value != '/')
				return err_set(err, -EINVAL,
					       "%s is a mount point or a pattern of them: it begins with '/'",
					       key);
			return add_pattern(field, value, err);
		case KIND_TYPES:
			return add_pattern(field, value, err);
		case KIND_CHOICE:
			return take_choice(row, field, value, err);
		case KIND_SECONDS:
			return take_seconds(field, value, err);
		}
	}
	return err_set(err, -EINVAL, "there is no setting \"%.60s\"", key);
}

static int finish(struct policy *policy, struct policy *made, int ret)
{
	if (ret)
		policy_free(made);
	else
		*policy = *made;
	return ret;
}

int policy_read(struct policy *policy, const char *path, struct err *err)
{
	struct policy made;
	int ret;

	policy_init(&made);
	ret = conf_read(path, take_setting, &made, err);
	return finish(policy, &made, ret == -ENOENT ? 0 : ret);
}

int policy_parse(struct policy *policy, const char *name, char *text, size_t length,
		 struct err *err)
{
	struct policy made;

	policy_init(&made);
	return finish(policy, &made, conf_parse(name, text, length, take_setting, &made, err));
}

static void free_patterns(struct policy_patterns *patterns)
{
	while (patterns->count)
		free(patterns->pattern[--patterns->count]);
}

void policy_free(struct policy *policy)
{
	free_patterns(&policy->include);
	free_patterns(&policy->exclude);
	free_patterns(&policy->exclude_type);
}

bool policy_matches(const struct policy_patterns *patterns, const char *text)
{
	size_t i;

	for (i = 0; i < patterns->count; i++) {
		if (!fnmatch(patterns->pattern[i], text, 0))
			return true;
	}
	return false;
}
