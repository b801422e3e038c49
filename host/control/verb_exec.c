// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/control/agent.h"
#include "host/control/base64.h"
#include "host/control/control_private.h"
#include "host/machine/loop.h"

/*
 * exec: run a command in the guest. Its output comes as events, base64 because
 * it need not be text; the result says how it ended. Besides the limit that
 * the guest enforces there is one of the host's own, for a guest that hangs.
 */
#define ARGV_MAX	256
#define GRACE_MS	5000u

struct exec {
	struct control_request *req;	/* NULL: the client left */
	struct agent *agent;
	struct loop_timer *deadline;	/* NULL: the command has no limit */
	uint64_t lost;			/* bytes of output that the client was too slow for */
};

static void free_exec(struct exec *exec)
{
	loop_timer_destroy(exec->deadline);
	free(exec);
}

static void output(void *opaque, bool is_stderr, const uint8_t *buf, size_t len)
{
	struct exec *exec = opaque;
	struct json_object *event;
	char *text;

	text = exec->req ? malloc(BASE64_ROOM(len)) : NULL;
	if (!text)
		return;
	base64_encode(buf, len, text);
	event = json_object_new_object();
	put_string(event, "stream", is_stderr ? "stderr" : "stdout");
	put_string(event, "base64", text);
	free(text);
	if (!request_event(exec->req, event))
		exec->lost += len;
}

static void answer(struct control_request *req, uint32_t end, uint32_t code)
{
	struct json_object *result;

	if (end == HVP_AGENT_NOT_STARTED)
		return request_fail(req, "cannot run the command: %s", strerror((int)code));
	if (end == AGENT_LOST)
		return request_fail(req, "the guest's agent went away");
	result = json_object_new_object();
	if (end == HVP_AGENT_EXITED)
		put_number(result, "exit", code);
	else if (end == HVP_AGENT_SIGNALED)
		put_number(result, "signal", code);
	else
		put_flag(result, "over_time", true);
	request_done(req, result);
}

static void ended(void *opaque, uint32_t end, uint32_t code)
{
	struct exec *exec = opaque;

	if (exec->req && exec->lost)
		request_fail(exec->req, "%llu bytes of output were lost: nobody read them in time",
			     (unsigned long long)exec->lost);
	else if (exec->req)
		answer(exec->req, end, code);
	free_exec(exec);
}

static void deadline_passed(void *opaque)
{
	struct exec *exec = opaque;

	agent_abandon(exec->agent);
	if (exec->req)
		request_fail(exec->req, "the guest did not answer in time");
	free_exec(exec);
}

/* The command is killed; a guest that does not even do that gets no more than the grace. */
static void client_gone(struct control_request *req)
{
	struct control *control = request_control(req);
	struct exec *exec = request_state(req);

	exec->req = NULL;
	agent_kill(exec->agent);
	if (!exec->deadline)
		exec->deadline = loop_timer_create(control->host.loop, deadline_passed, exec);
	if (exec->deadline)
		loop_timer_arm(exec->deadline, GRACE_MS * 1000000ull);
}

/* Return: the number of words, 0 when "argv" is no list of 1 to ARGV_MAX strings. */
static size_t read_argv(struct control_request *req, const char *argv[ARGV_MAX + 1])
{
	struct json_object *array = NULL;
	size_t i, count;

	if (!request_args(req) ||
	    !json_object_object_get_ex(request_args(req), "argv", &array) ||
	    !json_object_is_type(array, json_type_array))
		return 0;
	count = json_object_array_length(array);
	if (count > ARGV_MAX)
		return 0;
	for (i = 0; i < count; i++) {
		struct json_object *word = json_object_array_get_idx(array, i);

		if (!json_object_is_type(word, json_type_string))
			return 0;
		argv[i] = json_object_get_string(word);
	}
	argv[count] = NULL;
	return count;
}

static const char *reason(int ret)
{
	switch (ret) {
	case -ENOTCONN:
		return "the guest's agent is not there (yet)";
	case -EBUSY:
		return "another command is running";
	case -E2BIG:
		return "the command line is too long";
	default:
		return strerror(-ret);
	}
}

static struct exec *make_exec(struct control_request *req, unsigned int limit_ms)
{
	struct control *control = request_control(req);
	struct exec *exec = calloc(1, sizeof(*exec));

	if (!exec)
		return NULL;
	exec->req = req;
	exec->agent = control->agent;
	if (!limit_ms)
		return exec;
	exec->deadline = loop_timer_create(control->host.loop, deadline_passed, exec);
	if (!exec->deadline) {
		free(exec);
		return NULL;
	}
	loop_timer_arm(exec->deadline, ((uint64_t)limit_ms + GRACE_MS) * 1000000u);
	return exec;
}

void verb_exec(struct control_request *req)
{
	static const struct agent_exec_ops ops = { .output = output, .ended = ended };
	int64_t seconds = request_number(req, "timeout", 0);
	const char *argv[ARGV_MAX + 1];
	struct exec *exec;
	int ret;

	if (!read_argv(req, argv))
		return request_fail(req, "\"argv\" must be a list of 1 to %d strings", ARGV_MAX);
	if (seconds < 0 || seconds > 1000000)
		return request_fail(req, "\"timeout\" is out of range");
	exec = make_exec(req, (unsigned int)seconds * 1000);
	if (!exec)
		return request_fail(req, "out of memory");
	request_set_state(req, exec);
	request_on_gone(req, client_gone);
	ret = agent_exec(exec->agent, argv, (unsigned int)seconds * 1000, &ops, exec);
	if (ret) {
		free_exec(exec);
		request_fail(req, "%s", reason(ret));
	}
}
