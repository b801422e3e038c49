/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_CHILD_H
#define DAEMONS_COMMON_CHILD_H

#include <stddef.h>

#include "daemons/common/err.h"

/* A program to run: never through a shell. */
struct child {
	const char *path;		/* absolute */
	const char *const *argv;	/* ends with NULL; argv[0] is conventional */
	unsigned int limit_ms;		/* then its process group is killed */
	char *output;			/* what it wrote to stdout, NUL-terminated; NULL: not wanted */
	size_t output_size;		/* more than fits is read and dropped */
};

/**
 * child_run() - run it to its end or its limit
 *
 * It gets an environment of PATH, LANG=C and nothing else, stdin from
 * /dev/null, default signals, and its own process group.
 *
 * Return: 0 for exit status 0. -EPROTO for another, -ETIMEDOUT at the limit,
 * -ENOENT when there is no such program; @err says so in words.
 */
int child_run(const struct child *child, struct err *err);

#endif
