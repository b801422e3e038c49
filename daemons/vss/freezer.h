/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_FREEZER_H
#define DAEMONS_VSS_FREEZER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemons/common/err.h"

/*
 * The process that freezes. freezer.c draws it; daemon and freezer share a page
 * that says what is frozen, and each thaws it when the other cannot.
 */

/* What the kernel is asked. Return: 0 or a negative errno. */
struct freezer_calls {
	int (*sync)(int fd);
	int (*freeze)(int fd);
	int (*thaw)(int fd);
};

extern const struct freezer_calls freezer_system;

enum freezer_part {
	FREEZER_RUNNING,
	FREEZER_FREEZING,	/* inside the call, maybe for long */
	FREEZER_FROZEN,
	FREEZER_THAWING,	/* by the process that made it so */
	FREEZER_UNSUPPORTED,
	FREEZER_THAWED,
};

enum freezer_end {
	FREEZER_NOT_ENDED,
	FREEZER_ON_REQUEST,	/* everything stayed frozen until freezer_thaw() */
	FREEZER_FAILED,		/* .failed could not be frozen */
	FREEZER_EARLY,		/* thawed at its limit, or after freezer_thaw() during the freeze */
	FREEZER_NO_RECORD,
};

struct freezer_shared {
	_Atomic int cancelled;		/* written by the daemon */
	/* the rest by the freezer, until it is dead */
	_Atomic int end;		/* enum freezer_end */
	_Atomic int was_thawed;		/* somebody else had thawed a file system */
	_Atomic int thaw_error;		/* negative errno: something is still frozen */
	size_t failed;			/* index of the part, with FREEZER_FAILED */
	int error;			/* negative errno of that */
	uint64_t frozen_ns;		/* from the first freeze to the last thaw */
	size_t count;
	struct {
		_Atomic int state;	/* enum freezer_part */
		int fd;
	} part[];
};

struct freezer_setup {
	const struct freezer_calls *calls;
	const int *fds;			/* in the order of the freeze; belong to the freezer on success */
	const dev_t *devs;
	size_t count;
	bool strict;			/* "cannot be frozen" is a failure */
	unsigned int limit_ms;		/* from the first freeze on, then it thaws by itself */
	const char *record;		/* path */
};

struct freezer {
	pid_t pid;			/* 0: none */
	int socket;			/* readable when freezer_event() has something */
	const struct freezer_calls *calls;
	struct freezer_shared *shared;
	size_t bytes;			/* of shared */
};

enum freezer_event {
	FREEZER_NOTHING,
	FREEZER_STARTS,		/* written back; the first freeze is next */
	FREEZER_HOLDS,		/* all are frozen */
	FREEZER_ENDED,		/* all are thawed, .shared->end says why; freezer_finish() */
	FREEZER_DIED,		/* freezer_rescue(), freezer_finish() */
};

/* Starts it; it begins at once. */
int freezer_start(struct freezer *freezer, const struct freezer_setup *setup, struct err *err);

/* Does not block. Neither this nor anything below allocates or opens anything. */
enum freezer_event freezer_event(struct freezer *freezer);

/* Asks for the thaw, whatever it is doing now. */
void freezer_thaw(struct freezer *freezer);

/**
 * freezer_rescue() - thaw in its place
 *
 * For a freezer that died, or does not do what freezer_thaw() asked for. What
 * a living freezer is inside a call for is left to it.
 *
 * Return: whether nothing is frozen any more
 */
bool freezer_rescue(struct freezer *freezer, bool is_dead);

/* The first part that is inside a call, or count. */
size_t freezer_stuck_at(const struct freezer *freezer);

/* After ENDED or DIED: collects the process and closes the descriptors. */
void freezer_finish(struct freezer *freezer);

#endif
