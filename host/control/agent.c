// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a guest that asks and does not read may have waiting. */
#define BACKLOG_MAX	(8u << 20)

/* Bytes that the port has not taken yet. */
struct backlog {
	uint8_t *bytes;
	size_t len;
	size_t room;
};

struct agent {
	struct agent_ops ops;
	void *opaque;
	bool is_ready;

	/* The running command; id 0: none. */
	uint32_t id;
	struct agent_exec_ops exec;
	void *exec_opaque;

	uint32_t last_id;
	struct backlog backlog;
	struct hvp_agent_parser parser;
	struct hvp_agent_frame frame;	/* being built */
};

struct agent *agent_create(const struct agent_ops *ops, void *opaque)
{
	struct agent *agent = calloc(1, sizeof(*agent));

	if (!agent)
		return NULL;
	agent->ops = *ops;
	agent->opaque = opaque;
	return agent;
}

static void command_ended(struct agent *agent, uint32_t end, uint32_t code)
{
	if (!agent->id)
		return;
	agent->id = 0;
	agent->exec.ended(agent->exec_opaque, end, code);
}

void agent_destroy(struct agent *agent)
{
	if (!agent)
		return;
	command_ended(agent, AGENT_LOST, 0);
	free(agent->backlog.bytes);
	free(agent);
}

bool agent_is_ready(const struct agent *agent)
{
	return agent->is_ready;
}

static int backlog_add(struct backlog *backlog, const void *bytes, size_t len)
{
	size_t room = backlog->len + len;
	uint8_t *grown;

	if (room > backlog->room) {
		grown = realloc(backlog->bytes, room);
		if (!grown)
			return -ENOMEM;
		backlog->bytes = grown;
		backlog->room = room;
	}
	memcpy(backlog->bytes + backlog->len, bytes, len);
	backlog->len += len;
	return 0;
}

void agent_writable(struct agent *agent)
{
	struct backlog *backlog = &agent->backlog;
	size_t taken;

	if (!backlog->len)
		return;
	taken = agent->ops.write(agent->opaque, backlog->bytes, backlog->len);
	backlog->len -= taken;
	memmove(backlog->bytes, backlog->bytes + taken, backlog->len);
}

static int send_frame(struct agent *agent, uint8_t type, uint8_t flags, uint32_t id, size_t len)
{
	size_t total = hvp_agent_seal(&agent->frame, type, flags, id, (uint16_t)len);
	int err = backlog_add(&agent->backlog, &agent->frame, total);

	if (!err)
		agent_writable(agent);
	return err;
}

/* Lay out limit and strings. Return: length of the payload or -errno. */
static int build_exec(struct hvp_agent_frame *frame, const char *const argv[], uint32_t limit_ms)
{
	const struct hvp_agent_exec exec = { .limit_ms = limit_ms };
	size_t len = sizeof(exec);
	size_t size;

	if (!argv[0])
		return -EINVAL;
	memcpy(frame->payload, &exec, sizeof(exec));
	for (; *argv; argv++) {
		size = strlen(*argv) + 1;
		if (size > sizeof(frame->payload) - len)
			return -E2BIG;
		memcpy(frame->payload + len, *argv, size);
		len += size;
	}
	return (int)len;
}

int agent_exec(struct agent *agent, const char *const argv[], unsigned int limit_ms,
	       const struct agent_exec_ops *ops, void *opaque)
{
	uint32_t id = agent->last_id + 1 ? agent->last_id + 1 : 1;
	int len;
	int err;

	if (!agent->is_ready)
		return -ENOTCONN;
	if (agent->id)
		return -EBUSY;
	len = build_exec(&agent->frame, argv, limit_ms);
	if (len < 0)
		return len;
	agent->id = id;
	agent->last_id = id;
	agent->exec = *ops;
	agent->exec_opaque = opaque;
	err = send_frame(agent, HVP_AGENT_EXEC, 0, id, (size_t)len);
	if (err)
		agent->id = 0;
	return err;
}

void agent_kill(struct agent *agent)
{
	if (agent->id)
		send_frame(agent, HVP_AGENT_KILL, 0, agent->id, 0);
}

void agent_abandon(struct agent *agent)
{
	agent->id = 0;
}

bool agent_congested(const struct agent *agent)
{
	return agent->backlog.len > BACKLOG_MAX / 8;
}

int agent_control_reply(struct agent *agent, uint32_t id, const void *buf, size_t len)
{
	const uint8_t *bytes = buf;
	size_t part;
	int err;

	if (agent->backlog.len > BACKLOG_MAX)
		return -ENOBUFS;
	do {
		part = len < HVP_AGENT_MAX_PAYLOAD ? len : HVP_AGENT_MAX_PAYLOAD;
		memcpy(agent->frame.payload, bytes, part);
		bytes += part;
		len -= part;
		err = send_frame(agent, HVP_AGENT_CONTROL_REPLY, len ? HVP_AGENT_MORE : 0, id, part);
	} while (len && !err);
	return err;
}

static void hello_arrived(struct agent *agent)
{
	command_ended(agent, AGENT_LOST, 0);
	agent->is_ready = true;
	if (agent->ops.ready)
		agent->ops.ready(agent->opaque);
}

static void exit_arrived(struct agent *agent, const struct hvp_agent_frame *frame)
{
	struct hvp_agent_exit exit;

	if (frame->header.len != sizeof(exit))
		return;
	memcpy(&exit, frame->payload, sizeof(exit));
	command_ended(agent, exit.end <= HVP_AGENT_NOT_STARTED ? exit.end : AGENT_LOST, exit.code);
}

static void frame_arrived(struct agent *agent, const struct hvp_agent_frame *frame)
{
	bool is_current = agent->id && frame->header.id == agent->id;

	switch (frame->header.type) {
	case HVP_AGENT_HELLO:
		hello_arrived(agent);
		break;
	case HVP_AGENT_STDOUT:
	case HVP_AGENT_STDERR:
		if (is_current)
			agent->exec.output(agent->exec_opaque, frame->header.type == HVP_AGENT_STDERR,
					   frame->payload, frame->header.len);
		break;
	case HVP_AGENT_EXIT:
		if (is_current)
			exit_arrived(agent, frame);
		break;
	case HVP_AGENT_CONTROL:
		if (agent->ops.control)
			agent->ops.control(agent->opaque, frame->header.id,
					   (const char *)frame->payload, frame->header.len);
		break;
	}
}

void agent_receive(struct agent *agent, const uint8_t *buf, size_t len)
{
	const struct hvp_agent_frame *frame;
	size_t used = 0;

	do {
		used += hvp_agent_parse(&agent->parser, buf + used, len - used, &frame);
		if (frame)
			frame_arrived(agent, frame);
	} while (frame || used < len);
}
