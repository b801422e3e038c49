/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_VSS_FAKED_H
#define TESTS_DAEMONS_VSS_FAKED_H

#include <stdatomic.h>
#include <sys/types.h>

/*
 * The freeze calls of vss_faked, which is hv_vss but for them: a file named by
 * $VSS_FAKED that test and daemon map. A file system is known by the last
 * component of its mount point.
 */
#define FAKED_MAX	4
#define FAKED_SECOND_MS	150		/* so long is a second of its limits */

enum faked_step {
	FAKED_NEVER,
	FAKED_SYNC,
	FAKED_BEFORE_FREEZE,
	FAKED_AFTER_FREEZE,
	FAKED_BEFORE_THAW,
	FAKED_AFTER_THAW,
};

enum faked_victims {
	FAKED_FREEZER	= 1,
	FAKED_DAEMON	= 2,
};

struct faked {
	_Atomic int clock;		/* ticks with every freeze and thaw */
	_Atomic int freezer;		/* pid of who froze last */
	struct {
		char name[16];
		_Atomic int frozen;
		_Atomic int frozen_at, thawed_at;	/* of the clock; 0: never */
		int freeze_error;		/* positive errno to fail with */
		int thaw_errors;		/* how many thaws fail with EIO */
		int sync_ms, freeze_ms, thaw_ms;	/* how long the call takes */
		int kill_at;			/* enum faked_step */
		int victims;			/* whom, enum faked_victims */
	} fs[FAKED_MAX];
};

#endif
