/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_CONF_H
#define DAEMONS_COMMON_CONF_H

#include <stddef.h>

#include "daemons/common/err.h"

/*
 * Configuration files: one "key = value" a line, '#' begins a comment at the
 * start of a line, a key may come more than once.
 */

/**
 * conf_take - what a program does with one setting
 * @key:	not empty
 * @value:	without white space around it; may be empty
 * @err:	without file and line: those are put before it
 *
 * Return: 0 or a negative errno, which ends the parsing
 */
typedef int (*conf_take)(void *context, const char *key, const char *value, struct err *err);

/**
 * conf_parse() - hand over each setting of @text
 * @name:	of the file, for messages
 * @text:	@length bytes, changed in place; [@length] must be writable, too
 */
int conf_parse(const char *name, char *text, size_t length, conf_take take, void *context,
	       struct err *err);

/**
 * conf_read() - conf_parse() of a file of at most 64 KiB
 *
 * Return: -ENOENT without a message if there is no such file
 */
int conf_read(const char *path, conf_take take, void *context, struct err *err);

/* A whole number between @least and @most; says which it must be otherwise. */
int conf_number(const char *value, long long least, long long most, long long *number,
		struct err *err);

#endif
