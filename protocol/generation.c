// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/generation.h"

/*
 * One row for each service: all its versions, and with which generation each
 * came (features.md 11.1). Those of Windows Server 2008 are older than all.
 */
#define VERSIONS_MAX	4

struct row {
	struct hvp_ic_version versions[VERSIONS_MAX];
	enum hvp_generation since[VERSIONS_MAX];
	u16 count;
};

#define OLDEST HVP_GENERATION_2008R2

static const struct row framework = {
	{ { 1, 0 }, { 3, 0 } }, { OLDEST, OLDEST }, 2
};

static const struct row messages[HVP_IC_TYPE_COUNT] = {
	[HVP_IC_HEARTBEAT] = {
		{ { 1, 0 }, { 3, 0 } }, { OLDEST, OLDEST }, 2
	},
	[HVP_IC_KVP] = {
		{ { 1, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 } },
		{ OLDEST, OLDEST, HVP_GENERATION_2012, HVP_GENERATION_2012R2 }, 4
	},
	[HVP_IC_SHUTDOWN] = {
		{ { 1, 0 }, { 3, 0 }, { 3, 1 }, { 3, 2 } },
		{ OLDEST, OLDEST, HVP_GENERATION_2019, HVP_GENERATION_2019 }, 4
	},
	[HVP_IC_TIMESYNC] = {
		{ { 1, 0 }, { 3, 0 }, { 4, 0 } }, { OLDEST, OLDEST, HVP_GENERATION_2016 }, 3
	},
	[HVP_IC_VSS] = {
		{ { 4, 0 }, { 5, 0 }, { 6, 0 }, { 7, 0 } },
		{ HVP_GENERATION_2012, HVP_GENERATION_2012R2, HVP_GENERATION_2016,
		  HVP_GENERATION_2016 }, 4
	},
	[HVP_IC_FCOPY] = {
		{ { 1, 1 } }, { HVP_GENERATION_2012R2 }, 1
	},
};

static const char *const names[] = {
	[HVP_GENERATION_2008R2]	= "2008r2",
	[HVP_GENERATION_2012]	= "2012",
	[HVP_GENERATION_2012R2]	= "2012r2",
	[HVP_GENERATION_2016]	= "2016",
	[HVP_GENERATION_2019]	= "2019",
	[HVP_GENERATION_2025]	= "2025",
};

static_assert(HVP_COUNT_OF(names) == HVP_GENERATION_COUNT, "every generation has its name");

/* Versions ascend with the generations, so what one has is the front of the row. */
static struct hvp_ic_version_list list_of(const struct row *row, enum hvp_generation generation)
{
	struct hvp_ic_version_list list = { .versions = row->versions };

	while (list.count < row->count && row->since[list.count] <= generation)
		list.count++;
	return list;
}

struct hvp_ic_version_list hvp_generation_framework(enum hvp_generation generation)
{
	return list_of(&framework, generation);
}

struct hvp_ic_version_list hvp_generation_messages(enum hvp_generation generation,
						   enum hvp_ic_type type)
{
	if ((u32)type >= HVP_COUNT_OF(messages))
		return (struct hvp_ic_version_list){ .count = 0 };
	return list_of(&messages[type], generation);
}

const char *hvp_generation_name(enum hvp_generation generation)
{
	return (u32)generation < HVP_COUNT_OF(names) ? names[generation] : NULL;
}

static bool same_text(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int hvp_generation_find(const char *name)
{
	u32 i;

	for (i = 0; i < HVP_COUNT_OF(names); i++)
		if (same_text(names[i], name))
			return i;
	return -ENOENT;
}
