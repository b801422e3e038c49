// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time synchronization: the host tells the time, SYNC when it wants the clock
 * set (boot, resume), SAMPLE every few seconds. Of several messages that waited
 * the newest counts, and a SYNC among them is not lost.
 *
 * The clock is set when clock.h says so, and slewed by nobody here: that is for
 * who reads the PTP clock. Below 4.0 a message does not say at what reference
 * time it was true; then that is when the channel was signalled.
 */
#include "drivers/utils/utils.h"

#include "compat/reference.h"
#include "drivers/utils/timesync.h"
#include "protocol/timesync.h"

#include <linux/moduleparam.h>
#include <linux/timekeeping.h>

#define NS_PER_MS	1000000

static bool timesync_implicit = true;
module_param(timesync_implicit, bool, 0644);
MODULE_PARM_DESC(timesync_implicit, "If set treat SAMPLE as SYNC when clock is behind");

struct timesync {
	struct util util;
	/* util.lock */
	struct clock_told told;		/* newest of this round */
	bool any, sync;			/* in this round: something was told; with SYNC */
	struct clock_memory memory;
	long long offset_ns;		/* at the last message: the guest is behind */
	u64 sets;			/* of the clock */
	u64 future;			/* messages with a reference time that is to come */
};

static struct timesync *to_timesync(struct util *util)
{
	return container_of(util, struct timesync, util);
}

static void received(struct util *util, struct util_message *message)
{
	struct timesync *timesync = to_timesync(util);
	struct hvp_time_sample sample;
	u64 reference;
	int err;

	err = hvp_timesync_check(message->body, message->body_len, util->agreed.message, &sample);
	util_answer(util, message, err ? HVP_HR_FAIL : HVP_HR_OK);
	if (err) {
		util->counters.malformed++;
		return;
	}
	if (!(sample.flags & (HVP_TIMESYNC_SYNC | HVP_TIMESYNC_SAMPLE)))
		return;

	timesync->told.unix_ns = hvp_time_to_unix_ns(sample.host_time);
	timesync->told.reference = sample.has_reference ? sample.reference_time :
							  READ_ONCE(util->signalled);
	/* Of a message below 4.0 it is not known when on its way it was true. */
	timesync->told.unsure = min_t(u64, sample.round_trip, CLOCK_UNSURE_MAX);
	reference = compat_reference_counter();
	if (timesync->told.reference > reference) {
		timesync->told.reference = reference;
		timesync->future++;
	}
	timesync->any = true;
	timesync->sync |= sample.flags & HVP_TIMESYNC_SYNC;
}

static void clock_read(struct clock_now *now)
{
	now->reference = compat_reference_counter();
	now->real_ns = ktime_get_real_ns();
	now->boot_ns = ktime_get_boottime_ns();
}

static void set_clock(struct timesync *timesync, bool sync)
{
	struct timespec64 ts;
	int err;

	ts = ns_to_timespec64(clock_host_now(&timesync->told, compat_reference_counter()));
	err = do_settimeofday64(&ts);
	if (err) {
		pr_warn_ratelimited("hv_utils: the host's time cannot be set: %d\n", err);
		timesync->memory.known = false;
		return;
	}
	timesync->sets++;
	pr_info_ratelimited("hv_utils: clock set %lld ms %s to %lld.%03ld, %s of the host\n",
			    abs(timesync->offset_ns) / NS_PER_MS,
			    timesync->offset_ns < 0 ? "back" : "forward", (s64)ts.tv_sec,
			    ts.tv_nsec / NS_PER_MS, sync ? "SYNC" : "SAMPLE");
}

static void drained(struct util *util)
{
	struct timesync *timesync = to_timesync(util);
	struct clock_policy policy = {
		.sync = timesync->sync,
		.implicit = READ_ONCE(timesync_implicit),
		.disciplined = util_ptp_is_read(),
	};
	struct clock_now now;

	if (!timesync->any)
		return;
	timesync->any = false;
	timesync->sync = false;

	util_ptp_told(&timesync->told);
	clock_read(&now);
	if (clock_judge(&timesync->memory, &policy, &timesync->told, &now, &timesync->offset_ns))
		set_clock(timesync, policy.sync);
}

/* The host, or the reference counter, may be another one now. */
static void reset(struct util *util)
{
	struct timesync *timesync = to_timesync(util);

	timesync->memory.known = false;
	timesync->any = false;
	timesync->sync = false;
	util_ptp_told(NULL);
}

static int init(struct util *util)
{
	return compat_has_reference_counter() ? 0 : -ENODEV;
}

static int publish(struct util *util)
{
	/* The service is of use without, too. */
	util_ptp_publish();
	return 0;
}

static void withdraw(struct util *util)
{
	util_ptp_withdraw();
	util_ptp_told(NULL);
}

/* ---- sysfs ---- */

static ssize_t offset_ns_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%lld\n", READ_ONCE(to_timesync(util_of(dev))->offset_ns));
}
DEVICE_ATTR_RO(offset_ns);

static ssize_t clock_sets_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%llu\n", READ_ONCE(to_timesync(util_of(dev))->sets));
}
DEVICE_ATTR_RO(clock_sets);

static ssize_t error_bound_ns_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u64 ns;
	int err;

	err = util_ptp_error_bound(&ns);
	return err ? err : sprintf(buf, "%llu\n", ns);
}
DEVICE_ATTR_RO(error_bound_ns);

static const struct hvp_ic_version versions[] = { { 4, 0 }, { 3, 0 }, { 1, 0 } };

const struct util_type util_timesync = {
	.name		= "timesync",
	.label		= "TimeSync",
	.type		= HVP_IC_TIMESYNC,
	.versions	= { versions, ARRAY_SIZE(versions) },
	.size		= sizeof(struct timesync),
	.init		= init,
	.publish	= publish,
	.withdraw	= withdraw,
	.reset		= reset,
	.received	= received,
	.drained	= drained,
	.suspend	= reset,
};
