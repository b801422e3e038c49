/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_FCOPY_COPY_H
#define DAEMONS_FCOPY_COPY_H

#include <linux/hyperv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemons/fcopy/place.h"
#include "daemons/fcopy/policy.h"

/* One file on its way in; copy.c draws its states. */

enum copy_state { COPY_IDLE, COPY_RECEIVING };

struct copy {
	const struct policy *policy;
	const char *leftover;		/* path of the note; leftover.h */
	/* Whether nobody waits for the present message any more. Optional: somebody does. */
	bool (*is_given_up)(void);
	/* private */
	enum copy_state state;
	struct place place;
	char name[NAMES_FIELD_BYTES];
	bool overwrite;
	int folder, file;
	uint64_t size, received;	/* bytes */
	uint64_t unsynced;		/* bytes since the last write-back */
};

/**
 * copy_message() - do what a message of the driver asks for
 * @message:	of @length bytes, any content
 * @err:	why it was refused
 *
 * Whatever is refused also ends the copy that was going on, without a trace.
 *
 * Return: 0, 1 when a file has arrived (@err names it), or a negative errno
 */
int copy_message(struct copy *copy, const void *message, size_t length, struct err *err);

/* Gives up: removes what is there so far. */
void copy_abort(struct copy *copy);

/* What the host is told. */
uint32_t copy_status(int ret);

#endif
