// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/vss.h"

#define FLAGS_END	(offsetof(struct hvp_vss_message, flags) + sizeof(u32))
#define LUNS_START	offsetof(struct hvp_vss_freeze, luns)

static const struct {
	const char *name;
	u16 since;		/* major message version */
	u16 size_min;		/* of a request, and so of its answer */
	u16 size;		/* as hosts send it */
} ops[] = {
	[HVP_VSS_CREATE] = {
		"create", 0, offsetof(struct hvp_vss_message, create.backup_type),
		sizeof(struct hvp_vss_message) },
	[HVP_VSS_DELETE] = {
		"delete", 0, offsetof(struct hvp_vss_message, create.backup_type),
		sizeof(struct hvp_vss_message) },
	[HVP_VSS_CHECK_HOT_BACKUP] = {
		"check-hot-backup", 0, FLAGS_END, sizeof(struct hvp_vss_message) },
	[HVP_VSS_GET_DIRECT_MAPPED] = {
		"get-direct-mapped", 0, FLAGS_END, sizeof(struct hvp_vss_message) },
	[HVP_VSS_BACKUP_COMPLETE] = {
		"backup-complete", 4, FLAGS_END, sizeof(struct hvp_vss_message) },
	[HVP_VSS_FREEZE] = {
		"freeze", 5, LUNS_START, sizeof(struct hvp_vss_freeze) },
	[HVP_VSS_THAW] = {
		"thaw", 5, FLAGS_END, sizeof(struct hvp_vss_message) },
	[HVP_VSS_AUTO_RECOVER] = {
		"auto-recover", 5, LUNS_START, sizeof(struct hvp_vss_auto_recover) },
	[HVP_VSS_QUERY_CLUSTER] = {
		"query-cluster", 6, HVP_VSS_CLUSTER_SIZE_SHORT, sizeof(struct hvp_vss_cluster) },
};

static_assert(HVP_COUNT_OF(ops) == HVP_VSS_OP_COUNT, "every operation has its row");

bool hvp_vss_op_known(u32 op, struct hvp_ic_version version)
{
	return op < HVP_VSS_OP_COUNT && version.major >= ops[op].since;
}

static bool has_luns(u32 op)
{
	return op == HVP_VSS_FREEZE || op == HVP_VSS_AUTO_RECOVER;
}

/* Of requests: those of the checks are in the answer. */
static bool has_flags(u32 op)
{
	return op == HVP_VSS_BACKUP_COMPLETE || op == HVP_VSS_THAW;
}

static bool luns_fit(const struct hvp_vss_freeze *msg, u32 len)
{
	u32 lists = msg->head.op == HVP_VSS_AUTO_RECOVER && msg->lun_count ? 2 : 1;

	if (msg->lun_count > HVP_VSS_LUNS_MAX)
		return false;
	/* The second list is behind all the room of the first. */
	return LUNS_START + (lists - 1) * sizeof(msg->luns) +
	       msg->lun_count * sizeof(msg->luns[0]) <= len;
}

static void read_flags(const struct hvp_vss_message *msg, struct hvp_vss_request *request)
{
	*request = (struct hvp_vss_request){ .op = msg->head.op };
	if (has_flags(msg->head.op))
		request->flags = msg->flags;
}

int hvp_vss_request_check(const void *body, u32 len, struct hvp_ic_version version,
			  struct hvp_vss_request *request)
{
	const struct hvp_vss_freeze *freeze = body;
	const struct hvp_vss_head *head = body;

	if (len < sizeof(*head))
		return -EBADMSG;
	if (!hvp_vss_op_known(head->op, version))
		return -EOPNOTSUPP;
	if (len < ops[head->op].size_min)
		return -EBADMSG;
	if (!has_luns(head->op)) {
		read_flags(body, request);
		return 0;
	}
	if (!luns_fit(freeze, len))
		return -EBADMSG;
	*request = (struct hvp_vss_request){
		.op = head->op,
		.flags = freeze->flags,
		.backup_type = freeze->backup_type,
		.lun_count = freeze->lun_count,
	};
	return 0;
}

void hvp_vss_reply_flags(void *body, u32 flags)
{
	struct hvp_vss_message *msg = body;

	msg->flags = flags;
}

int hvp_vss_build(void *body, struct hvp_ic_version version,
		  const struct hvp_vss_request *request, const struct hvp_vss_lun *luns)
{
	struct hvp_vss_freeze *freeze = body;
	struct hvp_vss_message *msg = body;

	if (!hvp_vss_op_known(request->op, version))
		return -EOPNOTSUPP;
	if (request->lun_count > HVP_VSS_LUNS_MAX)
		return -E2BIG;

	memset(body, 0, ops[request->op].size);
	msg->head.op = request->op;
	if (has_luns(request->op)) {
		freeze->flags = request->flags;
		freeze->backup_type = request->backup_type;
		freeze->lun_count = request->lun_count;
		if (request->lun_count)
			memcpy(freeze->luns, luns, request->lun_count * sizeof(*luns));
	} else if (has_flags(request->op)) {
		msg->flags = request->flags;
	}
	return ops[request->op].size;
}

int hvp_vss_reply_check(const void *body, u32 len, enum hvp_vss_op op, u32 *flags)
{
	const struct hvp_vss_message *msg = body;

	if (len < sizeof(msg->head) || msg->head.op != op)
		return -EBADMSG;
	*flags = 0;
	if (op != HVP_VSS_CHECK_HOT_BACKUP && op != HVP_VSS_GET_DIRECT_MAPPED)
		return 0;
	if (len < FLAGS_END)
		return -EBADMSG;
	*flags = msg->flags;
	return 0;
}

const char *hvp_vss_op_name(u32 op)
{
	return op < HVP_VSS_OP_COUNT ? ops[op].name : "unknown";
}
