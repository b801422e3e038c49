// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine/loop.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/vss_private.h"

/*
 *	check --> disks --> freeze --> copy --> thaw --> complete --> success
 *	  |         |         |         |        |          |
 *	  +---------+--(1)----+        (2)       +----------+--> failure
 *	                      (2)-------+--> rescue --> failure
 *
 *	(1) the guest refused: nothing is frozen
 *	(2) the guest is frozen, or did not say that it is not: it is asked to
 *	    thaw, whatever else is wrong
 *
 * A service that negotiates anew meanwhile, after a pause, fails the step; the
 * rescue waits for it to become ready again, for as long as for an answer.
 *
 * Without freeze there is only the copy. A backup that nobody waits for any
 * more fails at its next step. The image of a failed backup is removed: it
 * would look like one that can be used.
 */
enum step {
	STEP_CHECK,
	STEP_DISKS,
	STEP_FREEZE,
	STEP_COPY,
	STEP_THAW,
	STEP_COMPLETE,
	STEP_RESCUE,
};

static const char *const step_names[] = {
	[STEP_CHECK] = "check", [STEP_DISKS] = "direct-mapped disks", [STEP_FREEZE] = "freeze",
	[STEP_COPY] = "copy", [STEP_THAW] = "thaw", [STEP_COMPLETE] = "complete",
	[STEP_RESCUE] = "thaw",
};

struct vss_backup {
	struct vss *vss;
	enum step step;
	bool no_freeze;
	u32 freeze_timeout_ms;
	struct vss_image *image;
	uint64_t started_ns;		/* the step */
	struct loop_timer *patience;	/* of a rescue that cannot be asked for yet */
	vss_backup_cb cb;		/* NULL: cancelled */
	void *opaque;
	char text[200];
	struct vss_backup_result result;
};

static u32 elapsed_ms(const struct vss_backup *backup)
{
	return (u32)((loop_now_ns() - backup->started_ns) / 1000000);
}

/* ---- the end ---- */

static void destroy(struct vss_backup *backup)
{
	loop_timer_destroy(backup->patience);
	free(backup);
}

static void finish(struct vss_backup *backup)
{
	struct vss *vss = backup->vss;
	bool success = !backup->result.step;

	vss->backup = NULL;
	if (success)
		vss_image_keep(backup->image);
	if (success)
		vss->state.backups++;
	else
		vss->state.backups_failed++;
	if (backup->cb)
		backup->cb(backup->opaque, &backup->result);
	destroy(backup);
}

static void enter(struct vss_backup *backup, enum step step);

static void fail(struct vss_backup *backup, int error, u32 status)
{
	backup->result.step = step_names[backup->step];
	backup->result.error = error;
	backup->result.status = status;
	vss_image_abandon(backup->image);
	backup->image = NULL;
	if (backup->vss->state.frozen && backup->step < STEP_THAW)
		enter(backup, STEP_RESCUE);
	else
		finish(backup);
}

static void rescued(struct vss_backup *backup, const struct vss_outcome *outcome)
{
	if (outcome->error == -ENOTCONN && ic_state(backup->vss->ic) == IC_NEGOTIATING) {
		if (!loop_timer_armed(backup->patience))
			loop_timer_arm(backup->patience, VSS_TIMEOUT_MS * 1000000ull);
		return;
	}
	backup->result.thaw_failed = outcome->error || outcome->status;
	finish(backup);
}

/* ---- the steps ---- */

static void copied(void *opaque, int result, const char *text)
{
	struct vss_backup *backup = opaque;

	backup->result.copy_ms = elapsed_ms(backup);
	if (result) {
		strncpy(backup->text, text, sizeof(backup->text) - 1);
		backup->result.text = backup->text;
		return fail(backup, result, 0);
	}
	if (backup->no_freeze)
		return finish(backup);
	enter(backup, STEP_THAW);
}

static void go_on(struct vss_backup *backup)
{
	switch (backup->step) {
	case STEP_FREEZE:
		backup->result.freeze_ms = elapsed_ms(backup);
		break;
	case STEP_THAW:
		backup->result.frozen_ms = backup->vss->state.frozen_ms;
		break;
	case STEP_COMPLETE:
		return finish(backup);
	default:
		break;
	}
	enter(backup, backup->step + 1);
}

static void asked(void *opaque, const struct vss_outcome *outcome)
{
	struct vss_backup *backup = opaque;

	if (backup->step == STEP_RESCUE)
		rescued(backup, outcome);
	else if (outcome->error || outcome->status)
		fail(backup, outcome->error, outcome->status);
	else if (!backup->cb && backup->step < STEP_THAW)
		fail(backup, -ECANCELED, 0);
	else
		go_on(backup);
}

static int ask(struct vss_backup *backup)
{
	static const enum hvp_vss_op ops[] = {
		[STEP_CHECK] = HVP_VSS_CHECK_HOT_BACKUP,
		[STEP_DISKS] = HVP_VSS_GET_DIRECT_MAPPED,
		[STEP_FREEZE] = HVP_VSS_FREEZE,
		[STEP_THAW] = HVP_VSS_THAW,
		[STEP_COMPLETE] = HVP_VSS_BACKUP_COMPLETE,
		[STEP_RESCUE] = HVP_VSS_THAW,
	};
	u32 timeout = backup->step == STEP_FREEZE ? backup->freeze_timeout_ms : 0;

	return vss_ask_now(backup->vss, ops[backup->step], timeout, asked, backup);
}

static void enter(struct vss_backup *backup, enum step step)
{
	struct vss_outcome outcome = { .error = 0 };

	backup->step = step;
	backup->started_ns = loop_now_ns();
	loop_timer_cancel(backup->patience);
	if (step == STEP_COPY)
		return vss_image_copy(backup->image, copied, backup);
	outcome.error = ask(backup);
	if (outcome.error)
		asked(backup, &outcome);
}

static void out_of_patience(void *opaque)
{
	struct vss_backup *backup = opaque;

	backup->result.thaw_failed = true;
	finish(backup);
}

/* ---- from outside ---- */

/* With an operation under way asked() has heard of it, and may have ended the backup. */
void vss_backup_closed(struct vss_backup *backup)
{
	if (backup->step == STEP_COPY && !backup->no_freeze)
		fail(backup, -ENOTCONN, 0);
}

void vss_backup_ready(struct vss_backup *backup)
{
	if (!loop_timer_armed(backup->patience))
		return;
	if (backup->vss->state.frozen)
		enter(backup, STEP_RESCUE);
	else
		finish(backup);
}

void *vss_backup_owner(const struct vss_backup *backup)
{
	return backup->opaque;
}

void vss_backup_cancel(struct vss_backup *backup)
{
	backup->cb = NULL;
	if (backup->step == STEP_COPY)
		fail(backup, -ECANCELED, 0);
}

void vss_backup_stop(struct vss_backup *backup)
{
	struct vss *vss = backup->vss;

	vss_image_abandon(backup->image);
	vss->backup = NULL;
	if (vss->opaque == backup)
		vss->cb = NULL;
	destroy(backup);
}

static int create_image(struct vss_backup *backup, const struct vss_backup_config *config,
			struct err *err)
{
	struct vss_image_config image = {
		.loop = vmbus_loop(backup->vss->vmbus),
		.uring = backup->vss->uring,
		.lun = config->lun,
		.path = config->path,
	};

	return vss_image_create(&backup->image, &image, err);
}

static int start(struct vss_backup *backup, struct err *err)
{
	int ret;

	backup->step = backup->no_freeze ? STEP_COPY : STEP_CHECK;
	backup->started_ns = loop_now_ns();
	if (backup->no_freeze) {
		vss_image_copy(backup->image, copied, backup);
		return 0;
	}
	ret = ask(backup);
	return ret ? err_set(err, ret, "cannot ask the guest: %s", strerror(-ret)) : 0;
}

int vss_backup(struct vss *vss, const struct vss_backup_config *config, vss_backup_cb cb,
	       void *opaque, struct err *err)
{
	struct vss_backup *backup;
	int ret;

	if (vss->backup)
		return err_set(err, -EBUSY, "another backup is running");
	if (!config->no_freeze && ic_state(vss->ic) != IC_READY)
		return err_set(err, -ENOTCONN, "the guest does not run the backup service");
	backup = calloc(1, sizeof(*backup));
	if (!backup)
		return err_set(err, -ENOMEM, "out of memory");
	backup->vss = vss;
	backup->no_freeze = config->no_freeze;
	backup->freeze_timeout_ms = config->freeze_timeout_ms;
	backup->cb = cb;
	backup->opaque = opaque;
	backup->patience = loop_timer_create(vmbus_loop(vss->vmbus), out_of_patience, backup);
	ret = backup->patience ? create_image(backup, config, err)
			       : err_set(err, -ENOMEM, "out of memory");
	if (ret) {
		destroy(backup);
		return ret;
	}
	backup->result.bytes = vss_image_bytes(backup->image);
	ret = start(backup, err);
	if (ret) {
		vss_image_abandon(backup->image);
		destroy(backup);
		return ret;
	}
	vss->backup = backup;
	return 0;
}
