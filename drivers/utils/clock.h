/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTILS_CLOCK_H
#define UTILS_CLOCK_H

#include "protocol/types.h"

/*
 * When is the guest's clock set to the host's time? Decided from values.
 *
 * Three clocks: the host's time of day, told now and then; the guest's time of
 * day, which may be set by anybody; the reference counter, 100 ns, which stands
 * still while the machine does and ties the first two together.
 *
 *                          the guest is behind             the guest is ahead
 *                    < 100 ms    < 1 s        more      < 100 ms    < 1 s    more
 *   SYNC             leave       step(1)      step      leave       step(1)  step(1)
 *   SAMPLE, < 5 s    leave       leave        leave     leave       leave    leave
 *   SAMPLE, >= 5 s               step(2)                            leave
 *
 * (1) Unless somebody disciplines the clock: who reads the PTP clock regularly
 *     does, and then slews. A gap of a second or more behind a pause is too much for that.
 * (2) Hosts that wake up do not always say SYNC. Not when somebody set the
 *     guest's clock since it was right last: that was on purpose. Unless the
 *     host's time itself has just jumped ahead.
 */
#define CLOCK_SMALL_NS		100000000ll
#define CLOCK_SLEW_NS		1000000000ll
#define CLOCK_IMPLICIT_NS	5000000000ll

#define CLOCK_DRIFT_PPM		500u		/* NTP slews a host by no more */
#define CLOCK_UNSURE_MAX	36000000000ull	/* an hour, 100 ns */

/* The host's time of day at a value of the reference counter. */
struct clock_told {
	u64 unix_ns;
	u64 reference;		/* 100 ns */
	u64 unsure;		/* 100 ns, CLOCK_UNSURE_MAX at most: between the two */
};

/* The guest's clocks, read together. */
struct clock_now {
	u64 real_ns;		/* time of day */
	u64 boot_ns;		/* since boot, counts on while suspended; never set */
	u64 reference;
};

struct clock_policy {
	bool sync;		/* the host says SYNC */
	bool implicit;		/* SAMPLE may set the clock */
	bool disciplined;	/* somebody else looks after the clock */
};

/* Between two messages of one session. */
struct clock_memory {
	bool known;
	u64 host_base;		/* the host's time minus the reference counter, ns */
	u64 guest_base;		/* the guest's time minus its time since boot, when last right */
};

/**
 * clock_age() - how long ago it was told, in 100 ns
 */
u64 clock_age(const struct clock_told *told, u64 reference);

/**
 * clock_host_now() - the host's time of day, ns since 1970
 * @reference:	the counter now
 */
u64 clock_host_now(const struct clock_told *told, u64 reference);

/**
 * clock_error_bound() - how far that may be off the host's clock by now, ns
 *
 * For a host whose clock is slewed since it was told. One that was set is
 * further off until the next message.
 */
u64 clock_error_bound(const struct clock_told *told, u64 reference);

/*
 * Whether somebody reads a clock regularly: at least every half a minute, for
 * two minutes by now. Somebody who just looks at it does not.
 */
struct clock_readers {
	u64 slot;		/* of time that saw the last read */
	u32 seen;		/* bit n: was it read in slot - n? */
};

/**
 * clock_was_read() - it is read now
 * @seconds:	monotonic
 */
void clock_was_read(struct clock_readers *readers, u64 seconds);
bool clock_is_read(const struct clock_readers *readers, u64 seconds);

/**
 * clock_judge() - what to do about a message
 * @memory:	updated
 * @offset_ns:	how far the guest is behind the host; negative: ahead
 *
 * Return: whether the clock is to be set to clock_host_now().
 */
bool clock_judge(struct clock_memory *memory, const struct clock_policy *policy,
		 const struct clock_told *told, const struct clock_now *now,
		 long long *offset_ns);

#endif
