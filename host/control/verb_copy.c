// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/fcopy.h"
#include "host/vsp/ic.h"
#include "host/vsp/vsp.h"

/* copy: a file of the host into the guest; status; raw. */

static struct fcopy *the_fcopy(const struct control_request *req)
{
	return vsp_fcopy(request_control(req)->host.vsp);
}

static void client_gone(struct control_request *req)
{
	fcopy_forget(the_fcopy(req), req);
}

static void copy_failed(struct control_request *req, const struct fcopy_result *result)
{
	const char *left = result->cancel_failed ? "; it may have kept a part of the file" : "";
	char text[160];

	if (!strcmp(result->step, "read"))
		return request_fail(req, "cannot read the file: %s%s", result->error == -ENODATA ?
				    "it became shorter" : strerror(-result->error), left);
	refusal_text(result->error, result->status, text, sizeof(text));
	request_fail(req, "the copy failed at step %s, after %llu bytes: %s%s", result->step,
		     (unsigned long long)result->bytes, text, left);
}

static void copied(void *opaque, const struct fcopy_result *result)
{
	struct json_object *object;

	if (result->step)
		return copy_failed(opaque, result);
	if (result->cancelled && result->cancel_failed)
		return request_fail(opaque, "the guest did not accept that the copy was cancelled");
	object = json_object_new_object();
	put_number(object, "bytes", result->bytes);
	put_number(object, "ms", result->ms);
	put_flag(object, "cancelled", result->cancelled);
	request_done(opaque, object);
}

static void copy(struct control_request *req)
{
	struct fcopy_config config = {
		.file = request_string(req, "file"),
		.destination = request_string(req, "destination"),
		.overwrite = request_flag(req, "overwrite"),
		.create_path = request_flag(req, "create_path"),
	};
	int64_t cancel_after = request_number(req, "cancel_after", -1);
	struct err err = { .text = "" };

	if (!config.file || !*config.file)
		return request_fail(req, "argument \"file\" is missing");
	if (!config.destination || !*config.destination)
		return request_fail(req, "argument \"destination\" is missing");
	if (cancel_after < -1)
		return request_fail(req, "\"cancel_after\" is a number of bytes");
	config.cancel = cancel_after >= 0;
	config.cancel_after = (u64)cancel_after;
	if (fcopy_copy(the_fcopy(req), &config, copied, req, &err))
		return request_fail(req, "%s", err.text);
	request_on_gone(req, client_gone);
}

struct json_object *describe_fcopy(const struct control *control)
{
	const struct fcopy_state *state = fcopy_state(vsp_fcopy(control->host.vsp));
	struct json_object *object = json_object_new_object();

	put_string(object, "phase", fcopy_phase_name(state->phase));
	put_number(object, "size", state->size);
	put_number(object, "copied", state->copied);
	put_number(object, "copies", state->copies);
	put_number(object, "copies_failed", state->copies_failed);
	put_number(object, "copies_cancelled", state->copies_cancelled);
	put_number(object, "asked", state->asked);
	put_number(object, "answered", state->answered);
	put_number(object, "refused", state->refused);
	put_number(object, "lost", state->lost);
	put_number(object, "bad", state->bad);
	return object;
}

static void status(struct control_request *req)
{
	struct json_object *result = describe_service(fcopy_ic(the_fcopy(req)));

	json_object_object_add(result, "counts", describe_fcopy(request_control(req)));
	request_done(req, result);
}

static void raw_answered(void *opaque, const struct ic_answer *answer)
{
	request_raw_done(opaque, answer->error, answer->status, answer->body, answer->len);
}

static void raw(struct control_request *req)
{
	u8 body[IC_BODY_MAX];
	int len = request_hex(req, body, sizeof(body));
	int ret;

	if (len < 0)
		return;
	ret = fcopy_ask_raw(the_fcopy(req), body, (u32)len, raw_answered, req);
	if (ret)
		return request_not_asked(req, fcopy_ic(the_fcopy(req)), ret);
	request_on_gone(req, client_gone);
}

void verb_copy(struct control_request *req)
{
	static const struct control_verb actions[] = {
		{ "copy",	copy },
		{ "status",	status },
		{ "raw",	raw },
		{ 0 },
	};

	if (!request_string(req, "action"))
		return copy(req);
	if (!request_run_action(req, actions))
		request_fail(req, "\"action\" must be copy, status or raw");
}
