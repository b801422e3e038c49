// SPDX-License-Identifier: GPL-2.0-only
#include "host/control/hvctl/services.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/control/hvctl/table.h"
#include "host/control/hvctl/words.h"

int service_words(int argc, char **argv, struct json_object *args)
{
	const char *action = argc ? argv[0] : "list";

	put_string(args, "action", action);
	if (!strcmp(action, "list"))
		return argc <= 1 ? 0 : -1;
	if (argc < 2)
		return -1;
	put_string(args, "name", argv[1]);
	if (!strcmp(action, "patience"))
		return argc == 3 ? put_number(args, "seconds", argv[2]) : -1;
	return argc == 2 && (!strcmp(action, "on") || !strcmp(action, "off")) ? 0 : -1;
}

int heartbeat_words(int argc, char **argv, struct json_object *args)
{
	if (!argc)
		return 0;
	if (argc != 2 || strcmp(argv[0], "beat"))
		return -1;
	put_string(args, "action", "beat");
	return put_number(args, "count", argv[1]);
}

/* Seconds with a fraction become microseconds. */
static int put_seconds(struct json_object *args, const char *key, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !isfinite(seconds) || fabs(seconds) > 9e12)
		return -1;
	json_object_object_add(args, key, json_object_new_int64((int64_t)(seconds * 1e6)));
	return 0;
}

int time_words(int argc, char **argv, struct json_object *args)
{
	if (!argc)
		return 0;
	put_string(args, "action", argv[0]);
	if (!strcmp(argv[0], "sync"))
		return argc == 1 ? 0 : -1;
	if (!strcmp(argv[0], "sample") && argc <= 2)
		return argc == 2 ? put_number(args, "count", argv[1]) : 0;
	if (!strcmp(argv[0], "jump") && argc == 2)
		return put_seconds(args, "us", argv[1]);
	return -1;
}

/* An option with a value. Return: 0, or -1 when it is none. */
static int put_option(struct json_object *args, const char *name, const char *value)
{
	if (!strcmp(name, "--text")) {
		put_string(args, "text", value);
		return 0;
	}
	if (strcmp(name, "--reason") && strcmp(name, "--timeout"))
		return -1;
	return put_number(args, name + 2, value);
}

int shutdown_words(int argc, char **argv, struct json_object *args)
{
	static const char *const flags[] = { "--restart", "--reboot", "--hibernate", "--force" };
	size_t f;
	int i;

	for (i = 0; i < argc; i++) {
		for (f = 0; f < sizeof(flags) / sizeof(flags[0]); f++)
			if (!strcmp(argv[i], flags[f]))
				break;
		if (f < sizeof(flags) / sizeof(flags[0])) {
			put_flag(args, flags[f] + 2);
			continue;
		}
		if (i + 1 == argc || put_option(args, argv[i], argv[i + 1]))
			return -1;
		i++;
	}
	return 0;
}

void print_services(struct json_object *result)
{
	static const struct column columns[] = {
		{ "SERVICE", "name", true, false },	{ "SWITCH", "switch", true, false },
		{ "STATE", "service", true, false },	{ "FRAMEWORK", "framework", true, false },
		{ "VERSION", "version", true, false },
	};

	if (member(result, "services"))
		TABLE(member(result, "services"), columns);
}

void print_heartbeat(struct json_object *result)
{
	printf("%-12s %s\n", "state", text(result, "state"));
	printf("%-12s %s\n", "applications", text(result, "application"));
	printf("%-12s %s of %s answered", "beats", text(result, "answered"), text(result, "asked"));
	if (number(result, "wrong"))
		printf(", %s wrong", text(result, "wrong"));
	putchar('\n');
}

void print_time(struct json_object *result)
{
	double offset = json_object_get_double(member(result, "offset_us")) / 1e6;

	printf("%-8s %s", "service", text(result, "service"));
	if (member(result, "version"))
		printf(", version %s", text(result, "version"));
	printf("\n%-8s %s", "host", text(result, "host_time"));
	if (offset)
		printf(" (moved by %+.3f s)", offset);
	printf("\n%-8s %s sync, %s samples, %s of %s answered\n", "sent", text(result, "syncs"),
	       text(result, "samples"), text(result, "answered"), text(result, "asked"));
}
