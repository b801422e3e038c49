/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_GENERATION_H
#define PROTOCOL_GENERATION_H

#include "protocol/ic.h"

/*
 * Which versions of the integration services a Windows Server generation
 * offers: what it brought, and what its predecessors had. A guest that knows
 * only an older version still finds it on a newer host.
 */
enum hvp_generation {
	HVP_GENERATION_2008R2,
	HVP_GENERATION_2012,
	HVP_GENERATION_2012R2,
	HVP_GENERATION_2016,
	HVP_GENERATION_2019,
	HVP_GENERATION_2025,
	HVP_GENERATION_COUNT
};

/* Ascending, as hosts list them. */
struct hvp_ic_version_list {
	const struct hvp_ic_version *versions;
	u16 count;			/* 0: the generation has no such service */
};

/**
 * hvp_generation_framework() - framework versions, the same for all services
 */
struct hvp_ic_version_list hvp_generation_framework(enum hvp_generation generation);

/**
 * hvp_generation_messages() - message versions of a service
 * @type:	HVP_IC_HEARTBEAT and so on; others have none
 */
struct hvp_ic_version_list hvp_generation_messages(enum hvp_generation generation,
						   enum hvp_ic_type type);

/**
 * hvp_generation_name() - "2008r2" and so on, or NULL past the last
 */
const char *hvp_generation_name(enum hvp_generation generation);

/**
 * hvp_generation_find() - the generation of a name
 * Return: enum hvp_generation, or -ENOENT.
 */
int hvp_generation_find(const char *name);

#endif
