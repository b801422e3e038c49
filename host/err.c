// SPDX-License-Identifier: GPL-2.0-only
#include "host/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int ret, const char *fmt, ...)
{
	va_list args;
	int len;

	if (err) {
		va_start(args, fmt);
		len = vsnprintf(err->text, sizeof(err->text), fmt, args);
		va_end(args);
		if (len >= (int)sizeof(err->text))
			memcpy(err->text + sizeof(err->text) - 4, "...", 4);
	}
	return ret;
}
