// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/control/server_private.h"

/* Requests: parsed, given to their verb, and answered. */

void request_free(struct control_request *req)
{
	json_object_put(req->message);
	free(req);
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
	request_free(req);
	client_send(client, message, true);
	json_object_put(message);
	if (client->fd < 0)
		client_kill(client);
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
	client_send(client, message, false);
	json_object_put(message);
	return true;
}

/* ---- requests ---- */

static const struct control_verb *find_verb(const struct control_verb *verbs, const char *name)
{
	const struct control_verb *verb;

	for (verb = verbs; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
	}
	return NULL;
}

bool request_run_action(struct control_request *req, const struct control_verb *actions)
{
	const char *name = request_string(req, "action");
	const struct control_verb *action = name ? find_verb(actions, name) : NULL;

	if (action)
		action->run(req);
	return action;
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
	verb = find_verb(req->client->server->verbs, json_object_get_string(name));
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

int client_serve(struct client *client, const char *line, size_t len)
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
