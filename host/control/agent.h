/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_AGENT_H
#define HOST_CONTROL_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/agent.h"

/*
 * The host's end of the guest agent: commands in the guest, and requests of
 * programs in the guest to our control socket. It knows no serial port and no
 * event loop: bytes from the guest come in by agent_receive(), bytes to it
 * leave by the write operation. One thread; callbacks may call in again.
 */
struct agent;

struct agent_ops {
	/* Send to the guest. Return: how many were taken; agent_writable() tells that there is room again. */
	size_t (*write)(void *opaque, const void *buf, size_t len);
	/* The guest's agent has started: agent_exec() works from now on. May be NULL. */
	void (*ready)(void *opaque);
	/*
	 * A program in the guest sent a line for the control socket, newline
	 * included. Answer with agent_control_reply(). May be NULL.
	 */
	void (*control)(void *opaque, uint32_t id, const char *line, size_t len);
};

struct agent_exec_ops {
	/* Bytes the command wrote to stdout or stderr. */
	void (*output)(void *opaque, bool is_stderr, const uint8_t *buf, size_t len);
	/* The last callback of a command. @end: enum hvp_agent_end or AGENT_LOST. */
	void (*ended)(void *opaque, uint32_t end, uint32_t code);
};

/* The guest's agent started anew, or agent_destroy() was called, while the command ran. */
#define AGENT_LOST	0x100u

/* Return: NULL when out of memory. */
struct agent *agent_create(const struct agent_ops *ops, void *opaque);

/* Ends a running command with AGENT_LOST. NULL is fine. */
void agent_destroy(struct agent *agent);

void agent_receive(struct agent *agent, const uint8_t *buf, size_t len);
void agent_writable(struct agent *agent);
bool agent_is_ready(const struct agent *agent);

/**
 * agent_exec() - run a command in the guest
 * @argv:	NULL-terminated; argv[0] is looked up in the guest's PATH
 * @limit_ms:	the guest kills the command after this time; 0: never
 *
 * Return: 0; -ENOTCONN before the agent is ready, -EBUSY while another command
 * runs, -E2BIG, -EINVAL (no command), -ENOMEM. On success ops->ended comes
 * exactly once, unless the guest falls silent: deadlines are the caller's.
 */
int agent_exec(struct agent *agent, const char *const argv[], unsigned int limit_ms,
	       const struct agent_exec_ops *ops, void *opaque);

/* Ask the guest to kill the running command; its end comes as usual. */
void agent_kill(struct agent *agent);

/* Forget the running command: no further callback. What the guest still sends for it is dropped. */
void agent_abandon(struct agent *agent);

/* Whether much waits for the guest: answer no further request of its programs. */
bool agent_congested(const struct agent *agent);

/**
 * agent_control_reply() - answer a request that came by agent_ops.control
 *
 * May be called several times for one request. Return: 0, -ENOMEM, or -ENOBUFS
 * when the guest does not read what it asked for.
 */
int agent_control_reply(struct agent *agent, uint32_t id, const void *buf, size_t len);

#endif
