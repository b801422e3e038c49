// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/generation.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/*
 * Lists ascend, and a newer host has what older ones had: a row is a list and
 * how much of its front each generation knows.
 */
struct row {
	enum hvp_ic_type type;
	struct hvp_ic_version versions[4];
	u16 first[HOST_GENERATION_COUNT];	/* how many, by generation */
};

static const struct row rows[] = {
	{ HVP_IC_NEGOTIATE, { { 1, 0 }, { 3, 0 } }, { 2, 2, 2, 2, 2, 2 } },	/* framework */
	{ HVP_IC_HEARTBEAT, { { 1, 0 }, { 3, 0 } }, { 2, 2, 2, 2, 2, 2 } },
	{ HVP_IC_KVP, { { 1, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 } }, { 2, 3, 4, 4, 4, 4 } },
	{ HVP_IC_SHUTDOWN, { { 1, 0 }, { 3, 0 }, { 3, 1 }, { 3, 2 } }, { 2, 2, 2, 2, 4, 4 } },
	{ HVP_IC_TIMESYNC, { { 1, 0 }, { 3, 0 }, { 4, 0 } }, { 2, 2, 2, 3, 3, 3 } },
	{ HVP_IC_VSS, { { 4, 0 }, { 5, 0 }, { 6, 0 }, { 7, 0 } }, { 0, 1, 2, 4, 4, 4 } },
	{ HVP_IC_FCOPY, { { 1, 1 } }, { 0, 0, 1, 1, 1, 1 } },
};

static const char *const names[] = {
	[HOST_2008R2]	= "2008r2",
	[HOST_2012]	= "2012",
	[HOST_2012R2]	= "2012r2",
	[HOST_2016]	= "2016",
	[HOST_2019]	= "2019",
	[HOST_2025]	= "2025",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == HOST_GENERATION_COUNT, "each has its name");

int generation_parse(const char *text, enum host_generation *generation)
{
	unsigned int i;

	for (i = 0; i < HOST_GENERATION_COUNT; i++) {
		if (strcmp(names[i], text))
			continue;
		*generation = i;
		return 0;
	}
	return -EINVAL;
}

const char *generation_name(enum host_generation generation)
{
	return names[generation];
}

const struct hvp_ic_version *generation_messages(enum host_generation generation,
						 enum hvp_ic_type type, u16 *count)
{
	size_t i;

	*count = 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type != type)
			continue;
		*count = rows[i].first[generation];
		return rows[i].versions;
	}
	return NULL;
}

const struct hvp_ic_version *generation_frameworks(enum host_generation generation, u16 *count)
{
	return generation_messages(generation, HVP_IC_NEGOTIATE, count);
}
