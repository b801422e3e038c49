/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_LADDER_H
#define STORVSC_LADDER_H

#include "protocol/types.h"

/* What the watch sees. Times in milliseconds. */
struct stor_ladder_view {
	bool rescinded;
	bool failed;		/* the last reopen did not work */
	bool broken;		/* a channel cannot go on */
	bool asked;		/* somebody asks for a reopen */
	u32 outstanding;
	u64 oldest;		/* age of the oldest command */
	u64 silence;		/* since the host last answered while commands wait */
	bool reset_done;	/* a reset was answered ... */
	u64 reset_age;		/* ... this long ago */
	u64 failed_age;		/* since the last failed reopen */
	u32 reopens;		/* that followed each other within the bound `soon` */
	u64 reopened_age;	/* since the last of them */
};

/* Module parameters */
struct stor_ladder_bounds {
	u64 silence;
	u64 stuck;
	u64 grace;		/* for commands to come back after a reset */
	u64 retry;		/* between two attempts at a failed host */
	u64 pause;		/* between two reopens of a broken host */
	u64 soon;		/* after a reopen: broken again before that is "in a row" */
	u32 reopens;		/* with more in a row the host counts as failed */
};

enum stor_step {
	STOR_STEP_NONE,
	STOR_STEP_WARN,		/* half of a bound is over */
	STOR_STEP_RESET,
	STOR_STEP_REOPEN,
	STOR_STEP_FAIL,
	STOR_STEP_GONE,
};

/**
 * stor_ladder_step() - the next step
 */
enum stor_step stor_ladder_step(const struct stor_ladder_view *view,
				const struct stor_ladder_bounds *bounds);

#endif
