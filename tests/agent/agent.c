// SPDX-License-Identifier: GPL-2.0-only
/*
 * The agent in the guest: runs commands that the host asks for on a serial
 * port, and lets programs in the guest talk to the host's control socket.
 * Protocol: protocol/agent.h.
 *
 * usage: agent TTY [SOCKET]
 *
 * One thread, one poll loop. At most one command and one socket client at a
 * time; a second command is answered EBUSY, a second client waits its turn.
 * Writes to the port block: the host always reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "protocol/agent.h"

#define MAX_ARGS	256

struct command {
	pid_t pid;		/* 0: none runs */
	u32 id;
	int out;		/* read ends of its stdout and stderr, or -1 */
	int err;
	int64_t deadline_ms;	/* monotonic; 0: none */
	bool over_time;		/* was killed by us */
};

struct client {
	int listener;		/* -1: no control socket was asked for */
	int fd;			/* -1: nobody is connected */
	u32 id;			/* of this client's requests */
	u32 pending;		/* requests without an answer yet */
	bool wrote_all;		/* will ask nothing more */
	size_t have;
	u8 line[HVP_AGENT_MAX_PAYLOAD];
};

struct agent {
	int port;
	int signals;
	struct command command;
	struct client client;
	struct hvp_agent_parser parser;
	struct hvp_agent_frame frame;	/* being sent */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- to the host ---- */

static void send_frame(struct agent *agent, u8 type, u32 id, u16 len)
{
	const u8 *bytes = (const u8 *)&agent->frame;
	size_t left = hvp_agent_seal(&agent->frame, type, 0, id, len);
	ssize_t n;

	while (left) {
		n = write(agent->port, bytes, left);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			bytes += n;
			left -= (size_t)n;
		}
	}
}

static void send_hello(struct agent *agent)
{
	u32 version = HVP_AGENT_VERSION;

	memcpy(agent->frame.payload, &version, sizeof(version));
	send_frame(agent, HVP_AGENT_HELLO, 0, sizeof(version));
}

static void send_exit(struct agent *agent, u32 id, u32 end, u32 code)
{
	struct hvp_agent_exit exit = { .end = end, .code = code };

	memcpy(agent->frame.payload, &exit, sizeof(exit));
	send_frame(agent, HVP_AGENT_EXIT, id, sizeof(exit));
}

/* Return: false when there is nothing more to read now or ever. */
static bool send_output(struct agent *agent, u8 type, int *fd)
{
	ssize_t n;

	if (*fd < 0)
		return false;
	n = read(*fd, agent->frame.payload, sizeof(agent->frame.payload));
	if (n > 0) {
		send_frame(agent, type, agent->command.id, (u16)n);
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	return false;
}

/* ---- the command ---- */

/* Split "a\0b\0" into pointers. Return: false when it is no such list. */
static bool split_argv(char *bytes, size_t len, char *argv[MAX_ARGS + 1])
{
	size_t count = 0;

	if (!len || bytes[len - 1])
		return false;
	for (size_t i = 0; i < len; i += strlen(bytes + i) + 1) {
		if (count == MAX_ARGS)
			return false;
		argv[count++] = bytes + i;
	}
	argv[count] = NULL;
	return true;
}

static void become_command(char **argv, int out, int err)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(err, 2);
	execvp(argv[0], argv);
	dprintf(2, "agent: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int start_command(struct command *command, char **argv)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC))
		return errno;
	if (pipe2(err, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return errno;
	}
	command->pid = fork();
	if (command->pid == 0)
		become_command(argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (command->pid < 0) {
		command->pid = 0;
		close(out[0]);
		close(err[0]);
		return EAGAIN;
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	command->out = out[0];
	command->err = err[0];
	command->over_time = false;
	return 0;
}

static void exec_asked(struct agent *agent, const struct hvp_agent_frame *frame)
{
	static char bytes[HVP_AGENT_MAX_PAYLOAD];
	struct command *command = &agent->command;
	char *argv[MAX_ARGS + 1];
	struct hvp_agent_exec exec;
	size_t len = frame->header.len;
	u32 id = frame->header.id;
	int error;

	if (len < sizeof(exec)) {
		send_exit(agent, id, HVP_AGENT_NOT_STARTED, EINVAL);
		return;
	}
	memcpy(&exec, frame->payload, sizeof(exec));
	len -= sizeof(exec);
	memcpy(bytes, frame->payload + sizeof(exec), len);

	if (command->pid)
		error = EBUSY;
	else if (!split_argv(bytes, len, argv))
		error = EINVAL;
	else
		error = start_command(command, argv);
	if (error) {
		send_exit(agent, id, HVP_AGENT_NOT_STARTED, (u32)error);
		return;
	}
	command->id = id;
	command->deadline_ms = exec.limit_ms ? now_ms() + exec.limit_ms : 0;
}

static void kill_command(struct command *command)
{
	if (!command->pid)
		return;
	command->over_time = true;
	command->deadline_ms = 0;
	kill(-command->pid, SIGKILL);
	kill(command->pid, SIGKILL);
}

/*
 * The command has ended. Output that it wrote is in the pipes by now; what its
 * children may still write is nobody's.
 */
static void command_ended(struct agent *agent, int status)
{
	struct command *command = &agent->command;

	while (send_output(agent, HVP_AGENT_STDOUT, &command->out))
		;
	while (send_output(agent, HVP_AGENT_STDERR, &command->err))
		;
	close_fd(&command->out);
	close_fd(&command->err);
	command->pid = 0;
	command->deadline_ms = 0;

	if (command->over_time)
		send_exit(agent, command->id, HVP_AGENT_OVER_TIME, 0);
	else if (WIFEXITED(status))
		send_exit(agent, command->id, HVP_AGENT_EXITED, WEXITSTATUS(status));
	else
		send_exit(agent, command->id, HVP_AGENT_SIGNALED, WTERMSIG(status));
}

static void reap(struct agent *agent)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	if (read(agent->signals, &info, sizeof(info)) < 0)
		return;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == agent->command.pid)
			command_ended(agent, status);
	}
}

/* ---- programs in the guest that ask the host ---- */

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (void *)&address, sizeof(address)) || listen(fd, 8)) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void client_arrived(struct client *client)
{
	client->fd = accept4(client->listener, NULL, NULL, SOCK_CLOEXEC);
	client->have = 0;
	client->pending = 0;
	client->wrote_all = false;
	client->id++;
}

static void client_wrote(struct agent *agent)
{
	struct client *client = &agent->client;
	ssize_t n = read(client->fd, client->line + client->have,
			 sizeof(client->line) - client->have);
	u8 *end;
	size_t len;

	client->wrote_all = n == 0;
	if (n < 0 || (n == 0 && !client->pending) ||
	    client->have + (size_t)n == sizeof(client->line)) {
		close_fd(&client->fd);
		return;
	}
	client->have += (size_t)n;
	while ((end = memchr(client->line, '\n', client->have))) {
		len = (size_t)(end - client->line) + 1;
		memcpy(agent->frame.payload, client->line, len);
		send_frame(agent, HVP_AGENT_CONTROL, client->id, (u16)len);
		client->pending++;
		client->have -= len;
		memmove(client->line, client->line + len, client->have);
	}
}

static void control_replied(struct client *client, const struct hvp_agent_frame *frame)
{
	const u8 *bytes = frame->payload;
	size_t left = frame->header.len;
	ssize_t n;

	if (client->fd < 0 || frame->header.id != client->id)
		return;
	while (left) {
		n = send(client->fd, bytes, left, MSG_NOSIGNAL);
		if (n <= 0) {
			close_fd(&client->fd);
			return;
		}
		bytes += n;
		left -= (size_t)n;
	}
	if (!(frame->header.flags & HVP_AGENT_MORE) && client->pending)
		client->pending--;
	if (client->wrote_all && !client->pending)
		close_fd(&client->fd);
}

/* ---- from the host ---- */

static void frame_arrived(struct agent *agent, const struct hvp_agent_frame *frame)
{
	switch (frame->header.type) {
	case HVP_AGENT_HELLO_REQ:
		send_hello(agent);
		break;
	case HVP_AGENT_EXEC:
		exec_asked(agent, frame);
		break;
	case HVP_AGENT_KILL:
		if (frame->header.id == agent->command.id)
			kill_command(&agent->command);
		break;
	case HVP_AGENT_CONTROL_REPLY:
		control_replied(&agent->client, frame);
		break;
	}
}

static void port_readable(struct agent *agent)
{
	const struct hvp_agent_frame *frame;
	u8 buf[4096];
	ssize_t n = read(agent->port, buf, sizeof(buf));
	size_t used = 0;

	if (n <= 0)
		return;
	do {
		used += hvp_agent_parse(&agent->parser, buf + used, (size_t)n - used, &frame);
		if (frame)
			frame_arrived(agent, frame);
	} while (frame || used < (size_t)n);
}

static int open_port(const char *path)
{
	struct termios tio;
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &tio)) {
		perror(path);
		exit(1);
	}
	cfmakeraw(&tio);
	cfsetspeed(&tio, B115200);
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cflag &= ~CRTSCTS;
	tcsetattr(fd, TCSANOW, &tio);
	tcflush(fd, TCIOFLUSH);
	return fd;
}

static int child_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int poll_timeout(const struct command *command)
{
	int64_t left;

	if (!command->deadline_ms)
		return -1;
	left = command->deadline_ms - now_ms();
	return left < 0 ? 0 : (int)left;
}

static void serve(struct agent *agent)
{
	struct command *command = &agent->command;
	struct client *client = &agent->client;
	int timeout = poll_timeout(command);
	struct pollfd fds[] = {
		{ .fd = agent->port, .events = POLLIN },
		{ .fd = agent->signals, .events = POLLIN },
		{ .fd = command->out, .events = POLLIN },
		{ .fd = command->err, .events = POLLIN },
		{ .fd = client->fd < 0 ? client->listener : client->fd,
		  .events = client->fd >= 0 && client->wrote_all ? 0 : POLLIN },
	};

	if (poll(fds, 5, timeout) < 0)
		return;
	if (command->deadline_ms && now_ms() >= command->deadline_ms)
		kill_command(command);
	if (fds[2].revents)
		send_output(agent, HVP_AGENT_STDOUT, &command->out);
	if (fds[3].revents)
		send_output(agent, HVP_AGENT_STDERR, &command->err);
	if (fds[1].revents)
		reap(agent);
	if (fds[4].revents & POLLHUP && client->wrote_all)
		close_fd(&client->fd);
	else if (fds[4].revents && client->fd < 0)
		client_arrived(client);
	else if (fds[4].revents)
		client_wrote(agent);
	if (fds[0].revents)
		port_readable(agent);
}

int main(int argc, char **argv)
{
	static struct agent agent = {
		.command = { .out = -1, .err = -1 },
		.client = { .listener = -1, .fd = -1 },
	};

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: agent TTY [SOCKET]\n");
		return 2;
	}
	agent.port = open_port(argv[1]);
	agent.signals = child_signals();
	if (argc == 3)
		agent.client.listener = listen_on(argv[2]);
	send_hello(&agent);
	for (;;)
		serve(&agent);
}
