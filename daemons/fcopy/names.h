/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_FCOPY_NAMES_H
#define DAEMONS_FCOPY_NAMES_H

#include <stddef.h>

#include "daemons/common/err.h"

/*
 * The host's names. On the wire they are UTF-16; the driver hands over UTF-8 in
 * the same fields, in spite of their type in <linux/hyperv.h>. The stock driver
 * uses at most 259 of the 520 bytes and cuts what is longer.
 */
#define NAMES_FIELD_BYTES	520
#define NAMES_STOCK_BYTES	259

/**
 * names_take() - the text of a field
 * @field:	NAMES_FIELD_BYTES of them
 * @text:	room for as many
 *
 * Return: 0; -EILSEQ for what is not valid UTF-8, or has control characters;
 * -ENAMETOOLONG when there is no NUL, or the stock driver may have cut it
 */
int names_take(const void *field, char *text, struct err *err);

/* A name of a file: one component, and neither "." nor "..". */
int names_check_file(const char *name, struct err *err);

/**
 * names_clean_path() - an absolute path in its shortest form
 * @clean:	@size bytes, which may be as few as strlen(@path) + 1
 *
 * Without empty components and "."; "/" becomes "". "..", which would need the
 * file system to be understood, is refused.
 */
int names_clean_path(const char *path, char *clean, size_t size, struct err *err);

#endif
