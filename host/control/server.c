// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/control/server_private.h"
#include "host/machine/loop.h"

/* Where requests come from: the listening socket, its connections, and elsewhere. */

/* ---- input ---- */

static void serve_lines(struct client *client)
{
	char *start = client->in;
	size_t left = client->in_len;
	char *end;

	while (!client->dead && (end = memchr(start, '\n', left))) {
		size_t len = (size_t)(end - start);

		if (len && client_serve(client, start, len))
			return client_kill(client);
		left -= len + 1;
		start = end + 1;
	}
	memmove(client->in, start, left);
	client->in_len = left;
	if (left == SERVER_LINE_MAX)
		client_kill(client);
}

static void client_ready(void *opaque, int fd, uint32_t events)
{
	struct client *client = opaque;
	ssize_t got;

	if (client->dead)
		return;
	if (events & EPOLLOUT)
		client_flush(client);
	if (client->dead || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	got = recv(fd, client->in + client->in_len, SERVER_LINE_MAX - client->in_len, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		return client_kill(client);
	client->in_len += (size_t)got;
	serve_lines(client);
}

int server_add_client(struct server *server, int fd)
{
	struct client *client = NULL;
	char *in = NULL;

	if (server->client_count < SERVER_CLIENTS_MAX)
		in = malloc(SERVER_LINE_MAX);
	if (in)
		client = client_create(server, -1);
	if (!client) {
		free(in);
		close(fd);
		return -ENOMEM;
	}
	client->fd = fd;
	client->in = in;
	server->client_count++;
	if (loop_add(server->loop, fd, EPOLLIN, client_ready, client))
		client_kill(client);
	return 0;
}

static void connection_waits(void *opaque, int fd, uint32_t events)
{
	int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (client_fd >= 0)
		server_add_client(opaque, client_fd);
}

int server_request(struct server *server, const char *line, size_t len, server_reply_cb reply,
		   void *opaque, uint32_t id)
{
	struct client *client = client_create(server, -1);

	if (!client)
		return -ENOMEM;
	client->reply = reply;
	client->reply_opaque = opaque;
	client->reply_id = id;
	return client_serve(client, line, len);
}

/* ---- the server ---- */

struct server *server_create(struct loop *loop, const struct control_verb *verbs, void *context)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->loop = loop;
	server->verbs = verbs;
	server->context = context;
	server->listen_fd = -1;
	return server;
}

void server_destroy(struct server *server)
{
	struct client *client;

	if (!server)
		return;
	while ((client = server->clients)) {
		server->clients = client->next;
		client_free(client);
	}
	loop_forget(server->loop, server);
	if (server->listen_fd >= 0) {
		loop_del(server->loop, server->listen_fd);
		close(server->listen_fd);
		unlink(server->path);
	}
	free(server);
}

/* A socket file nobody listens on is left over from a host that died. Other files stay. */
static int bind_path(int fd, const struct sockaddr_un *addr)
{
	const struct sockaddr *sa = (const struct sockaddr *)addr;
	struct stat status;

	if (!bind(fd, sa, sizeof(*addr)))
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	if (lstat(addr->sun_path, &status))
		return -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	if (!connect(fd, sa, sizeof(*addr)) || errno != ECONNREFUSED)
		return -EADDRINUSE;
	unlink(addr->sun_path);
	return bind(fd, sa, sizeof(*addr)) ? -errno : 0;
}

int server_listen(struct server *server, const char *path, struct err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, ret;

	if (strlen(path) >= sizeof(addr.sun_path))
		return err_set(err, -ENAMETOOLONG, "the control socket's path is too long");
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, -errno, "cannot create a socket: %s", strerror(errno));
	ret = bind_path(fd, &addr);
	if (!ret && listen(fd, 8))
		ret = -errno;
	if (!ret)
		ret = loop_add(server->loop, fd, EPOLLIN, connection_waits, server);
	if (ret) {
		close(fd);
		return err_set(err, ret, "cannot listen on %s: %s", path, strerror(-ret));
	}
	server->listen_fd = fd;
	strcpy(server->path, path);
	return 0;
}
