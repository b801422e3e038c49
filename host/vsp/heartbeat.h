/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_HEARTBEAT_H
#define HOST_VSP_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"
#include "protocol/heartbeat.h"

/* The heartbeat service: asks every two seconds whether the guest is there. */
struct heartbeat;
struct ic;
struct ic_set;

#define HEARTBEAT_BURST_MAX	100u

enum heartbeat_pulse {
	HEARTBEAT_NONE,		/* the guest does not run the service */
	HEARTBEAT_OK,
	HEARTBEAT_LOST,		/* three beats in a row without an answer, or the guest is paused */
	HEARTBEAT_PULSE_COUNT
};

/* Plain data, for save and restore. The counts are of this opening of the channel. */
struct heartbeat_state {
	uint64_t sequence;	/* of the last beat */
	uint64_t sent[256];	/* sequence numbers, by the transactions they went out as */
	uint64_t asked;
	uint64_t answered;
	uint64_t wrong;		/* answers with another number than their beat's, or a status */
	uint32_t pulse;		/* enum heartbeat_pulse */
	uint32_t application;	/* enum hvp_heartbeat_state */
	uint32_t missed;	/* intervals in a row without an answer */
};

int heartbeat_create(struct heartbeat **out, struct ic_set *set, struct err *err);
void heartbeat_destroy(struct heartbeat *hb);

/* A paused guest is not asked, and has no pulse. */
void heartbeat_set_paused(struct heartbeat *hb, bool paused);

/**
 * heartbeat_burst() - ask @count times at once, besides the regular beats
 *
 * Return: 0; -ENOTCONN when the guest does not run the service; -EBUSY when
 * too many answers are outstanding: then fewer were asked.
 */
int heartbeat_burst(struct heartbeat *hb, unsigned int count);

const struct heartbeat_state *heartbeat_state(const struct heartbeat *hb);
const char *heartbeat_pulse_name(enum heartbeat_pulse pulse);
const char *heartbeat_application_name(enum hvp_heartbeat_state state);
const struct ic *heartbeat_ic(const struct heartbeat *hb);

#endif
