/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_TIMESYNC_H
#define PROTOCOL_TIMESYNC_H

#include "protocol/ic.h"

/*
 * HVP_IC_TIMESYNC: the host tells the time, unasked; the guest sends each
 * message back. Times count 100 ns; the host's from 1601-01-01 UTC, the
 * reference counter's from the start of the machine.
 */
#define HVP_TIME_UNIX_EPOCH	116444736000000000ull	/* 1970-01-01 in host time */

#define HVP_TIMESYNC_SYNC	0x1	/* flags: set the clock (boot, restored, resumed) */
#define HVP_TIMESYNC_SAMPLE	0x2	/* a sample, every 5 s */

/* Message versions before 4.0. */
struct hvp_timesync_v1 {
	u64 host_time;
	u64 guest_time;		/* not used */
	u64 round_trip;		/* 100 ns */
	u8 flags;		/* HVP_TIMESYNC_* */
	u8 reserved[3];
} HVP_PACKED;
static_assert(sizeof(struct hvp_timesync_v1) == 28, "time sync before 4.0");

/* Message version 4.0. */
struct hvp_timesync_v4 {
	u64 host_time;
	u64 reference_time;	/* the guest's reference counter when host_time was read */
	u8 flags;		/* HVP_TIMESYNC_* */
	u8 leap;		/* NTP leap indicator: 0 none, 1 61 s, 2 59 s, 3 not in sync */
	u8 stratum;		/* NTP; 0: not said */
	u8 reserved[5];
} HVP_PACKED;
static_assert(sizeof(struct hvp_timesync_v4) == 24, "time sync 4.0");

#define HVP_TIMESYNC_SIZE_MAX	28u

struct hvp_time_sample {
	u64 host_time;
	u64 reference_time;	/* if has_reference */
	u64 round_trip;		/* 100 ns, below 4.0; else 0 */
	u8 flags;		/* HVP_TIMESYNC_*, unknown ones dropped */
	u8 leap;
	u8 stratum;
	bool has_reference;	/* 4.0 and later */
};

/**
 * hvp_timesync_check() - read a received message
 * @body:	private copy, any alignment
 * @len:	its bytes
 * @version:	agreed message version
 * @sample:	written only on success
 *
 * Return: 0, or -EBADMSG when it is short or host_time is before 1970 or too
 * late for 64 bits of nanoseconds.
 */
int hvp_timesync_check(const void *body, u32 len, struct hvp_ic_version version,
		       struct hvp_time_sample *sample);

/**
 * hvp_timesync_build() - write a message in the form of @version
 * @body:	HVP_TIMESYNC_SIZE_MAX bytes
 *
 * Return: bytes to send.
 */
u32 hvp_timesync_build(void *body, struct hvp_ic_version version,
		       const struct hvp_time_sample *sample);

/**
 * hvp_time_to_unix_ns() - nanoseconds since 1970
 * @host_time:	of a sample that was checked
 */
static inline u64 hvp_time_to_unix_ns(u64 host_time)
{
	return (host_time - HVP_TIME_UNIX_EPOCH) * 100;
}

/**
 * hvp_time_from_unix_ns() - host time of nanoseconds since 1970
 */
static inline u64 hvp_time_from_unix_ns(u64 ns)
{
	return ns / 100 + HVP_TIME_UNIX_EPOCH;
}

#endif
