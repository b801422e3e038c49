// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/fcopy/names.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The length of the well-formed sequence at @text (Unicode, table 3-7), or 0. */
static size_t sequence_length(const unsigned char *text)
{
	unsigned char first = text[0];
	unsigned char low = 0x80, high = 0xbf;
	size_t length, i;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	/* Overlong forms, surrogates, and what is above U+10FFFF. */
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	for (i = 1; i < length; i++) {
		if (text[i] < low || text[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return length;
}

static bool is_control(const unsigned char *text)
{
	return text[0] < 0x20 || text[0] == 0x7f || (text[0] == 0xc2 && text[1] < 0xa0);
}

static int check_text(const char *text, struct err *err)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		size_t length = sequence_length(at);

		if (!length)
			return err_set(err, -EILSEQ, "a name is not valid Unicode");
		if (is_control(at))
			return err_set(err, -EILSEQ, "a name has a control character");
		at += length;
	}
	return 0;
}

int names_take(const void *field, char *text, struct err *err)
{
	size_t length = strnlen(field, NAMES_FIELD_BYTES);

	if (length == NAMES_FIELD_BYTES)
		return err_set(err, -ENAMETOOLONG, "a name has no end");
	/* The next character, of up to three bytes, may have been left out. */
	if (length > NAMES_STOCK_BYTES - 3 && length <= NAMES_STOCK_BYTES)
		return err_set(err, -ENAMETOOLONG,
			       "a name of %zu bytes is too long for the driver, which may have cut it",
			       length);
	memcpy(text, field, length);
	text[length] = '\0';
	return check_text(text, err);
}

int names_check_file(const char *name, struct err *err)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		return err_set(err, -EINVAL, "\"%.100s\" is not the name of a file", name);
	if (strlen(name) > NAME_MAX)
		return err_set(err, -ENAMETOOLONG, "the name of the file has %zu bytes; %d is the limit",
			       strlen(name), NAME_MAX);
	return 0;
}

int names_clean_path(const char *path, char *clean, size_t size, struct err *err)
{
	size_t used = 0;

	if (*path != '/')
		return err_set(err, -EINVAL, "\"%.100s\" is not an absolute path", path);
	while (*path) {
		size_t length;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length == 2 && !strncmp(path, "..", 2))
			return err_set(err, -EINVAL, "\"..\" in a path is refused");
		if (length && !(length == 1 && *path == '.')) {
			if (used + 1 + length >= size)
				return err_set(err, -ENAMETOOLONG, "the path is too long");
			clean[used++] = '/';
			memcpy(clean + used, path, length);
			used += length;
		}
		path += length;
	}
	clean[used] = '\0';
	return 0;
}
