// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *err, int ret, const char *fmt, ...)
{
	va_list args;

	if (err) {
		va_start(args, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, args);
		va_end(args);
	}
	return ret;
}
