// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/fcopy/policy.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "daemons/common/conf.h"
#include "daemons/fcopy/names.h"

static const char * const default_roots[] = { "/home", "/srv", "/tmp", "/var/tmp" };

#define SECONDS_MAX	3600

static int add_root(struct policy *policy, const char *value, struct err *err)
{
	char *root;
	int ret;

	if (policy->roots == POLICY_ROOTS_MAX)
		return err_set(err, -E2BIG, "more than %d roots", POLICY_ROOTS_MAX);
	root = malloc(strlen(value) + 1);
	if (!root)
		return -ENOMEM;
	ret = names_clean_path(value, root, strlen(value) + 1, err);
	if (ret) {
		free(root);
		return ret;
	}
	policy->root[policy->roots++] = root;
	return 0;
}

static int take_id(const char *name, bool is_group, unsigned int *id, struct err *err)
{
	const struct passwd *user = is_group ? NULL : getpwnam(name);
	const struct group *group = is_group ? getgrnam(name) : NULL;
	long long number = 0;

	if (user || group) {
		*id = user ? user->pw_uid : group->gr_gid;
		return 0;
	}
	if (conf_number(name, 0, UINT32_MAX - 1, &number, NULL))
		return err_set(err, -EINVAL, "there is no %s \"%.40s\"",
			       is_group ? "group" : "user", name);
	*id = (unsigned int)number;
	return 0;
}

/* "folder", USER or USER:GROUP */
static int take_owner(struct policy *policy, const char *value, struct err *err)
{
	char user[64];
	const char *colon = strchr(value, ':');
	size_t length = colon ? (size_t)(colon - value) : strlen(value);
	const struct passwd *entry;
	int ret;

	policy->owner = strcmp(value, "folder") ? POLICY_OWNER_FIXED : POLICY_OWNER_FOLDER;
	if (policy->owner == POLICY_OWNER_FOLDER)
		return 0;
	if (!length || length >= sizeof(user))
		return err_set(err, -EINVAL, "owner is \"folder\", USER or USER:GROUP");
	memcpy(user, value, length);
	user[length] = '\0';
	ret = take_id(user, false, &policy->uid, err);
	if (ret)
		return ret;
	if (colon)
		return take_id(colon + 1, true, &policy->gid, err);
	entry = getpwuid(policy->uid);
	if (!entry)
		return err_set(err, -EINVAL, "user %s has no group of its own: name one, too", user);
	policy->gid = entry->pw_gid;
	return 0;
}

static int take_mode(mode_t *mode, const char *value, mode_t allowed, struct err *err)
{
	char *end;
	unsigned long number = strtoul(value, &end, 8);

	if (*value < '0' || *value > '7' || *end || (number & ~(unsigned long)allowed))
		return err_set(err, -EINVAL, "\"%.40s\" is not an octal mode within %04o", value,
			       allowed);
	*mode = (mode_t)number;
	return 0;
}

/* A number of bytes, with K, M, G or T for powers of 1024. */
static int take_bytes(uint64_t *bytes, const char *value, struct err *err)
{
	static const char units[] = "KMGT";
	char *end;
	unsigned long long number;
	const char *unit;

	errno = 0;
	number = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || errno)
		goto bad;
	if (*end) {
		unit = strchr(units, *end);
		if (!unit || end[1] || number >= 1ull << (63 - 10 * (unit - units + 1)))
			goto bad;
		number <<= 10 * (unit - units + 1);
	}
	*bytes = number;
	return 0;
bad:
	return err_set(err, -EINVAL, "\"%.40s\" is not a size like 4096, 16M or 2G", value);
}

static int take_denied(bool *denied, const char *value, struct err *err)
{
	if (strcmp(value, "allow") && strcmp(value, "deny"))
		return err_set(err, -EINVAL, "it is \"allow\" or \"deny\", not \"%.40s\"", value);
	*denied = !strcmp(value, "deny");
	return 0;
}

static int take_setting(void *context, const char *key, const char *value, struct err *err)
{
	struct policy *policy = context;
	long long number = 0;
	int ret;

	if (!strcmp(key, "root"))
		return add_root(policy, value, err);
	if (!strcmp(key, "owner"))
		return take_owner(policy, value, err);
	/* No set-uid files from outside, and no set-gid folders: the unit may not make them. */
	if (!strcmp(key, "mode"))
		return take_mode(&policy->mode, value, 0777, err);
	if (!strcmp(key, "folder-mode"))
		return take_mode(&policy->folder_mode, value, 01777, err);
	if (!strcmp(key, "max-size"))
		return take_bytes(&policy->max_bytes, value, err);
	if (!strcmp(key, "reserve"))
		return take_bytes(&policy->reserve_bytes, value, err);
	if (!strcmp(key, "overwrite"))
		return take_denied(&policy->deny_overwrite, value, err);
	if (!strcmp(key, "create-path"))
		return take_denied(&policy->deny_create_path, value, err);
	if (strcmp(key, "idle-seconds"))
		return err_set(err, -EINVAL, "there is no setting \"%.60s\"", key);
	ret = conf_number(value, 1, SECONDS_MAX, &number, err);
	if (!ret)
		policy->idle_s = (unsigned int)number;
	return ret;
}

static void set_defaults(struct policy *policy)
{
	*policy = (struct policy) {
		.mode = 0600,
		.folder_mode = 0755,
		.max_bytes = INT64_MAX,
		.idle_s = 120,
	};
}

static int add_default_roots(struct policy *policy)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < sizeof(default_roots) / sizeof(default_roots[0]); i++)
		ret = add_root(policy, default_roots[i], NULL);
	return ret;
}

static int finish(struct policy *policy, struct policy *made, int ret)
{
	if (!ret && !made->roots)
		ret = add_default_roots(made);
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

	set_defaults(&made);
	ret = conf_read(path, take_setting, &made, err);
	return finish(policy, &made, ret == -ENOENT ? 0 : ret);
}

int policy_parse(struct policy *policy, const char *name, char *text, size_t length,
		 struct err *err)
{
	struct policy made;

	set_defaults(&made);
	return finish(policy, &made, conf_parse(name, text, length, take_setting, &made, err));
}

void policy_free(struct policy *policy)
{
	while (policy->roots)
		free(policy->root[--policy->roots]);
}
