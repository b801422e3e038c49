// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemons/common/version.h"
#include "tools/lis/command.h"

static const struct {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "kvp", "key-value pairs shared with the Hyper-V host", command_kvp },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
	unsigned int i;

	fprintf(out, "usage: lis COMMAND ...      (lis COMMAND --help says more)\n\n");
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\nlis --version says the version.\n");
}

/* A full disk or a closed pipe shows when what was printed leaves, at the latest. */
static int finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "lis: what was found could not be written: %s\n", strerror(errno));
	return status ? status : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("lis (OpenLIS) %s\n", OPENLIS_VERSION);
		return EXIT_DONE;
	}
	for (i = 0; i < COMMANDS; i++) {
		if (!strcmp(argv[1], commands[i].name))
			return finish(commands[i].run(argc - 1, argv + 1));
	}
	fprintf(stderr, "lis: no command '%s'; see lis --help\n", argv[1]);
	return EXIT_USAGE;
}
