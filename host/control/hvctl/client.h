/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_HVCTL_CLIENT_H
#define HOST_CONTROL_HVCTL_CLIENT_H

#include <json-c/json.h>
#include <stdbool.h>

/* The connection to a host: one request, its events, its answer. Blocking. */
struct client;

/* Return: NULL with errno set. */
struct client *client_connect(const char *path);
void client_close(struct client *client);

/* @args: taken over, may be NULL. Return: 0 or -errno. */
int client_ask(struct client *client, const char *verb, struct json_object *args);

/**
 * client_next() - the next line of the answer
 * @last:	set for the line that has "ok"
 *
 * Return: the message (the caller's), or NULL when the connection is lost or
 * what came is no JSON.
 */
struct json_object *client_next(struct client *client, bool *last);

#endif
