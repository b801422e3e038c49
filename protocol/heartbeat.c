// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/heartbeat.h"

/* Hosts have told and asked for less than the whole struct. */
#define SEQUENCE_END	sizeof(u64)
#define STATE_END	offsetof(struct hvp_ic_heartbeat, reserved)

int hvp_heartbeat_reply(void *body, u32 len, enum hvp_heartbeat_state state)
{
	struct hvp_ic_heartbeat *beat = body;

	if (len < SEQUENCE_END)
		return -EBADMSG;
	beat->sequence++;
	if (len >= STATE_END)
		beat->application_state = state;
	return 0;
}

int hvp_heartbeat_reply_check(const void *body, u32 len, u64 sent,
			      enum hvp_heartbeat_state *state)
{
	const struct hvp_ic_heartbeat *beat = body;

	if (len < SEQUENCE_END || beat->sequence != sent + 1)
		return -EBADMSG;
	*state = HVP_HEARTBEAT_UNKNOWN;
	if (len >= STATE_END && beat->application_state < HVP_HEARTBEAT_STATE_COUNT)
		*state = (enum hvp_heartbeat_state)beat->application_state;
	return 0;
}
