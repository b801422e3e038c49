/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_SERVER_PRIVATE_H
#define HOST_CONTROL_SERVER_PRIVATE_H

#include <json-c/json.h>
#include <sys/un.h>

#include "host/control/request.h"
#include "host/control/server.h"

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

/* client.c. @fd: -1 for a request from elsewhere. Return: NULL when out of memory. */
struct client *client_create(struct server *server, int fd);
void client_free(struct client *client);

/* No further line in or out; freed soon. */
void client_kill(struct client *client);

/* Queue one line of output. @last: of its request. */
void client_send(struct client *client, struct json_object *message, bool last);

/* The socket takes bytes again. */
void client_flush(struct client *client);

/* request.c: serve one line. Return: 0 or -ENOMEM. */
int client_serve(struct client *client, const char *line, size_t len);
void request_free(struct control_request *req);

#endif
