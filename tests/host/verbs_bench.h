/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_HOST_VERBS_BENCH_H
#define TESTS_HOST_VERBS_BENCH_H

/*
 * What tests of verbs share: a machine in which no guest ever runs, and a
 * client of the control socket. For one test program, which includes this once
 * and brings the layers between the machine and the bus.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "host/control/control.h"
#include "host/control/control_private.h"
#include "host/control/server.h"
#include "host/machine/loop.h"
#include "host/machine/serial.h"
#include "host/machine/vm.h"
#include "tests/unit/unit.h"

/* ---- the machine ---- */

struct vm {
	bool paused;
	bool ended;
	enum host_exit reason;
	unsigned int nmis;
	serial_rx_cb rx;		/* of the agent's port */
	void *rx_opaque;
	uint8_t sent[4096];		/* to the guest's agent */
	size_t sent_len;
};

static struct vm vm;

unsigned int vm_cpus(const struct vm *v)
{
	(void)v;
	return 2;
}

void vm_pause(struct vm *v)
{
	v->paused = true;
}

void vm_resume(struct vm *v)
{
	v->paused = false;
}

bool vm_paused(const struct vm *v)
{
	return v->paused;
}

void vm_end(struct vm *v, enum host_exit reason)
{
	v->ended = true;
	v->reason = reason;
}

int vm_nmi(struct vm *v)
{
	v->nmis++;
	return 0;
}

void vm_counters(const struct vm *v, struct vm_counters *out)
{
	(void)v;
	*out = (struct vm_counters) { .exits = 5 };
}

/* The port is the machine itself. */
struct serial *vm_agent_port(const struct vm *v)
{
	return (struct serial *)v;
}

void serial_set_rx(struct serial *serial, serial_rx_cb cb, void *opaque)
{
	((struct vm *)serial)->rx = cb;
	((struct vm *)serial)->rx_opaque = opaque;
}

void serial_set_drain(struct serial *serial, void (*cb)(void *), void *opaque)
{
	(void)serial;
	(void)cb;
	(void)opaque;
}

size_t serial_write(struct serial *serial, const void *buf, size_t len)
{
	struct vm *v = (struct vm *)serial;

	assert_true(v->sent_len + len <= sizeof(v->sent));
	memcpy(v->sent + v->sent_len, buf, len);
	v->sent_len += len;
	return len;
}

/* ---- the client ---- */

static struct loop *loop;
static struct control *control;
static int peer;

static inline void connect_client(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(server_add_client(control->server, pair[0]), 0);
	peer = pair[1];
}

static void stop_loop(void *opaque)
{
	loop_stop(opaque);
}

static inline void turn(unsigned int ms)
{
	struct loop_timer *timer = loop_timer_create(loop, stop_loop, loop);

	loop_timer_arm(timer, ms * 1000000ull);
	assert_int_equal(loop_run(loop), 0);
	loop_timer_destroy(timer);
}

static inline void say(const char *line)
{
	assert_int_equal(send(peer, line, strlen(line), 0), (ssize_t)strlen(line));
	assert_int_equal(send(peer, "\n", 1, 0), 1);
	turn(15);
}

/* What the server has said since; "" for nothing. */
static inline const char *heard(void)
{
	static char text[65536];
	ssize_t len = recv(peer, text, sizeof(text) - 1, 0);

	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static inline void expect(const char *line, const char *part)
{
	const char *answer;

	say(line);
	answer = heard();
	if (!strstr(answer, part))
		fail_msg("%s: %s", line, answer);
}

#define OK	"\"ok\":true"

#endif
