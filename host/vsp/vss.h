/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_VSS_H
#define HOST_VSP_VSS_H

#include <stdbool.h>

#include "host/err.h"
#include "host/vsp/ic_ask.h"
#include "protocol/vss.h"

/*
 * The backup service: single operations, and a whole backup (vss_backup.c).
 * One operation at a time. Loop thread only.
 */
struct ic;
struct ic_set;
struct lun;
struct uring;
struct vss;

#define VSS_TIMEOUT_MS		60000u
#define VSS_FREEZE_TIMEOUT_MS	120000u	/* a guest under load has much to write */
#define VSS_TIMEOUT_MAX_MS	900000u	/* guests themselves give up then */

/* Plain data, for save and restore. */
struct vss_state {
	u64 asked;
	u64 answered;
	u64 refused;		/* the guest's status was no success */
	u64 lost;		/* no answer in time, or before the channel closed */
	u64 bad;		/* answers that make no sense */
	u64 backups;		/* that succeeded */
	u64 backups_failed;
	u32 frozen;		/* 1: the guest said so and was not thawed; 2: it may be */
	u32 frozen_ms;		/* how long it was, the last time */
};

#define VSS_FROZEN		1u
#define VSS_PERHAPS_FROZEN	2u

/* @uring: writes images; may be NULL. It must live longer than the service. */
int vss_create(struct vss **out, struct ic_set *set, struct uring *uring, struct err *err);
void vss_destroy(struct vss *vss);
void vss_set_paused(struct vss *vss, bool paused);

/* The run is over: work on no disk and no file any more. */
void vss_stop(struct vss *vss);

struct vss_outcome {
	int error;		/* as in struct ic_answer, or -EBADMSG for an answer without sense */
	u32 status;		/* the guest's, with @error 0 */
	u32 flags;		/* of CHECK_HOT_BACKUP and GET_DIRECT_MAPPED */
	const void *body;	/* the whole answer, until the callback returns */
	u32 len;
};

typedef void (*vss_cb)(void *opaque, const struct vss_outcome *outcome);

/**
 * vss_ask() - one operation
 * @timeout_ms:	0: the usual one of @op
 * @cb:		called once, later, unless vss_forget() names @opaque
 *
 * Return: 0; -ENOTCONN while the guest does not run the service, -EBUSY while
 * an operation or a backup runs, -EOPNOTSUPP when the agreed version has no
 * such operation, -EMSGSIZE when the guest's ring cannot carry it.
 */
int vss_ask(struct vss *vss, enum hvp_vss_op op, u32 timeout_ms, vss_cb cb, void *opaque);

/* Any bytes; the answer is not judged. Return: as vss_ask(). */
int vss_ask_raw(struct vss *vss, const void *body, u32 len, vss_cb cb, void *opaque);

/* No callback any more. A backup is given up: the guest is thawed, the image removed. */
void vss_forget(struct vss *vss, void *opaque);

struct vss_backup_config {
	struct lun *lun;
	const char *path;		/* of the image; must not exist */
	bool no_freeze;			/* copy under the guest's feet: nothing is asked at all */
	u32 freeze_timeout_ms;		/* 0: the usual one */
};

struct vss_backup_result {
	const char *step;	/* that failed: "check", "freeze", "copy" ...; NULL: success */
	int error;		/* of that step: as in struct vss_outcome, of the copy -errno */
	u32 status;
	const char *text;	/* of a copy that failed */
	bool thaw_failed;	/* after another step: the guest may still be frozen */
	u64 bytes;		/* of the image */
	u32 freeze_ms;		/* how long the guest took to freeze */
	u32 frozen_ms;		/* from its word that it is frozen to its word that it is not */
	u32 copy_ms;
};

typedef void (*vss_backup_cb)(void *opaque, const struct vss_backup_result *result);

/**
 * vss_backup() - check, freeze, copy, thaw, complete
 * @cb:		called once, later, unless vss_forget() names @opaque
 *
 * Return: as vss_ask(), or the error of a file that cannot be made; a sentence
 * is in @err then.
 */
int vss_backup(struct vss *vss, const struct vss_backup_config *config, vss_backup_cb cb,
	       void *opaque, struct err *err);

const struct vss_state *vss_state(const struct vss *vss);
const struct ic *vss_ic(const struct vss *vss);

#endif
