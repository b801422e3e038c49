/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_HEARTBEAT_H
#define HOST_VSP_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"

/* The heartbeat service: asks every two seconds whether the guest is there. */
struct heartbeat;
struct ic;
struct ic_set;

enum heartbeat_state {
	HEARTBEAT_NONE,		/* the guest does not run the service */
	HEARTBEAT_OK,
	HEARTBEAT_LOST,		/* three beats in a row without an answer */
};

int heartbeat_create(struct heartbeat **out, struct ic_set *set, struct err *err);
void heartbeat_destroy(struct heartbeat *hb);

/* While the guest is paused its silence means nothing. */
void heartbeat_set_paused(struct heartbeat *hb, bool paused);

struct heartbeat_info {
	enum heartbeat_state state;
	uint64_t asked;
	uint64_t answered;
	uint32_t application_state;	/* as the guest reports it; 0: unknown */
};

void heartbeat_info(const struct heartbeat *hb, struct heartbeat_info *info);
const char *heartbeat_state_name(enum heartbeat_state state);
const struct ic *heartbeat_ic(const struct heartbeat *hb);

#endif
