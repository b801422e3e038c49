/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_LIS_COMMAND_H
#define TOOLS_LIS_COMMAND_H

/* Exit status of every command. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,	/* what was asked for could not be done; stderr says why */
	EXIT_USAGE = 2,		/* nothing was tried */
};

/* "lis NAME ..." with @argv[0] = NAME. Return: the exit status. */
int command_kvp(int argc, char **argv);

#endif
