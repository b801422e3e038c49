// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backup: the daemon freezes and thaws filesystems when the host says so. What
 * keeps the guest from staying frozen, whatever dies:
 *
 *   the daemon does not finish to freeze in time	the host is told that it failed; the daemon's
 *							late answer is refused, and it gets a thaw
 *   the host does not thaw in time, negotiates		the daemon gets a thaw, a notice that nobody
 *   anew, or the machine hibernates			waits for the answer to
 *   the device goes away				the daemon's file ends
 *   the daemon dies					is for the daemon's service
 *
 * A copy that the host takes meanwhile is not consistent: in all these cases the
 * host's next thaw is answered as failed, until it freezes again.
 */
#include "drivers/utils/utils.h"

#include "drivers/utils/transport.h"
#include "protocol/vss.h"

#define FREEZE_SECONDS	900u
#define OTHER_SECONDS	30u

static_assert((int)VSS_OP_FREEZE == (int)HVP_VSS_FREEZE);
static_assert((int)VSS_OP_THAW == (int)HVP_VSS_THAW);
static_assert((int)VSS_OP_HOT_BACKUP == (int)HVP_VSS_CHECK_HOT_BACKUP);

struct vss {
	struct util util;
	/* util.lock */
	enum hvp_vss_op op;		/* of the live request */
	bool freezing;			/* the daemon has a FREEZE: the timer of an older one waits */
	bool frozen;			/* the host was told so, and has not thawed since */
	bool broken;			/* it was frozen and is no longer, and the host does not know */
	unsigned long thaw_at;		/* jiffies, while frozen */
	struct delayed_work thaw;
};

static struct vss *to_vss(struct util *util)
{
	return container_of(util, struct vss, util);
}

static void notice_thaw(struct vss *vss)
{
	const struct hv_vss_msg message = { .vss_hdr.operation = VSS_OP_THAW };

	vss->broken |= vss->frozen;
	vss->frozen = false;
	util_transport_notice(&vss->util, &message, sizeof(message));
}

static void thaw(struct work_struct *work)
{
	struct vss *vss = container_of(to_delayed_work(work), struct vss, thaw);

	mutex_lock(&vss->util.lock);
	if (vss->frozen && !vss->freezing && time_after_eq(jiffies, vss->thaw_at)) {
		dev_warn(&vss->util.device->device, "vss: the host does not thaw, we do\n");
		notice_thaw(vss);
	}
	util_unlock(&vss->util);
}

/* A thaw in the middle of it would meet what it has frozen, and the host would hear of none. */
static void freeze_ended(struct vss *vss)
{
	if (!vss->freezing)
		return;
	vss->freezing = false;
	if (vss->frozen)
		mod_delayed_work(util_wq, &vss->thaw,
				 time_after(vss->thaw_at, jiffies) ? vss->thaw_at - jiffies : 0);
}

/* ---- from the host ---- */

static void hand_over(struct util *util, enum hvp_vss_op op)
{
	struct hv_vss_msg *message = util_transport_room(util);

	if (!message)
		return;
	to_vss(util)->op = op;
	to_vss(util)->freezing = op == HVP_VSS_FREEZE;
	message->vss_hdr.operation = op;
	util_transport_request(util, sizeof(*message),
			       op == HVP_VSS_FREEZE ? FREEZE_SECONDS : OTHER_SECONDS);
}

static void answer_cluster(struct util *util, struct util_message *message)
{
	struct hvp_vss_cluster *cluster = (void *)message->body;

	memset(&cluster->cluster, 0, sizeof(cluster->cluster));
	cluster->cluster_size = 0;
	util_answer(util, message, HVP_HR_OK);
}

static void received(struct util *util, struct util_message *message)
{
	struct hvp_vss_request request;
	int err;

	err = hvp_vss_request_check(message->body, message->body_len, util->agreed.message,
				    &request);
	if (err) {
		util_answer(util, message,
			    err == -EOPNOTSUPP ? HVP_HR_NOT_SUPPORTED : HVP_HR_FAIL);
		return;
	}

	switch (request.op) {
	case HVP_VSS_CHECK_HOT_BACKUP:
	case HVP_VSS_FREEZE:
	case HVP_VSS_THAW:
		hand_over(util, request.op);
		break;
	case HVP_VSS_GET_DIRECT_MAPPED:
		hvp_vss_reply_flags(message->body, 0);
		util_answer(util, message, HVP_HR_OK);
		break;
	case HVP_VSS_QUERY_CLUSTER:
		answer_cluster(util, message);
		break;
	case HVP_VSS_AUTO_RECOVER:
		/* The host was told that there is no such thing. */
		util_answer(util, message, HVP_HR_NOT_SUPPORTED);
		break;
	default:
		/* Nothing to do for us. */
		util_answer(util, message, HVP_HR_OK);
		break;
	}
}

static void reset(struct util *util)
{
	if (to_vss(util)->frozen)
		notice_thaw(to_vss(util));
}

/* ---- from the daemon ---- */

static int registers(struct util *util, const void *written, u32 len, void *greeting)
{
	const u32 ours = VSS_OP_REGISTER1;
	const struct hv_vss_msg *message = written;

	if (len != sizeof(*message))
		return -EINVAL;
	switch (message->vss_hdr.operation) {
	case VSS_OP_REGISTER1:
		memcpy(greeting, &ours, sizeof(ours));
		return sizeof(ours);
	case VSS_OP_REGISTER:
		/* These do not read anything back. */
		return 0;
	default:
		return -EINVAL;
	}
}

static void succeeded(struct vss *vss)
{
	switch (vss->op) {
	case HVP_VSS_CHECK_HOT_BACKUP:
		hvp_vss_reply_flags(vss->util.held->body, HVP_VSS_NO_AUTO_RECOVERY);
		break;
	case HVP_VSS_FREEZE:
		vss->frozen = true;
		vss->broken = false;
		vss->thaw_at = jiffies + FREEZE_SECONDS * HZ;
		mod_delayed_work(util_wq, &vss->thaw, FREEZE_SECONDS * HZ);
		break;
	case HVP_VSS_THAW:
		vss->frozen = false;
		cancel_delayed_work(&vss->thaw);
		break;
	default:
		break;
	}
}

static int answers(struct util *util, const void *written, u32 len, u32 *status)
{
	const struct hv_vss_msg *message = written;
	struct vss *vss = to_vss(util);

	if (len != sizeof(*message))
		return -EINVAL;
	*status = util_daemon_status(message->error);
	freeze_ended(vss);
	if (!*status)
		succeeded(vss);
	if (vss->op == HVP_VSS_THAW && vss->broken) {
		vss->broken = false;
		*status = HVP_HR_FAIL;
	}
	return 0;
}

static void abandoned(struct util *util, bool reading)
{
	freeze_ended(to_vss(util));
	if (reading && to_vss(util)->op == HVP_VSS_FREEZE)
		notice_thaw(to_vss(util));
}

static void closed(struct util *util)
{
	struct vss *vss = to_vss(util);

	vss->broken |= vss->frozen;
	vss->frozen = false;
}

/* ---- its life ---- */

static int init(struct util *util)
{
	INIT_DELAYED_WORK(&to_vss(util)->thaw, thaw);
	return 0;
}

static void stop(struct util *util)
{
	cancel_delayed_work_sync(&to_vss(util)->thaw);
}

static const struct util_daemon daemon = {
	.node		= "vmbus/hv_vss",
	.name		= "hv_vss",
	.room		= sizeof(struct hv_vss_msg),
	.registers	= registers,
	.answers	= answers,
	.abandoned	= abandoned,
	.closed		= closed,
	/* Daemons undo a freeze whose answer was refused. */
	.late_errno	= -EINVAL,
};

static const struct hvp_ic_version versions[] = { { 7, 0 }, { 6, 0 }, { 5, 0 } };

const struct util_type util_vss = {
	.name		= "vss",
	.label		= "VSS",
	.type		= HVP_IC_VSS,
	.versions	= { versions, ARRAY_SIZE(versions) },
	.size		= sizeof(struct vss),
	.daemon		= &daemon,
	.vmbus_version_min = VERSION_WIN8_1,
	.init		= init,
	.free		= stop,
	.reset		= reset,
	.received	= received,
	.suspend	= reset,
};
