// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/heartbeat.h"
#include "protocol/shutdown.h"
#include "protocol/timesync.h"
#include "protocol/utf16.h"

#include "tests/fuzz/fuzz.h"

static void heartbeat(u8 *body, u32 len)
{
	enum hvp_heartbeat_state state;
	u64 sent;

	hvp_heartbeat_reply_check(body, len, 0, &state);
	if (len < sizeof(sent)) {
		require(hvp_heartbeat_reply(body, len, HVP_HEARTBEAT_HEALTHY) == -EBADMSG);
		return;
	}
	memcpy(&sent, body, sizeof(sent));
	require(hvp_heartbeat_reply(body, len, HVP_HEARTBEAT_HEALTHY) == 0);
	require(hvp_heartbeat_reply_check(body, len, sent, &state) == 0);
	require(state == (len >= 12 ? HVP_HEARTBEAT_HEALTHY : HVP_HEARTBEAT_UNKNOWN));
}

static void shutdown(const u8 *body, u32 len, struct hvp_ic_version version)
{
	static struct hvp_shutdown_request request, again;
	struct hvp_ic_shutdown built;
	int ret;

	memset(&request, 0, sizeof(request));
	memset(&again, 0, sizeof(again));
	if (hvp_shutdown_request_check(body, len, &request))
		return;
	require(hvp_utf8_length(request.text, sizeof(request.text)) >= 0);
	ret = hvp_shutdown_build(&built, version, &request);
	if (ret == -EOPNOTSUPP)
		return;
	require(ret == sizeof(built));
	require(hvp_shutdown_request_check(&built, sizeof(built), &again) == 0);
	require(memcmp(&request, &again, sizeof(request)) == 0);
}

static void timesync(const u8 *body, u32 len, struct hvp_ic_version version)
{
	struct hvp_time_sample sample, again;
	u8 built[HVP_TIMESYNC_SIZE_MAX];

	if (hvp_timesync_check(body, len, version, &sample))
		return;
	require(hvp_time_to_unix_ns(sample.host_time) <= 0x7fffffffffffffff);
	require(hvp_timesync_check(built, hvp_timesync_build(built, version, &sample), version,
				   &again) == 0);
	require(sample.host_time == again.host_time && sample.flags == again.flags);
	require(sample.reference_time == again.reference_time);
}

/* IC type, version (major, minor), body */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 type = input_u8(&in);
	u8 major = input_u8(&in);
	struct hvp_ic_version version = { major, input_u8(&in) };
	u32 len = in.left;
	u8 *body = input_block(&in, len);

	if (type == HVP_IC_HEARTBEAT)
		heartbeat(body, len);
	else if (type == HVP_IC_SHUTDOWN)
		shutdown(body, len, version);
	else
		timesync(body, len, version);
	free(body);
	return 0;
}
