// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PTP clock that cannot be set: what the host said last, carried on by the
 * reference counter. When the host has been silent for too long there is no
 * time (-ESTALE), because the two drift apart.
 *
 * There is one time sync service, so there is one clock.
 */
#include "drivers/utils/timesync.h"

#include "compat/hyperv.h"
#include "compat/reference.h"

#include <linux/module.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#define PER_SECOND	10000000ull	/* 100 ns */

static unsigned int ptp_max_age = 600;
module_param(ptp_max_age, uint, 0644);
MODULE_PARM_DESC(ptp_max_age, "The PTP clock has no time when the host said none for so long (s)");

static DEFINE_SPINLOCK(lock);
static struct clock_told last;		/* lock */
static bool known;			/* lock; last is valid */
static struct clock_readers readers;	/* lock */
static struct ptp_clock *clock;

static int told_get(struct clock_told *told)
{
	int err = -ESTALE;

	spin_lock(&lock);
	if (known) {
		*told = last;
		err = 0;
	}
	spin_unlock(&lock);
	return err;
}

static bool is_stale(const struct clock_told *told, u64 reference)
{
	return clock_age(told, reference) > READ_ONCE(ptp_max_age) * PER_SECOND;
}

static void note_reader(void)
{
	spin_lock(&lock);
	clock_was_read(&readers, ktime_get_seconds());
	spin_unlock(&lock);
}

static int gettimex64(struct ptp_clock_info *info, struct timespec64 *ts,
		      struct ptp_system_timestamp *sts)
{
	struct clock_told told;
	u64 reference;
	int err;

	note_reader();
	err = told_get(&told);
	if (err)
		return err;
	ptp_read_system_prets(sts);
	reference = compat_reference_counter();
	ptp_read_system_postts(sts);

	if (is_stale(&told, reference))
		return -ESTALE;
	*ts = ns_to_timespec64(clock_host_now(&told, reference));
	return 0;
}

/* The core does not ask whether these are there. */
static int settime64(struct ptp_clock_info *info, const struct timespec64 *ts)
{
	return -EOPNOTSUPP;
}

static int adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	return -EOPNOTSUPP;
}

static int adjtime(struct ptp_clock_info *info, s64 delta)
{
	return -EOPNOTSUPP;
}

static int enable(struct ptp_clock_info *info, struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

static struct ptp_clock_info info = {
	.owner		= THIS_MODULE,
	.name		= "hyperv",
	.gettimex64	= gettimex64,
	.settime64	= settime64,
	.adjfine	= adjfine,
	.adjtime	= adjtime,
	.enable		= enable,
};

int util_ptp_publish(void)
{
	clock = ptp_clock_register(&info, NULL);
	/* NULL: this kernel has no PTP clocks. */
	if (!IS_ERR_OR_NULL(clock))
		return 0;
	pr_warn("hv_utils: no PTP clock: %ld\n", PTR_ERR(clock));
	clock = NULL;
	return -ENODEV;
}

void util_ptp_withdraw(void)
{
	if (clock)
		ptp_clock_unregister(clock);
	clock = NULL;
}

void util_ptp_told(const struct clock_told *told)
{
	spin_lock(&lock);
	known = told;
	if (told)
		last = *told;
	spin_unlock(&lock);
}

int util_ptp_error_bound(u64 *ns)
{
	u64 reference = compat_reference_counter();
	struct clock_told told;
	int err;

	err = told_get(&told);
	if (err)
		return err;
	if (is_stale(&told, reference))
		return -ESTALE;
	*ns = clock_error_bound(&told, reference);
	return 0;
}

bool util_ptp_is_read(void)
{
	bool regularly;

	spin_lock(&lock);
	regularly = clock_is_read(&readers, ktime_get_seconds());
	spin_unlock(&lock);
	return regularly;
}
