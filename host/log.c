// SPDX-License-Identifier: GPL-2.0-only
#include "host/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t start_ns;

__attribute__((constructor)) static void remember_start(void)
{
	start_ns = monotonic_ns();
}

uint64_t log_uptime_ns(void)
{
	return monotonic_ns() - start_ns;
}

/* One write per line: threads must not mix within it. */
static void print_line(const char *level, const char *fmt, va_list args)
{
	uint64_t us = log_uptime_ns() / 1000;
	char line[512];
	int len;

	len = snprintf(line, sizeof(line), "hvhost [%4u.%06u] %s", (unsigned int)(us / 1000000),
		       (unsigned int)(us % 1000000), level);
	vsnprintf(line + len, sizeof(line) - (size_t)len, fmt, args);
	fprintf(stderr, "%s\n", line);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("", fmt, args);
	va_end(args);
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("warning: ", fmt, args);
	va_end(args);
}
