// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/utils/health.h"

#define SECONDS_MAX	86400u
#define NS_PER_SECOND	1000000000ull

static const char *const names[HVP_HEARTBEAT_STATE_COUNT] = {
	[HVP_HEARTBEAT_UNKNOWN]		= "unknown",
	[HVP_HEARTBEAT_HEALTHY]		= "healthy",
	[HVP_HEARTBEAT_CRITICAL]	= "critical",
	[HVP_HEARTBEAT_STOPPED]		= "stopped",
};

static u32 text_length(const char *text)
{
	u32 len = 0;

	while (text[len])
		len++;
	return len;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Behind the word: nothing, or a number with nothing behind it. */
static int seconds_parse(const char *text, u32 *seconds)
{
	u32 value = 0;

	while (is_space(*text))
		text++;
	if (!*text) {
		*seconds = 0;
		return 0;
	}
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (u32)(*text - '0');
		if (value > SECONDS_MAX)
			return -EINVAL;
	}
	while (is_space(*text))
		text++;
	if (*text || !value)
		return -EINVAL;
	*seconds = value;
	return 0;
}

int util_health_parse(const char *text, u64 now_ns, struct util_health *health)
{
	u32 state, len, seconds;

	for (state = 0; state < HVP_HEARTBEAT_STATE_COUNT; state++) {
		len = text_length(names[state]);
		/* No name begins another. */
		if (text_length(text) >= len && !memcmp(text, names[state], len))
			break;
	}
	if (state == HVP_HEARTBEAT_STATE_COUNT)
		return -EINVAL;
	if (text[len] && !is_space(text[len]))
		return -EINVAL;
	if (seconds_parse(text + len, &seconds))
		return -EINVAL;

	health->state = state;
	health->until_ns = seconds ? now_ns + seconds * NS_PER_SECOND : 0;
	return 0;
}

enum hvp_heartbeat_state util_health_now(const struct util_health *health, u64 now_ns)
{
	if (health->until_ns && now_ns >= health->until_ns)
		return HVP_HEARTBEAT_CRITICAL;
	return health->state;
}

const char *util_health_name(enum hvp_heartbeat_state state)
{
	return names[state];
}
