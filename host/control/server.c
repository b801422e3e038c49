// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/control/request.h"
#include "host/machine/loop.h"

/*
 * A client owns its requests. It is freed in one place, reap(), which runs
 * deferred: a verb may answer from anywhere, and never finds its request gone
 * under its feet.
 *
 *	open --end of file, error, too much of anything--> dead --reap()--> gone
 *
 * A client without a socket (fd -1) carries one request from elsewhere and
 * dies with its answer.
 */
struct client {
	struct server *server;
	struct client *next;
	struct control_request *requests;
	int fd;
	bool dead;
	bool want_write;		/* EPOLLOUT is on */

	char *in;			/* SERVER_LINE_MAX bytes; socket clients only */
	size_t in_len;
	char *out;
	size_t out_len, out_room;

	server_reply_cb reply;		/* fd -1 */
	void *reply_opaque;
	uint32_t reply_id;
};

struct control_request {
	struct client *client;
	struct control_request *next;
	struct json_object *message;	/* the whole line; owns @args */
	struct json_object *id;
	struct json_object *args;
	void *state;
	void (*gone)(struct control_request *req);
};

struct server {
	struct loop *loop;
	const struct control_verb *verbs;
	void *context;
	int listen_fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client *clients;
	unsigned int client_count;
	bool reap_queued;
};

/* ---- clients ---- */

static void free_request(struct control_request *req)
{
	json_object_put(req->message);
	free(req);
}

static void free_client(struct client *client)
{
	struct server *server = client->server;
	struct control_request *req;

	while ((req = client->requests)) {
		client->requests = req->next;
		if (req->gone)
			req->gone(req);
		free_request(req);
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
		free_client(client);
	}
}

static void kill_client(struct client *client)
{
	struct server *server = client->server;

	client->dead = true;
	if (client->fd >= 0)
		loop_mod(server->loop, client->fd, 0);
	if (!server->reap_queued && !loop_defer(server->loop, reap, server))
		server->reap_queued = true;
}

static struct client *make_client(struct server *server, int fd)
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

static void flush(struct client *client)
{
	ssize_t sent;

	while (client->out_len && !client->dead) {
		sent = send(client->fd, client->out, client->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0)
			return kill_client(client);
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

static void send_line(struct client *client, struct json_object *message, bool last)
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
		return kill_client(client);
	memcpy(client->out + client->out_len, text, len);
	client->out[client->out_len + len] = '\n';
	client->out_len += len + 1;
	flush(client);
}

static struct json_object *envelope(const struct control_request *req)
{
	struct json_object *message = json_object_new_object();

	json_object_object_add(message, "id", json_object_get(req->id));
	return message;
}

/* The last line of a request; frees it. */
static void answer(struct control_request *req, bool ok, const char *key, struct json_object *value)
{
	struct client *client = req->client;
	struct json_object *message = envelope(req);
	struct control_request **link;

	json_object_object_add(message, "ok", json_object_new_boolean(ok));
	json_object_object_add(message, key, value);
	for (link = &client->requests; *link != req; link = &(*link)->next)
		;
	*link = req->next;
	free_request(req);
	send_line(client, message, true);
	json_object_put(message);
	if (client->fd < 0)
		kill_client(client);
}

void request_done(struct control_request *req, struct json_object *result)
{
	answer(req, true, "result", result ? result : json_object_new_object());
}

void request_fail(struct control_request *req, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	answer(req, false, "error", json_object_new_string(text));
}

bool request_event(struct control_request *req, struct json_object *event)
{
	struct client *client = req->client;
	struct json_object *message;

	if (client->dead || client->out_len > SERVER_OUTPUT_MAX / 2) {
		json_object_put(event);
		return false;
	}
	message = envelope(req);
	json_object_object_add(message, "event", event);
	send_line(client, message, false);
	json_object_put(message);
	return true;
}

/* ---- requests ---- */

static const struct control_verb *find_verb(const struct server *server, const char *name)
{
	const struct control_verb *verb;

	for (verb = server->verbs; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
	}
	return NULL;
}

static void dispatch(struct control_request *req)
{
	struct json_object *name = NULL;
	const struct control_verb *verb;

	if (!json_object_is_type(req->message, json_type_object))
		return request_fail(req, "a request is one JSON object in one line");
	json_object_object_get_ex(req->message, "id", &req->id);
	json_object_object_get_ex(req->message, "args", &req->args);
	if (req->args && !json_object_is_type(req->args, json_type_object))
		return request_fail(req, "\"args\" must be an object");
	if (!json_object_object_get_ex(req->message, "verb", &name) ||
	    !json_object_is_type(name, json_type_string))
		return request_fail(req, "\"verb\" is missing");
	verb = find_verb(req->client->server, json_object_get_string(name));
	if (!verb)
		return request_fail(req, "unknown verb \"%.40s\"", json_object_get_string(name));
	verb->run(req);
}

static struct json_object *parse(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(16);
	struct json_object *message = NULL;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	message = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		message = json_tokener_parse_ex(tokener, "", -1);
	json_tokener_free(tokener);
	return message;
}

static int serve_line(struct client *client, const char *line, size_t len)
{
	struct control_request *req = calloc(1, sizeof(*req));

	if (!req)
		return -ENOMEM;
	req->client = client;
	req->message = parse(line, len);
	req->next = client->requests;
	client->requests = req;
	dispatch(req);
	return 0;
}

int server_request(struct server *server, const char *line, size_t len, server_reply_cb reply,
		   void *opaque, uint32_t id)
{
	struct client *client = make_client(server, -1);

	if (!client)
		return -ENOMEM;
	client->reply = reply;
	client->reply_opaque = opaque;
	client->reply_id = id;
	return serve_line(client, line, len);
}

void request_set_state(struct control_request *req, void *state)
{
	req->state = state;
}

void *request_state(const struct control_request *req)
{
	return req->state;
}

void request_on_gone(struct control_request *req, void (*gone)(struct control_request *req))
{
	req->gone = gone;
}

void *request_context(const struct control_request *req)
{
	return req->client->server->context;
}

struct json_object *request_args(const struct control_request *req)
{
	return req->args;
}

static struct json_object *argument(const struct control_request *req, const char *name,
				    enum json_type type)
{
	struct json_object *value = NULL;

	if (!req->args || !json_object_object_get_ex(req->args, name, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

const char *request_string(const struct control_request *req, const char *name)
{
	struct json_object *value = argument(req, name, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

bool request_flag(const struct control_request *req, const char *name)
{
	struct json_object *value = argument(req, name, json_type_boolean);

	return value && json_object_get_boolean(value);
}

int64_t request_number(const struct control_request *req, const char *name, int64_t missing)
{
	struct json_object *value = argument(req, name, json_type_int);

	return value ? json_object_get_int64(value) : missing;
}

/* ---- input ---- */

static void serve_lines(struct client *client)
{
	char *start = client->in;
	size_t left = client->in_len;
	char *end;

	while (!client->dead && (end = memchr(start, '\n', left))) {
		size_t len = (size_t)(end - start);

		if (len && serve_line(client, start, len))
			return kill_client(client);
		left -= len + 1;
		start = end + 1;
	}
	memmove(client->in, start, left);
	client->in_len = left;
	if (left == SERVER_LINE_MAX)
		kill_client(client);
}

static void client_ready(void *opaque, int fd, uint32_t events)
{
	struct client *client = opaque;
	ssize_t got;

	if (client->dead)
		return;
	if (events & EPOLLOUT)
		flush(client);
	if (client->dead || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	got = recv(fd, client->in + client->in_len, SERVER_LINE_MAX - client->in_len, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		return kill_client(client);
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
		client = make_client(server, -1);
	if (!client) {
		free(in);
		close(fd);
		return -ENOMEM;
	}
	client->fd = fd;
	client->in = in;
	server->client_count++;
	if (loop_add(server->loop, fd, EPOLLIN, client_ready, client))
		kill_client(client);
	return 0;
}

static void connection_waits(void *opaque, int fd, uint32_t events)
{
	int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (client_fd >= 0)
		server_add_client(opaque, client_fd);
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
		free_client(client);
	}
	loop_forget(server->loop, server);
	if (server->listen_fd >= 0) {
		loop_del(server->loop, server->listen_fd);
		close(server->listen_fd);
		unlink(server->path);
	}
	free(server);
}

/* A socket file nobody listens on is left over from a host that died. */
static int bind_path(int fd, const struct sockaddr_un *addr)
{
	const struct sockaddr *sa = (const struct sockaddr *)addr;

	if (!bind(fd, sa, sizeof(*addr)))
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
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
