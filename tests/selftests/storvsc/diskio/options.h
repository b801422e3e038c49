/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DISKIO_OPTIONS_H
#define DISKIO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "shape.h"

enum command {
	COMMAND_WRITE,		/* the pattern */
	COMMAND_READ,		/* and do not look at it */
	COMMAND_CHECK,		/* read the pattern that an earlier run wrote */
	COMMAND_VERIFY,		/* write, sync, check */
	COMMAND_COUNT
};

struct options {
	enum command command;
	const char *path;
	uint64_t offset;
	uint64_t size;		/* 0: to the end */
	uint32_t block;
	enum shape shape;
	unsigned int depth;
	uint64_t seed;
	unsigned int sync_every;	/* requests; 0: at the end only */
	unsigned int seconds;		/* 0: one pass */
	unsigned int max_errors;	/* go on until there are so many */
	bool buffered;
	bool random;
	bool json;
};

/* Prints what is wrong. Return: 0, 1 (help was asked for) or -1. */
int options_parse(struct options *options, int argc, char **argv);

#endif
