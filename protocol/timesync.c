// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/timesync.h"

#define KNOWN_FLAGS	(HVP_TIMESYNC_SYNC | HVP_TIMESYNC_SAMPLE)

/* Older hosts and guests have less, or nothing, behind the last field that means something. */
#define V1_SIZE_MIN	offsetof(struct hvp_timesync_v1, reserved)
#define V4_SIZE_MIN	offsetof(struct hvp_timesync_v4, reserved)

/* The kernel counts nanoseconds since 1970 in 63 bits. */
#define HOST_TIME_MAX	(HVP_TIME_UNIX_EPOCH + 0x7fffffffffffffffull / 100)

static bool is_v4(struct hvp_ic_version version)
{
	return version.major >= 4;
}

static int read_v1(const struct hvp_timesync_v1 *msg, u32 len, struct hvp_time_sample *sample)
{
	if (len < V1_SIZE_MIN)
		return -EBADMSG;
	*sample = (struct hvp_time_sample){
		.host_time = msg->host_time,
		.round_trip = msg->round_trip,
		.flags = msg->flags & KNOWN_FLAGS,
	};
	return 0;
}

static int read_v4(const struct hvp_timesync_v4 *msg, u32 len, struct hvp_time_sample *sample)
{
	if (len < V4_SIZE_MIN)
		return -EBADMSG;
	*sample = (struct hvp_time_sample){
		.host_time = msg->host_time,
		.reference_time = msg->reference_time,
		.has_reference = true,
		.flags = msg->flags & KNOWN_FLAGS,
		.leap = msg->leap,
		.stratum = msg->stratum,
	};
	return 0;
}

int hvp_timesync_check(const void *body, u32 len, struct hvp_ic_version version,
		       struct hvp_time_sample *sample)
{
	struct hvp_time_sample read;
	int ret = is_v4(version) ? read_v4(body, len, &read) : read_v1(body, len, &read);

	if (ret)
		return ret;
	if (read.host_time < HVP_TIME_UNIX_EPOCH || read.host_time > HOST_TIME_MAX)
		return -EBADMSG;
	*sample = read;
	return 0;
}

u32 hvp_timesync_build(void *body, struct hvp_ic_version version,
		       const struct hvp_time_sample *sample)
{
	struct hvp_timesync_v4 v4 = {
		.host_time = sample->host_time,
		.reference_time = sample->reference_time,
		.flags = sample->flags,
		.leap = sample->leap,
		.stratum = sample->stratum,
	};
	struct hvp_timesync_v1 v1 = {
		.host_time = sample->host_time,
		.round_trip = sample->round_trip,
		.flags = sample->flags,
	};

	if (is_v4(version)) {
		memcpy(body, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(body, &v1, sizeof(v1));
	return sizeof(v1);
}
