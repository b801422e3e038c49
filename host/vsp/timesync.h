/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_TIMESYNC_H
#define HOST_VSP_TIMESYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"
#include "protocol/timesync.h"

/*
 * The time service: tells the guest what time it is. A SYNC (set your clock)
 * when the service is agreed, which is at boot and after a restore; a SAMPLE
 * every five seconds. Loop thread only.
 */
struct ic;
struct ic_set;
struct timesync;

#define TIMESYNC_BURST_MAX	100u

/* Where time comes from. */
struct timesync_clock {
	/* The guest's reference counter, in 100 ns; NULL: 0 is told. */
	uint64_t (*reference_time)(void *opaque);
	void *opaque;
};

/* Plain data, for save and restore. */
struct timesync_state {
	int64_t offset;		/* of the host's clock from that of this machine, in 100 ns */
	uint64_t syncs;		/* sent */
	uint64_t samples;	/* sent */
	uint64_t asked;		/* SYNCs and SAMPLEs since versions were agreed, */
	uint64_t answered;	/* and those of them that the guest took */
};

/* @clock: copied */
int timesync_create(struct timesync **out, struct ic_set *set, const struct timesync_clock *clock,
		    struct err *err);
void timesync_destroy(struct timesync *ts);

/* No samples while the guest is paused. */
void timesync_set_paused(struct timesync *ts, bool paused);

/**
 * timesync_sync() - send a SYNC now
 * timesync_sample() - send @count samples at once
 *
 * Return: 0; -ENOTCONN when the guest does not run the service.
 */
int timesync_sync(struct timesync *ts);
int timesync_sample(struct timesync *ts, unsigned int count);

/**
 * timesync_jump() - move the host's clock; what is sent from now on shows it
 * @us:		microseconds, either direction; adds up
 *
 * Return: 0, or -ERANGE when the clock would leave what messages can say
 * (1970 to 2262): then it stays.
 */
int timesync_jump(struct timesync *ts, int64_t us);

/* The host's clock: 100 ns since 1601. */
uint64_t timesync_now(const struct timesync *ts);

const struct timesync_state *timesync_state(const struct timesync *ts);
const struct ic *timesync_ic(const struct timesync *ts);

#endif
