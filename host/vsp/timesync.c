// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/timesync.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "host/machine/loop.h"
#include "host/vmbus/fault.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/ic.h"

/*
 * Fault point time.sync sits before every SYNC: without it, a guest that was
 * restored has samples to notice it by, and nothing else.
 */
#define INTERVAL_NS	5000000000ull
#define UNITS_PER_US	10

/* What fits 63 bits of nanoseconds since 1970. */
#define LATEST		(HVP_TIME_UNIX_EPOCH + INT64_MAX / 100)

struct timesync {
	struct ic_set *set;
	struct ic *ic;
	struct timesync_clock clock;
	struct loop_timer *timer;
	struct loop_timer *late_sync;	/* of time.sync delay */
	bool paused;
	struct timesync_state state;
};

static uint64_t machine_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return hvp_time_from_unix_ns((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

uint64_t timesync_now(const struct timesync *ts)
{
	return machine_now() + (uint64_t)ts->state.offset;
}

static int send_time(struct timesync *ts, u8 flags)
{
	struct hvp_time_sample sample = {
		.reference_time = ts->clock.reference_time
				  ? ts->clock.reference_time(ts->clock.opaque) : 0,
		.host_time = timesync_now(ts),
		.has_reference = true,
		.flags = flags,
	};
	u8 body[HVP_TIMESYNC_SIZE_MAX];
	u32 len = hvp_timesync_build(body, ic_message(ts->ic), &sample);
	int ret = ic_request(ts->ic, body, len);

	/* Answers that are missing must not stop the host; they show in the counts. */
	if (ret == -EBUSY) {
		ic_abandon(ts->ic);
		ret = ic_request(ts->ic, body, len);
	}
	ts->state.asked += !ret;
	return ret;
}

static void sync_now(void *opaque)
{
	struct timesync *ts = opaque;

	if (!send_time(ts, HVP_TIMESYNC_SYNC))
		ts->state.syncs++;
}

int timesync_sync(struct timesync *ts)
{
	struct fault_ctx ctx = { .device = "timesync" };
	struct fault_action action;

	if (ic_state(ts->ic) != IC_READY)
		return -ENOTCONN;
	action = fault_hit(vmbus_fault(ts->set->vmbus), FAULT_TIME_SYNC, &ctx);
	switch (action.kind) {
	case FAULT_DROP:
	case FAULT_NEVER:
		return 0;
	case FAULT_DELAY:
		loop_timer_arm(ts->late_sync, action.value * 1000000u);
		return 0;
	case FAULT_RESCIND:
		ic_set_enabled(ts->ic, false);
		break;
	default:
		break;
	}
	sync_now(ts);
	return 0;
}

int timesync_sample(struct timesync *ts, unsigned int count)
{
	int ret = 0;

	while (count-- && !ret) {
		ret = send_time(ts, HVP_TIMESYNC_SAMPLE);
		ts->state.samples += !ret;
	}
	return ret;
}

int timesync_jump(struct timesync *ts, int64_t us)
{
	int64_t offset, now;

	if (__builtin_mul_overflow(us, (int64_t)UNITS_PER_US, &offset) ||
	    __builtin_add_overflow(offset, ts->state.offset, &offset) ||
	    __builtin_add_overflow((int64_t)machine_now(), offset, &now) ||
	    now < (int64_t)HVP_TIME_UNIX_EPOCH || now > (int64_t)LATEST)
		return -ERANGE;
	ts->state.offset = offset;
	return 0;
}

static void interval_over(void *opaque)
{
	struct timesync *ts = opaque;

	loop_timer_arm(ts->timer, INTERVAL_NS);
	if (!ts->paused)
		timesync_sample(ts, 1);
}

static void ready(void *opaque)
{
	struct timesync *ts = opaque;

	loop_timer_arm(ts->timer, INTERVAL_NS);
	timesync_sync(ts);
}

static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	struct timesync *ts = opaque;

	(void)body;
	(void)len;
	if (status)
		ic_answer_wrong(ts->ic, "the time is answered with status", status);
	else
		ts->state.answered++;
}

static void closed(void *opaque)
{
	struct timesync *ts = opaque;

	loop_timer_cancel(ts->timer);
	loop_timer_cancel(ts->late_sync);
	/* Nobody waits for the answers any more, so they cannot be counted. */
	ts->state.asked = 0;
	ts->state.answered = 0;
}

static const struct ic_service service = {
	.name		= "timesync",
	.class_id	= HVP_CLASS_TIMESYNC,
	.instance_id	= HVP_GUID(0x2dd1ce17, 0x079e, 0x403c, 0xb3, 0x52, 0xa1, 0x92, 0x1e, 0xe2,
				   0x07, 0xee),
	.type		= HVP_IC_TIMESYNC,
	.depth		= TIMESYNC_BURST_MAX + 16,
	.ready		= ready,
	.answered	= answered,
	.closed		= closed,
};

int timesync_create(struct timesync **out, struct ic_set *set, const struct timesync_clock *clock,
		    struct err *err)
{
	struct timesync *ts = calloc(1, sizeof(*ts));
	int ret;

	if (!ts)
		return err_set(err, -ENOMEM, "out of memory");
	ts->set = set;
	ts->clock = *clock;
	ts->timer = loop_timer_create(vmbus_loop(set->vmbus), interval_over, ts);
	ts->late_sync = loop_timer_create(vmbus_loop(set->vmbus), sync_now, ts);
	ret = ts->timer && ts->late_sync ? ic_create(&ts->ic, set, &service, ts, err)
					 : err_set(err, -ENOMEM, "out of memory");
	if (ret) {
		timesync_destroy(ts);
		return ret;
	}
	*out = ts;
	return 0;
}

void timesync_destroy(struct timesync *ts)
{
	if (!ts)
		return;
	ic_destroy(ts->ic);
	loop_timer_destroy(ts->timer);
	loop_timer_destroy(ts->late_sync);
	free(ts);
}

void timesync_set_paused(struct timesync *ts, bool paused)
{
	ts->paused = paused;
}

const struct timesync_state *timesync_state(const struct timesync *ts)
{
	return &ts->state;
}

const struct ic *timesync_ic(const struct timesync *ts)
{
	return ts->ic;
}
