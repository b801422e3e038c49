/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_HVCTL_HVCTL_H
#define HOST_CONTROL_HVCTL_HVCTL_H

#include <json-c/json.h>

/* Exit status. exec returns that of the command instead, 128 + n for signal n. */
#define EXIT_ERROR_ANSWER	1	/* the host said no, or is not there */
#define EXIT_USAGE		2
#define EXIT_OVER_TIME		124	/* exec: the time limit ended the command */

/* What a person types after `hvctl`. */
struct verb {
	const char *name;
	const char *usage;	/* words behind the name */
	const char *help;	/* sentences */
	/* Turn words into arguments. Return: 0, or -1 for a usage error. */
	int (*parse)(int argc, char **argv, struct json_object *args);
	void (*print)(struct json_object *result);
};

extern const struct verb verbs[];	/* ends with a row without a name */

/* print.c: how results look to a person. */
void print_nothing(struct json_object *result);
void print_status(struct json_object *result);
void print_checker(struct json_object *result);
void print_stats(struct json_object *result);
void print_disk(struct json_object *result);
void print_fault(struct json_object *result);
void print_trace(struct json_object *result);
void print_end(struct json_object *result);

#endif
