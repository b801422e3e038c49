// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/control/agent.h"
#include "host/control/control_private.h"
#include "host/control/server.h"
#include "host/machine/serial.h"
#include "host/machine/vm.h"

/* The agent's port is COM2. */

static size_t agent_write(void *opaque, const void *buf, size_t len)
{
	struct control *control = opaque;

	return serial_write(vm_agent_port(control->host.vm), buf, len);
}

static void agent_bytes(void *opaque, const uint8_t *buf, size_t len)
{
	struct control *control = opaque;

	agent_receive(control->agent, buf, len);
}

static void agent_port_drained(void *opaque)
{
	struct control *control = opaque;

	agent_writable(control->agent);
}

/* A program in the guest asks; it gets the same answers as anyone on the socket. */
static void guest_reply(void *opaque, uint32_t id, const char *line, size_t len, bool last)
{
	struct control *control = opaque;

	(void)last;
	agent_control_reply(control->agent, id, line, len);
}

static void guest_request(void *opaque, uint32_t id, const char *line, size_t len)
{
	struct control *control = opaque;

	if (agent_congested(control->agent))
		return;
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	server_request(control->server, line, len, guest_reply, control, id);
}

static const struct agent_ops agent_ops = {
	.write		= agent_write,
	.control	= guest_request,
};

static void connect_agent(struct control *control)
{
	struct serial *port = vm_agent_port(control->host.vm);

	serial_set_rx(port, agent_bytes, control);
	serial_set_drain(port, agent_port_drained, control);
}

int control_create(struct control **out, const struct control_config *config, struct err *err)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return err_set(err, -ENOMEM, "out of memory");
	control->host = *config;
	control->server = server_create(config->loop, control_verbs, control);
	control->agent = agent_create(&agent_ops, control);
	if (!control->server || !control->agent) {
		server_destroy(control->server);
		agent_destroy(control->agent);
		free(control);
		return err_set(err, -ENOMEM, "out of memory");
	}
	connect_agent(control);
	*out = control;
	return 0;
}

/* The server first: its requests point at the agent's command and at the waits. */
void control_destroy(struct control *control)
{
	struct serial *port;

	if (!control)
		return;
	port = vm_agent_port(control->host.vm);
	serial_set_rx(port, NULL, NULL);
	serial_set_drain(port, NULL, NULL);
	server_destroy(control->server);
	agent_destroy(control->agent);
	if (control->trace_file) {
		fclose(control->trace_file);
		control->trace_file = NULL;
		control_update_trace(control);
	}
	free(control);
}

int control_listen(struct control *control, const char *path, struct err *err)
{
	return server_listen(control->server, path, err);
}

int control_trace_to(struct control *control, const char *path, struct err *err)
{
	control->trace_file = fopen(path, "we");
	if (!control->trace_file)
		return err_set(err, -errno, "cannot write the trace to %s: %s", path,
			       strerror(errno));
	control_update_trace(control);
	return 0;
}

void control_ended(struct control *control, enum host_exit reason)
{
	control_answer_waits(control, reason);
}
