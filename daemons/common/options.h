/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_OPTIONS_H
#define DAEMONS_COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemons/common/err.h"

/* What every daemon takes. */
struct options {
	const char *device;	/* --device: character device, or the socket of a fake one */
	bool debug;		/* -d, --debug */
};

/* An option of one daemon: --name VALUE (stored in *value) or --name (sets *flag). */
struct option_row {
	const char *name;
	const char *argument;	/* in the help text; NULL: takes none */
	const char *help;
	const char **value;
	bool *flag;
};

struct options_about {
	const char *name;		/* of the program */
	const char *summary;		/* one line for --help */
	const struct option_row *rows;	/* ends with a row without a name; NULL: none */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,	/* --help or --version was answered: exit 0 */
	OPTIONS_BAD,	/* @err says why: exit 2 */
};

/**
 * options_parse() - -n/--no-daemon (accepted: the daemons never leave the
 * foreground), -d/--debug, -h/--help, --version, --device PATH, and the rows
 * @options:	.device holds the default before the call
 */
enum options_result options_parse(struct options *options, const struct options_about *about,
				  int argc, char **argv, struct err *err);

#endif
