// SPDX-License-Identifier: GPL-2.0-only
/* Everything that hv_vss reads as text: mounts (and the plan made of them), settings, the record. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemons/vss/plan.h"
#include "daemons/vss/record.h"
#include "tests/fuzz/fuzz.h"

static u8 backing[8];	/* which mounts hold whose files */

static size_t below(void *context, const struct mount *mount, int *ids, size_t max)
{
	(void)context;
	if (!max || !(backing[mount->id & 7] & 1))
		return 0;
	ids[0] = backing[mount->id & 7] >> 1;
	return 1;
}

static void check_plan(const struct plan *plan)
{
	size_t i, j, frozen = 0;

	for (i = 0; i < plan->count; i++) {
		frozen += plan->fs[i].verdict == PLAN_FREEZE;
		for (j = 0; j < i; j++)
			require(plan->fs[i].dev != plan->fs[j].dev);
	}
	require(plan->frozen == frozen);
	for (i = 0; i < plan->frozen; i++) {
		require(plan->fs[plan->order[i]].verdict == PLAN_FREEZE);
		for (j = 0; j < i; j++)
			require(plan->order[i] != plan->order[j]);
	}
}

static void fuzz_mounts(const char *text)
{
	const struct plan_stack stack = { below, NULL };
	struct mount_table table;
	struct policy policy;
	struct plan plan;
	struct err err;

	if (mounts_parse(&table, strdup(text), &err))
		return;
	policy_init(&policy);
	policy.strict = backing[7] & 1;
	policy.skip_loop = backing[7] & 2;
	if (!plan_make(&plan, &table, &policy, &stack, &err)) {
		check_plan(&plan);
		plan_free(&plan);
	}
	mounts_free(&table);
}

static void fuzz_policy(char *text, size_t length)
{
	struct policy policy;
	struct err err = { "" };

	if (policy_parse(&policy, "x", text, length, &err)) {
		require(err.text[0]);
		return;
	}
	require(policy.frozen_s && policy.frozen_s <= 600 && policy.hook_s && policy.sync_s);
	policy_matches(&policy.exclude, "/x");
	policy_free(&policy);
}

static void fuzz_record(const char *text, size_t length)
{
	static struct record record;
	char path[32];
	int fd = memfd_create("record", MFD_CLOEXEC);

	require(write(fd, text, length) == (ssize_t)length);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!record_read(&record, path, NULL))
		require(record.count <= RECORD_MAX && record.freezer >= 0);
	close(fd);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 kind = input_u8(&in);
	size_t length;
	char *text;

	input_take(&in, backing, sizeof(backing));
	length = in.left;
	text = input_block(&in, length + 1);
	switch (kind % 3) {
	case 0:
		fuzz_mounts(text);
		break;
	case 1:
		fuzz_policy(text, length);
		break;
	case 2:
		fuzz_record(text, length);
		break;
	}
	free(text);
	return 0;
}
