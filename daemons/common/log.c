// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES	512
#define HELD_BYTES	8192

static const char *log_name = "openlis";
static bool log_debugs;
static bool to_journal;

static unsigned int holds;
static char held[HELD_BYTES];
static size_t held_bytes;
static unsigned int held_lost;

void log_open(const char *name, bool debug)
{
	log_name = name;
	log_debugs = debug;
	to_journal = getenv("JOURNAL_STREAM") != NULL;
}

static void write_all(const char *bytes, size_t left)
{
	while (left) {
		ssize_t done = write(STDERR_FILENO, bytes, left);

		if (done <= 0)
			return;
		bytes += done;
		left -= (size_t)done;
	}
}

static void put(const char *line, size_t length)
{
	if (!holds) {
		write_all(line, length);
	} else if (length <= sizeof(held) - held_bytes) {
		memcpy(held + held_bytes, line, length);
		held_bytes += length;
	} else {
		held_lost++;
	}
}

static void clean(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

static void put_line(enum log_level level, const char *fmt, va_list args)
{
	char line[LINE_MAX_BYTES];
	int head;
	size_t length;

	if (to_journal)
		head = snprintf(line, sizeof(line), "<%d>", (int)level);
	else
		head = snprintf(line, sizeof(line), "%s: ", log_name);
	vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt, args);
	clean(line + head);
	length = strlen(line);
	line[length++] = '\n';
	put(line, length);
}

void log_at(enum log_level level, const char *fmt, ...)
{
	va_list args;

	if (level == LOG_LEVEL_DEBUG && !log_debugs)
		return;
	va_start(args, fmt);
	put_line(level, fmt, args);
	va_end(args);
}

void log_hold(void)
{
	holds++;
}

void log_release(void)
{
	if (!holds || --holds)
		return;
	write_all(held, held_bytes);
	held_bytes = 0;
	if (held_lost)
		log_warning("%u lines did not fit into memory while logging was on hold", held_lost);
	held_lost = 0;
}

static uint64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

/* Whether one more line may be written in this interval. */
static bool admit(struct log_limit *limit)
{
	uint64_t now = now_s();

	if (!limit->count || now - limit->start_s >= limit->interval_s) {
		if (limit->left_out)
			log_notice("%u lines like the next were left out", limit->left_out);
		limit->start_s = now;
		limit->count = 0;
		limit->left_out = 0;
	}
	if (limit->count >= limit->burst) {
		limit->left_out++;
		return false;
	}
	limit->count++;
	return true;
}

void log_limited(struct log_limit *limit, enum log_level level, const char *fmt, ...)
{
	va_list args;

	if ((level == LOG_LEVEL_DEBUG && !log_debugs) || !admit(limit))
		return;
	va_start(args, fmt);
	put_line(level, fmt, args);
	va_end(args);
}
