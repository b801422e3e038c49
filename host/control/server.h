/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_SERVER_H
#define HOST_CONTROL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/err.h"

/*
 * Requests as lines of JSON, from clients of a UNIX stream socket and from the
 * guest's agent:
 *
 *	-> {"id":1,"verb":"status","args":{}}
 *	<- {"id":1,"event":{...}}		any number, for verbs that stream
 *	<- {"id":1,"ok":true,"result":{...}}	or {"id":1,"ok":false,"error":"..."}
 *
 * A client may have several requests open; answers come as they are ready. The
 * server knows no verb: it is given a table. Loop thread only.
 */
struct control_verb;
struct loop;
struct server;

#define SERVER_LINE_MAX		65536u		/* a longer request closes the connection */
#define SERVER_OUTPUT_MAX	(8u << 20)	/* a client that reads less than it asks for is dropped */
#define SERVER_CLIENTS_MAX	32u

/**
 * server_create() - a server that does not listen yet
 * @verbs:	ends with a row without a name
 * @context:	for the verbs: request_context()
 */
struct server *server_create(struct loop *loop, const struct control_verb *verbs, void *context);

/* Closes all clients; what is queued for them is written as far as they take it at once. */
void server_destroy(struct server *server);

/* Return: 0, or a negative errno with a sentence in @err: the path is the user's. */
int server_listen(struct server *server, const char *path, struct err *err);

/* Serve a connected stream socket; takes @fd over. */
int server_add_client(struct server *server, int fd);

/* Where answers go that do not go to a socket. @last: nothing more will come. */
typedef void (*server_reply_cb)(void *opaque, uint32_t id, const char *line, size_t len, bool last);

/* Serve one request line from elsewhere; @id is given back with each line of the answer. */
int server_request(struct server *server, const char *line, size_t len, server_reply_cb reply,
		   void *opaque, uint32_t id);

#endif
