// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemons/common/version.h"

struct scan {
	char **argv;
	int argc;
	int at;
	const char *value;	/* after '=', or NULL */
};

static void print_row(const char *spelling, const char *argument, const char *help)
{
	char left[40];

	snprintf(left, sizeof(left), "%s%s%s", spelling, argument ? " " : "",
		 argument ? argument : "");
	printf("  %-26s %s\n", left, help);
}

static void print_help(const struct options *options, const struct options_about *about)
{
	const struct option_row *row;
	char device[128];

	printf("usage: %s [OPTION]...\n%s\n\n", about->name, about->summary);
	snprintf(device, sizeof(device), "the driver's device (%s)", options->device);
	print_row("    --device", "PATH", device);
	for (row = about->rows; row && row->name; row++) {
		char spelling[32];

		snprintf(spelling, sizeof(spelling), "    --%s", row->name);
		print_row(spelling, row->argument, row->help);
	}
	print_row("-d, --debug", NULL, "say what is done for each request");
	print_row("-n, --no-daemon", NULL, "accepted; it never leaves the foreground");
	print_row("-h, --help", NULL, "this text");
	print_row("    --version", NULL, "the version");
}

static const char *take_value(struct scan *scan)
{
	if (scan->value)
		return scan->value;
	if (scan->at + 1 >= scan->argc)
		return NULL;
	return scan->argv[++scan->at];
}

static enum options_result take_row(const struct option_row *row, struct scan *scan,
				    struct err *err)
{
	if (!row->argument) {
		if (scan->value) {
			err_set(err, -EINVAL, "--%s takes no value", row->name);
			return OPTIONS_BAD;
		}
		*row->flag = true;
		return OPTIONS_RUN;
	}
	*row->value = take_value(scan);
	if (*row->value && **row->value)
		return OPTIONS_RUN;
	err_set(err, -EINVAL, "--%s needs a value", row->name);
	return OPTIONS_BAD;
}

/* -n, -d and -h in their short form; true if @word was one. */
static const char *long_name(const char *word)
{
	if (!strcmp(word, "-n"))
		return "no-daemon";
	if (!strcmp(word, "-d"))
		return "debug";
	if (!strcmp(word, "-h"))
		return "help";
	return !strncmp(word, "--", 2) ? word + 2 : NULL;
}

static enum options_result take(struct options *options, const struct options_about *about,
				struct scan *scan, struct err *err)
{
	bool no_daemon;
	const struct option_row common[] = {
		{ "device", "PATH", NULL, &options->device, NULL },
		{ "debug", NULL, NULL, NULL, &options->debug },
		{ "no-daemon", NULL, NULL, NULL, &no_daemon },
		{ 0 },
	};
	const struct option_row *tables[] = { common, about->rows };
	const char *name = long_name(scan->argv[scan->at]);
	const char *equals = name ? strchr(name, '=') : NULL;
	size_t length = equals ? (size_t)(equals - name) : (name ? strlen(name) : 0);
	unsigned int i;

	scan->value = equals ? equals + 1 : NULL;
	if (name && !strcmp(name, "help")) {
		print_help(options, about);
		return OPTIONS_DONE;
	}
	if (name && !strcmp(name, "version")) {
		printf("%s (OpenLIS) %s\n", about->name, OPENLIS_VERSION);
		return OPTIONS_DONE;
	}
	for (i = 0; name && i < 2; i++) {
		const struct option_row *row;

		for (row = tables[i]; row && row->name; row++) {
			if (strlen(row->name) == length && !strncmp(row->name, name, length))
				return take_row(row, scan, err);
		}
	}
	err_set(err, -EINVAL, "%s is no option of %s; see --help", scan->argv[scan->at],
		about->name);
	return OPTIONS_BAD;
}

enum options_result options_parse(struct options *options, const struct options_about *about,
				  int argc, char **argv, struct err *err)
{
	struct scan scan = { argv, argc, 1, NULL };

	for (; scan.at < argc; scan.at++) {
		enum options_result result = take(options, about, &scan, err);

		if (result != OPTIONS_RUN)
			return result;
	}
	return OPTIONS_RUN;
}
