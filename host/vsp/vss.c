// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "host/machine/loop.h"
#include "host/vmbus/checker.h"
#include "host/vmbus/vmbus.h"
#include "host/vsp/vss_private.h"

/*
 * What the host believes of the guest's file systems (vss_state.frozen):
 *
 *	0 --freeze: success--> frozen --thaw: success, or the channel closes--> 0
 *	0 --freeze: silence or nonsense--> perhaps frozen --thaw: likewise--> 0
 *
 * A guest that refuses to freeze says that nothing is frozen. One that only
 * negotiates anew, after a pause, is as frozen as before.
 */
#define RAW		(-1)

static void note_freeze(struct vss *vss, const struct vss_outcome *outcome)
{
	if (outcome->error) {
		if (ic_state(vss->ic) != IC_CLOSED)
			vss->state.frozen = VSS_PERHAPS_FROZEN;
	} else if (!outcome->status) {
		vss->state.frozen = VSS_FROZEN;
		vss->frozen_since_ns = loop_now_ns();
	}
}

static void note_thaw(struct vss *vss, const struct vss_outcome *outcome)
{
	if (outcome->error || outcome->status)
		return;
	if (vss->state.frozen == VSS_FROZEN)
		vss->state.frozen_ms =
			(u32)((loop_now_ns() - vss->frozen_since_ns) / 1000000);
	vss->state.frozen = 0;
}

static void count(struct vss *vss, const struct vss_outcome *outcome)
{
	if (outcome->error == -EBADMSG)
		vss->state.bad++;
	else if (outcome->error)
		vss->state.lost++;
	else if (outcome->status)
		vss->state.refused++;
	else
		vss->state.answered++;
}

/*
 * The stock module means to say that there is no auto-recovery, and says
 * nothing: it looks for the operation in the daemon's answer, where the status
 * has taken its place.
 */
static bool flags_fit(int op, u32 flags)
{
	return !flags || (op == HVP_VSS_CHECK_HOT_BACKUP && flags == HVP_VSS_NO_AUTO_RECOVERY);
}

/* Of an answer that claims success. */
static int judge(struct vss *vss, const struct ic_answer *answer, u32 *flags)
{
	if (!hvp_vss_reply_check(answer->body, answer->len, vss->op, flags) &&
	    flags_fit(vss->op, *flags))
		return 0;
	if (!ic_answer_spoiled(vss->ic))
		checker_report(vmbus_checker(vss->vmbus), RULE_IC_MESSAGE, 0,
			       "vss: bad answer to %s", hvp_vss_op_name((u32)vss->op));
	return -EBADMSG;
}

static void asked(void *opaque, const struct ic_answer *answer)
{
	struct vss *vss = opaque;
	struct vss_outcome outcome = {
		.error = answer->error, .status = answer->status,
		.body = answer->body, .len = answer->len,
	};

	if (!outcome.error && !outcome.status && vss->op != RAW)
		outcome.error = judge(vss, answer, &outcome.flags);
	count(vss, &outcome);
	if (vss->op == HVP_VSS_FREEZE)
		note_freeze(vss, &outcome);
	if (vss->op == HVP_VSS_THAW)
		note_thaw(vss, &outcome);
	if (vss->cb)
		vss->cb(vss->opaque, &outcome);
}

static int send(struct vss *vss, int op, const void *body, u32 len, u32 timeout_ms, vss_cb cb,
		void *opaque)
{
	int ret;

	ret = ic_ask(vss->ask, vss->ic, body, len, timeout_ms, asked, vss);
	if (ret)
		return ret;
	vss->state.asked++;
	if (op == HVP_VSS_FREEZE)
		vss->opening = ic_openings(vss->ic);
	vss->op = op;
	vss->cb = cb;
	vss->opaque = opaque;
	return 0;
}

int vss_ask_now(struct vss *vss, enum hvp_vss_op op, u32 timeout_ms, vss_cb cb, void *opaque)
{
	struct hvp_vss_request request = { .op = op };
	u8 body[HVP_VSS_SIZE_MAX];
	int len;

	if (ic_state(vss->ic) != IC_READY)
		return -ENOTCONN;
	len = hvp_vss_build(body, ic_message(vss->ic), &request, NULL);
	if (len < 0)
		return len;
	if (!timeout_ms)
		timeout_ms = op == HVP_VSS_FREEZE ? VSS_FREEZE_TIMEOUT_MS : VSS_TIMEOUT_MS;
	return send(vss, op, body, (u32)len, timeout_ms, cb, opaque);
}

int vss_ask(struct vss *vss, enum hvp_vss_op op, u32 timeout_ms, vss_cb cb, void *opaque)
{
	return vss->backup ? -EBUSY : vss_ask_now(vss, op, timeout_ms, cb, opaque);
}

int vss_ask_raw(struct vss *vss, const void *body, u32 len, vss_cb cb, void *opaque)
{
	return vss->backup ? -EBUSY : send(vss, RAW, body, len, VSS_TIMEOUT_MS, cb, opaque);
}

void vss_forget(struct vss *vss, void *opaque)
{
	if (vss->backup && vss_backup_owner(vss->backup) == opaque)
		vss_backup_cancel(vss->backup);
	else if (vss->opaque == opaque)
		vss->cb = NULL;
}

void vss_stop(struct vss *vss)
{
	if (vss->backup)
		vss_backup_stop(vss->backup);
}

/* ---- the service ---- */

static void answered(void *opaque, u32 status, const void *body, u32 len)
{
	struct vss *vss = opaque;

	ic_ask_answered(vss->ask, status, body, len);
}

static void ready(void *opaque)
{
	struct vss *vss = opaque;

	if (vss->opening != ic_openings(vss->ic))
		vss->state.frozen = 0;
	if (vss->backup)
		vss_backup_ready(vss->backup);
}

/* A guest without its driver thaws by itself, and one that restarts is thawed. */
static void closed(void *opaque)
{
	struct vss *vss = opaque;

	if (ic_state(vss->ic) == IC_CLOSED)
		vss->state.frozen = 0;
	ic_ask_closed(vss->ask);
	if (vss->backup)
		vss_backup_closed(vss->backup);
}

static const struct ic_service service = {
	.name		= "vss",
	.class_id	= HVP_CLASS_VSS,
	.instance_id	= HVP_GUID(0x2450ee40, 0x33bf, 0x4fbd, 0x89, 0x2e, 0x9f, 0xb0, 0x6e, 0x92,
				   0x14, 0xcf),
	.type		= HVP_IC_VSS,
	.ready		= ready,
	.answered	= answered,
	.closed		= closed,
};

int vss_create(struct vss **out, struct ic_set *set, struct uring *uring, struct err *err)
{
	struct vss *vss = calloc(1, sizeof(*vss));
	int ret = -ENOMEM;

	if (!vss)
		return err_set(err, ret, "out of memory");
	vss->vmbus = set->vmbus;
	vss->uring = uring;
	vss->ask = ic_ask_create(vmbus_loop(set->vmbus));
	if (!vss->ask)
		err_set(err, ret, "out of memory");
	else
		ret = ic_create(&vss->ic, set, &service, vss, err);
	if (ret) {
		vss_destroy(vss);
		return ret;
	}
	*out = vss;
	return 0;
}

void vss_destroy(struct vss *vss)
{
	if (!vss)
		return;
	vss_stop(vss);
	ic_destroy(vss->ic);
	ic_ask_destroy(vss->ask);
	free(vss);
}

void vss_set_paused(struct vss *vss, bool paused)
{
	ic_ask_set_paused(vss->ask, paused);
}

const struct vss_state *vss_state(const struct vss *vss)
{
	return &vss->state;
}

const struct ic *vss_ic(const struct vss *vss)
{
	return vss->ic;
}
