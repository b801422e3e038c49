// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/control/server_private.h"
#include "host/machine/loop.h"

/* The life of a client, and its output. */

/* ---- clients ---- */

void client_free(struct client *client)
{
	struct server *server = client->server;
	struct control_request *req;

	while ((req = client->requests)) {
		client->requests = req->next;
		if (req->gone)
			req->gone(req);
		request_free(req);
	}
	if (client->fd >= 0) {
		loop_del(server->loop, client->fd);
		close(client->fd);
		server->client_count--;
	}
	free(client->in);
	free(client->out);
	free(client);
}

static void reap(void *opaque)
{
	struct server *server = opaque;
	struct client **link = &server->clients;

	server->reap_queued = false;
	while (*link) {
		struct client *client = *link;

		if (!client->dead) {
			link = &client->next;
			continue;
		}
		*link = client->next;
		client_free(client);
	}
}

void client_kill(struct client *client)
{
	struct server *server = client->server;

	client->dead = true;
	if (client->fd >= 0)
		loop_mod(server->loop, client->fd, 0);
	if (!server->reap_queued && !loop_defer(server->loop, reap, server))
		server->reap_queued = true;
}

struct client *client_create(struct server *server, int fd)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->server = server;
	client->fd = fd;
	client->next = server->clients;
	server->clients = client;
	return client;
}

/* ---- output ---- */

void client_flush(struct client *client)
{
	ssize_t sent;

	while (client->out_len && !client->dead) {
		sent = send(client->fd, client->out, client->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0)
			return client_kill(client);
		client->out_len -= (size_t)sent;
		memmove(client->out, client->out + sent, client->out_len);
	}
	if (!client->dead && client->want_write != (client->out_len > 0)) {
		client->want_write = client->out_len > 0;
		loop_mod(client->server->loop, client->fd,
			 EPOLLIN | (client->want_write ? EPOLLOUT : 0u));
	}
}

/* Return: whether there is room for @len more bytes. */
static bool make_room(struct client *client, size_t len)
{
	size_t room = client->out_room ? client->out_room : 4096;
	char *out;

	if (client->out_len + len <= client->out_room)
		return true;
	if (client->out_len + len > SERVER_OUTPUT_MAX)
		return false;
	while (room < client->out_len + len)
		room *= 2;
	out = realloc(client->out, room);
	if (!out)
		return false;
	client->out = out;
	client->out_room = room;
	return true;
}

void client_send(struct client *client, struct json_object *message, bool last)
{
	size_t len;
	const char *text = json_object_to_json_string_length(message, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	if (client->dead)
		return;
	if (client->fd < 0) {
		client->reply(client->reply_opaque, client->reply_id, text, len, false);
		client->reply(client->reply_opaque, client->reply_id, "\n", 1, last);
		return;
	}
	if (!make_room(client, len + 1))
		return client_kill(client);
	memcpy(client->out + client->out_len, text, len);
	client->out[client->out_len + len] = '\n';
	client->out_len += len + 1;
	client_flush(client);
}
