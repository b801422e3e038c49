/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_GENERATION_H
#define HOST_VSP_GENERATION_H

#include "protocol/ic.h"

/*
 * Which Windows this host plays, as far as the integration services show it.
 * Independent of the VMBus version.
 */
enum host_generation {
	HOST_2008R2,
	HOST_2012,
	HOST_2012R2,
	HOST_2016,
	HOST_2019,
	HOST_2025,
	HOST_GENERATION_COUNT
};

#define HOST_GENERATION_DEFAULT	HOST_2019

/* From "2012r2", as --host-generation has it. Return: 0 or -EINVAL. */
int generation_parse(const char *text, enum host_generation *generation);
const char *generation_name(enum host_generation generation);

/* Framework versions, ascending as hosts list them. */
const struct hvp_ic_version *generation_frameworks(enum host_generation generation, u16 *count);

/**
 * generation_messages() - message versions of a service, ascending
 * @count:	0: this generation does not have the service
 */
const struct hvp_ic_version *generation_messages(enum host_generation generation,
						 enum hvp_ic_type type, u16 *count);

#endif
