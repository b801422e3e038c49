// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/control/base64.h"
#include "host/control/hvctl/client.h"
#include "host/control/hvctl/hvctl.h"

/* hvctl: the command line of a running hvhost. */

struct options {
	const char *socket;
	bool json;
};

static void print_usage(FILE *out)
{
	const struct verb *verb;

	fprintf(out, "usage: hvctl [--socket PATH] [--json] VERB [ARGUMENT]...\n"
		"Talks to a running hvhost; the socket is also taken from HVCTL_SOCKET.\n\n");
	for (verb = verbs; verb->name; verb++)
		fprintf(out, "  %-9s %.*s\n", verb->name, (int)strcspn(verb->help, "\n"),
			verb->help);
	fprintf(out, "\n`hvctl VERB --help` says more. Exit status: 0; 1 error; 2 usage; "
		"exec: the command's.\n");
}

static void print_verb(FILE *out, const struct verb *verb)
{
	fprintf(out, "usage: hvctl %s %s\n%s\n", verb->name, verb->usage, verb->help);
}

static const struct verb *find_verb(const char *name)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
	}
	return NULL;
}

static const char *string_of(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value))
		return NULL;
	return json_object_get_string(value);
}

static void print_output(struct json_object *event, const char *text)
{
	const char *stream = string_of(event, "stream");
	FILE *out = stream && !strcmp(stream, "stderr") ? stderr : stdout;
	uint8_t *bytes = malloc(strlen(text) + 1);
	long len = bytes ? base64_decode(text, bytes) : -1;

	if (len > 0)
		fwrite(bytes, 1, (size_t)len, out);
	free(bytes);
	fflush(out);
}

static void print_event(struct json_object *message)
{
	struct json_object *event = NULL;
	const char *text;

	json_object_object_get_ex(message, "event", &event);
	text = string_of(event, "base64");
	if (text)
		return print_output(event, text);
	text = string_of(event, "line");
	if (text)
		puts(text);
	fflush(stdout);
}

static int exec_status(struct json_object *result)
{
	struct json_object *value = NULL;

	if (json_object_object_get_ex(result, "exit", &value))
		return json_object_get_int(value);
	if (json_object_object_get_ex(result, "signal", &value))
		return 128 + json_object_get_int(value);
	return EXIT_OVER_TIME;
}

static int print_answer(const struct verb *verb, struct json_object *message, bool json)
{
	struct json_object *ok = NULL, *result = NULL;

	json_object_object_get_ex(message, "ok", &ok);
	json_object_object_get_ex(message, "result", &result);
	if (!json_object_get_boolean(ok)) {
		const char *text = string_of(message, "error");

		if (!json)
			fprintf(stderr, "hvctl: %s\n", text ? text : "the host refused");
		return EXIT_ERROR_ANSWER;
	}
	if (!json)
		verb->print(result);
	return strcmp(verb->name, "exec") ? 0 : exec_status(result);
}

static int converse(struct client *client, const struct verb *verb, bool json)
{
	struct json_object *message;
	bool last = false;
	int status = 0;

	while (!last) {
		message = client_next(client, &last);
		if (!message) {
			fprintf(stderr, "hvctl: the host closed the connection\n");
			return EXIT_ERROR_ANSWER;
		}
		if (json) {
			puts(json_object_to_json_string_ext(message,
				JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
			fflush(stdout);
		}
		if (last)
			status = print_answer(verb, message, json);
		else if (!json)
			print_event(message);
		json_object_put(message);
	}
	return status;
}

static int run(const struct options *options, const struct verb *verb, struct json_object *args)
{
	struct client *client;
	int status;

	if (!options->socket) {
		json_object_put(args);
		fprintf(stderr, "hvctl: no socket: use --socket or HVCTL_SOCKET\n");
		return EXIT_USAGE;
	}
	client = client_connect(options->socket);
	if (!client) {
		json_object_put(args);
		fprintf(stderr, "hvctl: %s: %s\n", options->socket, strerror(errno));
		return EXIT_ERROR_ANSWER;
	}
	if (client_ask(client, verb->name, args)) {
		fprintf(stderr, "hvctl: the host closed the connection\n");
		status = EXIT_ERROR_ANSWER;
	} else {
		status = converse(client, verb, options->json);
	}
	client_close(client);
	return status;
}

static int run_verb(const struct options *options, int argc, char **argv)
{
	const struct verb *verb = find_verb(argv[0]);
	struct json_object *args;

	if (!verb) {
		fprintf(stderr, "hvctl: unknown verb \"%s\"; try `hvctl --help`\n", argv[0]);
		return EXIT_USAGE;
	}
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		print_verb(stdout, verb);
		return 0;
	}
	args = json_object_new_object();
	if (verb->parse(argc - 1, argv + 1, args)) {
		json_object_put(args);
		print_verb(stderr, verb);
		return EXIT_USAGE;
	}
	return run(options, verb, args);
}

/* Return: index of the verb, or -1 with the exit status in @status. */
static int parse_options(int argc, char **argv, struct options *options, int *status)
{
	int i;

	*status = EXIT_USAGE;
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--help")) {
			print_usage(stdout);
			*status = 0;
			return -1;
		}
		if (!strcmp(argv[i], "--json")) {
			options->json = true;
			continue;
		}
		if (strcmp(argv[i], "--socket") || i + 1 == argc) {
			fprintf(stderr, "hvctl: bad option \"%s\"; try `hvctl --help`\n", argv[i]);
			return -1;
		}
		options->socket = argv[++i];
	}
	if (i == argc) {
		print_usage(stderr);
		return -1;
	}
	return i;
}

int main(int argc, char **argv)
{
	struct options options = { .socket = getenv("HVCTL_SOCKET") };
	int status;
	int verb = parse_options(argc, argv, &options, &status);

	return verb < 0 ? status : run_verb(&options, argc - verb, argv + verb);
}
