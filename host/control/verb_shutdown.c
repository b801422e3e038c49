// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "host/control/control_private.h"
#include "host/control/refusal.h"
#include "host/vsp/shutdown.h"
#include "host/vsp/vsp.h"

/* shutdown, reboot: asking the guest to end itself. */

/* The request waits for the guest's word, which comes before the deed. */
static void guest_answered(void *opaque, const struct ic_answer *answer)
{
	if (answer->error || answer->status)
		request_refused(opaque, answer->error, answer->status);
	else
		request_done(opaque, NULL);
}

static void client_gone(struct control_request *req)
{
	shutdown_forget(vsp_shutdown(request_control(req)->host.vsp), req);
}

static void ask_guest(struct control_request *req, const struct hvp_shutdown_request *wish)
{
	struct shutdown *sd = vsp_shutdown(request_control(req)->host.vsp);
	int ret = shutdown_request(sd, wish, guest_answered, req);

	if (ret == -EILSEQ)
		return request_fail(req, "\"text\" is not UTF-8");
	if (ret)
		return request_not_asked(req, shutdown_ic(sd), ret);
	request_on_gone(req, client_gone);
}

/* Return: the number, or -1 when the request has failed. */
static int64_t number_up_to(struct control_request *req, const char *name, int64_t missing,
			    int64_t max)
{
	int64_t value = request_number(req, name, missing);

	if (value >= 0 && value <= max)
		return value;
	request_fail(req, "\"%s\" must be 0 to %lld", name, (long long)max);
	return -1;
}

void verb_shutdown(struct control_request *req)
{
	struct hvp_shutdown_request wish = { .force = request_flag(req, "force") };
	bool restart = request_flag(req, "restart") || request_flag(req, "reboot");
	const char *text = request_string(req, "text");
	int64_t reason, timeout;

	if (restart && request_flag(req, "hibernate"))
		return request_fail(req, "restart and hibernate exclude each other");
	if (text && strlen(text) >= sizeof(wish.text))
		return request_fail(req, "\"text\" is longer than %zu bytes",
				    sizeof(wish.text) - 1);
	reason = number_up_to(req, "reason", HVP_SHUTDOWN_PLANNED, UINT32_MAX);
	if (reason < 0)
		return;
	timeout = number_up_to(req, "timeout", 0, SHUTDOWN_TIMEOUT_MAX);
	if (timeout < 0)
		return;
	if (restart)
		wish.action = HVP_SHUTDOWN_DO_RESTART;
	else if (request_flag(req, "hibernate"))
		wish.action = HVP_SHUTDOWN_DO_HIBERNATE;
	wish.reason = (u32)reason;
	wish.timeout_seconds = (u32)timeout;
	if (text)
		strcpy(wish.text, text);
	ask_guest(req, &wish);
}

void verb_reboot(struct control_request *req)
{
	static const struct hvp_shutdown_request wish = {
		.action = HVP_SHUTDOWN_DO_RESTART, .reason = HVP_SHUTDOWN_PLANNED,
	};

	ask_guest(req, &wish);
}
