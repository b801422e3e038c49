/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_TEXT_H
#define DAEMONS_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Whether @length bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *bytes, size_t length);

/**
 * text_from_field() - is a fixed-size field a proper text
 * @field:	of @size bytes
 *
 * Return: its length, if it ends with a NUL inside the field and is UTF-8; else -1.
 */
int text_from_field(const void *field, size_t size);

/* Units of UTF-16, which hosts use, that a text of UTF-8 becomes. */
size_t text_utf16_length(const char *text);

/**
 * text_list_add() - append to a list "a;b;c" in a field, whole items only
 * @limit:	bytes that the list may have, with its NUL
 *
 * Return: false if the item did not fit; the list is then as before.
 */
bool text_list_add(char *list, size_t limit, const char *item);

/**
 * text_read_file() - a small file
 *
 * Return: its length; the text ends with a NUL. Negative errno; -EFBIG when it
 * does not fit.
 */
int text_read_file(const char *path, char *text, size_t size);

#endif
