// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/diskspec.h"
#include "host/vsp/ic.h"
#include "host/vsp/vsp.h"
#include "host/vsp/vss.h"

/* vss: single operations of the backup service, and a whole backup. */

static const struct {
	const char *name;
	enum hvp_vss_op op;
} operations[] = {
	{ "check",		HVP_VSS_CHECK_HOT_BACKUP },
	{ "disks",		HVP_VSS_GET_DIRECT_MAPPED },
	{ "freeze",		HVP_VSS_FREEZE },
	{ "thaw",		HVP_VSS_THAW },
	{ "complete",		HVP_VSS_BACKUP_COMPLETE },
	{ "auto-recover",	HVP_VSS_AUTO_RECOVER },
	{ "cluster",		HVP_VSS_QUERY_CLUSTER },
};

static struct vss *the_vss(const struct control_request *req)
{
	return vsp_vss(request_control(req)->host.vsp);
}

static void client_gone(struct control_request *req)
{
	vss_forget(the_vss(req), req);
}

static void wait_for(struct control_request *req, int ret)
{
	if (ret)
		return request_not_asked(req, vss_ic(the_vss(req)), ret);
	request_on_gone(req, client_gone);
}

/* Argument "timeout" in seconds. Return: milliseconds, or -1 when the request has failed. */
static int64_t timeout_argument(struct control_request *req)
{
	int64_t seconds = request_number(req, "timeout", 0);

	if (seconds >= 0 && seconds <= VSS_TIMEOUT_MAX_MS / 1000)
		return seconds * 1000;
	request_fail(req, "\"timeout\" must be 0 to %u seconds", VSS_TIMEOUT_MAX_MS / 1000);
	return -1;
}

/* ---- single operations ---- */

/* The flags of check and disks; what is behind the header of a cluster query. */
static void answered(void *opaque, const struct vss_outcome *outcome)
{
	const struct hvp_vss_cluster *cluster = outcome->body;
	struct json_object *result;
	char guid[HVP_GUID_STRLEN];

	if (outcome->error || outcome->status)
		return request_refused(opaque, outcome->error, outcome->status);
	result = json_object_new_object();
	if (cluster->head.op == HVP_VSS_QUERY_CLUSTER &&
	    outcome->len >= offsetof(struct hvp_vss_cluster, shared_luns)) {
		hvp_guid_format(&cluster->cluster, guid);
		put_string(result, "cluster", guid);
		put_number(result, "nodes", cluster->cluster_size);
		put_number(result, "shared_luns", cluster->lun_count);
	} else {
		put_number(result, "flags", outcome->flags);
	}
	request_done(opaque, result);
}

static void operate(struct control_request *req, enum hvp_vss_op op)
{
	int64_t timeout = timeout_argument(req);

	if (timeout >= 0)
		wait_for(req, vss_ask(the_vss(req), op, (u32)timeout, answered, req));
}

/* ---- backup ---- */

static void backup_failed(struct control_request *req, const struct vss_backup_result *result)
{
	const char *still = result->thaw_failed ? "; the guest may still be frozen" : "";
	char text[160];

	if (result->text)
		return request_fail(req, "the backup failed at step %s: %s%s", result->step,
				    result->text, still);
	refusal_text(result->error, result->status, text, sizeof(text));
	request_fail(req, "the backup failed at step %s: %s%s", result->step, text, still);
}

static void backed_up(void *opaque, const struct vss_backup_result *result)
{
	struct json_object *object;

	if (result->step)
		return backup_failed(opaque, result);
	object = json_object_new_object();
	put_string(object, "file", request_string(opaque, "file"));
	put_number(object, "bytes", result->bytes);
	put_flag(object, "frozen", !request_flag(opaque, "no_freeze"));
	put_number(object, "freeze_ms", result->freeze_ms);
	put_number(object, "frozen_ms", result->frozen_ms);
	put_number(object, "copy_ms", result->copy_ms);
	request_done(opaque, object);
}

static struct lun *disk_argument(struct control_request *req)
{
	int64_t controller = request_number(req, "controller", 0);
	int64_t number = request_number(req, "lun", -1);
	struct lun *lun = NULL;

	if (controller < 0 || controller >= DISKSPEC_CONTROLLERS || number < 0 ||
	    number >= DISKSPEC_LUNS) {
		request_fail(req, "\"controller\" must be 0 or 1, \"lun\" 0 to %d",
			     DISKSPEC_LUNS - 1);
		return NULL;
	}
	lun = vsp_lun(request_control(req)->host.vsp, (unsigned int)controller,
		      (unsigned int)number);
	if (!lun)
		request_fail(req, "no disk at controller %d lun %d", (int)controller, (int)number);
	return lun;
}

static void backup(struct control_request *req)
{
	struct vss_backup_config config = {
		.path = request_string(req, "file"),
		.no_freeze = request_flag(req, "no_freeze"),
	};
	int64_t timeout = timeout_argument(req);
	struct err err = { .text = "" };

	if (timeout < 0)
		return;
	config.freeze_timeout_ms = (u32)timeout;
	if (!config.path)
		return request_fail(req, "argument \"file\" is missing");
	config.lun = disk_argument(req);
	if (!config.lun)
		return;
	if (vss_backup(the_vss(req), &config, backed_up, req, &err))
		return request_fail(req, "%s", err.text);
	request_on_gone(req, client_gone);
}

/* ---- the service ---- */

struct json_object *describe_vss(const struct control *control)
{
	const struct vss_state *state = vss_state(vsp_vss(control->host.vsp));
	static const char *const frozen[] = {
		"no", [VSS_FROZEN] = "yes", [VSS_PERHAPS_FROZEN] = "perhaps",
	};
	struct json_object *object = json_object_new_object();

	put_string(object, "frozen", frozen[state->frozen]);
	put_number(object, "frozen_ms", state->frozen_ms);
	put_number(object, "backups", state->backups);
	put_number(object, "backups_failed", state->backups_failed);
	put_number(object, "asked", state->asked);
	put_number(object, "answered", state->answered);
	put_number(object, "refused", state->refused);
	put_number(object, "lost", state->lost);
	put_number(object, "bad", state->bad);
	return object;
}

static void status(struct control_request *req)
{
	struct json_object *result = describe_service(vss_ic(the_vss(req)));

	json_object_object_add(result, "counts", describe_vss(request_control(req)));
	request_done(req, result);
}

static void raw_answered(void *opaque, const struct vss_outcome *outcome)
{
	request_raw_done(opaque, outcome->error, outcome->status, outcome->body, outcome->len);
}

static void raw(struct control_request *req)
{
	u8 body[IC_BODY_MAX];
	int len = request_hex(req, body, sizeof(body));

	if (len >= 0)
		wait_for(req, vss_ask_raw(the_vss(req), body, (u32)len, raw_answered, req));
}

void verb_vss(struct control_request *req)
{
	static const struct control_verb actions[] = {
		{ "backup",	backup },
		{ "status",	status },
		{ "raw",	raw },
		{ 0 },
	};
	const char *action = request_string(req, "action");
	unsigned int i;

	if (request_run_action(req, actions))
		return;
	for (i = 0; action && i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (!strcmp(action, operations[i].name))
			return operate(req, operations[i].op);
	}
	request_fail(req, "\"action\" must be check, disks, freeze, thaw, complete, auto-recover, "
		     "cluster, backup, status or raw");
}
