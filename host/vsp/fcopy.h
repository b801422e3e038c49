/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_FCOPY_H
#define HOST_VSP_FCOPY_H

#include <stdbool.h>

#include "host/err.h"
#include "host/vsp/ic_ask.h"
#include "protocol/fcopy.h"

/*
 * The file copy service (on Windows: guest service interface): one file at a
 * time from the host into the guest. Loop thread only.
 */
struct fcopy;
struct ic;
struct ic_set;

#define FCOPY_TIMEOUT_MS	60000u	/* guests give their daemon 30 s */

enum fcopy_phase {
	FCOPY_IDLE,
	FCOPY_STARTING,
	FCOPY_WRITING,
	FCOPY_COMPLETING,
	FCOPY_CANCELLING,
	FCOPY_PHASE_COUNT
};

/* Plain data, for save and restore. */
struct fcopy_state {
	u32 phase;		/* enum fcopy_phase */
	u64 size;		/* of the file that is or was copied, in bytes */
	u64 copied;		/* what the guest has acknowledged of it */
	u64 copies;		/* that succeeded */
	u64 copies_failed;
	u64 copies_cancelled;
	u64 asked;
	u64 answered;
	u64 refused;		/* the guest's status was no success */
	u64 lost;		/* no answer in time, or before the channel closed */
	u64 bad;		/* answers that make no sense */
};

int fcopy_create(struct fcopy **out, struct ic_set *set, struct err *err);
void fcopy_destroy(struct fcopy *fc);
void fcopy_set_paused(struct fcopy *fc, bool paused);

struct fcopy_config {
	const char *file;		/* of the host */
	const char *destination;	/* path in the guest; ends with '/': keep the file's name */
	bool overwrite;
	bool create_path;
	bool cancel;			/* after @cancel_after bytes */
	u64 cancel_after;
};

struct fcopy_result {
	const char *step;	/* that failed: "start", "write", "complete", "read"; NULL: success */
	int error;		/* of struct ic_answer, -EBADMSG, or -errno of a file that cannot be read */
	u32 status;		/* the guest's, with @error 0 */
	bool cancelled;		/* as asked for */
	bool cancel_failed;	/* the guest may have kept a part of the file */
	u64 bytes;		/* that the guest acknowledged */
	u32 ms;
};

typedef void (*fcopy_cb)(void *opaque, const struct fcopy_result *result);

/**
 * fcopy_copy() - copy a file
 * @cb:		called once, later, unless fcopy_forget() names @opaque
 *
 * Return: 0, or a negative errno with a sentence in @err: -ENOTCONN while the
 * guest does not run the service, -EBUSY while something is copied, -EINVAL for
 * names that the message cannot carry, or why the file cannot be opened.
 */
int fcopy_copy(struct fcopy *fc, const struct fcopy_config *config, fcopy_cb cb, void *opaque,
	       struct err *err);

/**
 * fcopy_ask_raw() - send any bytes, in any order; the answer is not judged
 * Return: 0; -ENOTCONN, -EBUSY while something is copied, -EMSGSIZE.
 */
int fcopy_ask_raw(struct fcopy *fc, const void *body, u32 len, ic_ask_cb cb, void *opaque);

/* No callback any more. A copy is cancelled. */
void fcopy_forget(struct fcopy *fc, void *opaque);

const struct fcopy_state *fcopy_state(const struct fcopy *fc);
const char *fcopy_phase_name(enum fcopy_phase phase);
const struct ic *fcopy_ic(const struct fcopy *fc);

#endif
