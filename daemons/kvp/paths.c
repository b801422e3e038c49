// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/paths.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *root = "";

void paths_set_root(const char *path)
{
	root = path && strcmp(path, "/") ? path : "";
}

const char *paths_at(const char *fmt, ...)
{
	static char path[PATH_MAX];
	va_list args;
	int head = snprintf(path, sizeof(path), "%s", root);

	if (head < 0 || head >= (int)sizeof(path))
		head = 0;
	va_start(args, fmt);
	vsnprintf(path + head, sizeof(path) - (size_t)head, fmt, args);
	va_end(args);
	return path;
}
