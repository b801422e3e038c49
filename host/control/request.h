/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_REQUEST_H
#define HOST_CONTROL_REQUEST_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A request being served, as the verbs see it. A verb answers exactly once, in
 * run() or later: with request_done() or request_fail(). After that, and after
 * gone(), it must not touch the request any more.
 */
struct control_request;

struct control_verb {
	const char *name;
	void (*run)(struct control_request *req);
};

/* The verb's own; NULL at run(). */
void request_set_state(struct control_request *req, void *state);
void *request_state(const struct control_request *req);

/* The client left before the answer: free the state, expect nothing. */
void request_on_gone(struct control_request *req, void (*gone)(struct control_request *req));

void *request_context(const struct control_request *req);
struct json_object *request_args(const struct control_request *req);

/* Arguments by name; the defaults stand for "missing or of another type". */
const char *request_string(const struct control_request *req, const char *name);	/* or NULL */
bool request_flag(const struct control_request *req, const char *name);
int64_t request_number(const struct control_request *req, const char *name, int64_t missing);

/**
 * request_run_action() - run the action that argument "action" names
 * @actions:	behind the last one, an empty one
 *
 * Return: false when there is none of that name; then nothing was done.
 */
bool request_run_action(struct control_request *req, const struct control_verb *actions);

/* @result, @event: taken over. NULL result: an empty one. */
void request_done(struct control_request *req, struct json_object *result);
void request_fail(struct control_request *req, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Something on the way to the answer. Return: false when the client takes no more now. */
bool request_event(struct control_request *req, struct json_object *event);

#endif
