/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KSFT_H
#define KSFT_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * KTAP output for tests in C, with the names that kselftest uses. One program
 * includes this once. Order: header, plan, results, finished.
 */
#define KSFT_PASS	0
#define KSFT_FAIL	1
#define KSFT_XFAIL	2
#define KSFT_XPASS	3
#define KSFT_SKIP	4

static struct {
	unsigned int plan;
	unsigned int pass;
	unsigned int fail;
	unsigned int xfail;
	unsigned int skip;
} ksft_count;

static inline unsigned int ksft_test_num(void)
{
	return ksft_count.pass + ksft_count.fail + ksft_count.xfail + ksft_count.skip;
}

static inline void ksft_print_header(void)
{
	/* Results must not be lost with a process that is killed. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
}

static inline void ksft_set_plan(unsigned int plan)
{
	ksft_count.plan = plan;
	printf("1..%u\n", plan);
}

static inline void ksft_print_cnts(void)
{
	printf("# Totals: pass:%u fail:%u xfail:%u xpass:0 skip:%u error:0\n",
	       ksft_count.pass, ksft_count.fail, ksft_count.xfail, ksft_count.skip);
}

static inline __attribute__((format(printf, 1, 2))) void ksft_print_msg(const char *fmt, ...)
{
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
}

static inline void ksft_result(const char *verdict, const char *directive, const char *fmt,
			       va_list args)
{
	char text[256];

	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	printf("%s %u %s%s\n", verdict, ksft_test_num(), text, directive);
}

static inline __attribute__((format(printf, 1, 2))) void ksft_test_result_pass(const char *fmt, ...)
{
	va_list args;

	ksft_count.pass++;
	va_start(args, fmt);
	ksft_result("ok", "", fmt, args);
	va_end(args);
}

static inline __attribute__((format(printf, 1, 2))) void ksft_test_result_fail(const char *fmt, ...)
{
	va_list args;

	ksft_count.fail++;
	va_start(args, fmt);
	ksft_result("not ok", "", fmt, args);
	va_end(args);
}

/* Known to fail; the text says why: "name # XFAIL reason". */
static inline __attribute__((format(printf, 1, 2))) void ksft_test_result_xfail(const char *fmt, ...)
{
	va_list args;

	ksft_count.xfail++;
	va_start(args, fmt);
	ksft_result("not ok", strstr(fmt, "# XFAIL") ? "" : " # XFAIL", fmt, args);
	va_end(args);
}

/* The text may name the reason after the directive that is added: "name # SKIP reason". */
static inline __attribute__((format(printf, 1, 2))) void ksft_test_result_skip(const char *fmt, ...)
{
	va_list args;

	ksft_count.skip++;
	va_start(args, fmt);
	ksft_result("ok", strstr(fmt, "# SKIP") ? "" : " # SKIP", fmt, args);
	va_end(args);
}

#define ksft_test_result(condition, fmt, ...) do {			\
		if (condition)						\
			ksft_test_result_pass(fmt, ##__VA_ARGS__);	\
		else							\
			ksft_test_result_fail(fmt, ##__VA_ARGS__);	\
	} while (0)

static inline __attribute__((noreturn, format(printf, 1, 2)))
void ksft_exit_skip(const char *fmt, ...)
{
	va_list args;

	printf("1..0 # SKIP ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	exit(KSFT_SKIP);
}

static inline __attribute__((noreturn, format(printf, 1, 2)))
void ksft_exit_fail_msg(const char *fmt, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	ksft_print_cnts();
	exit(KSFT_FAIL);
}

static inline __attribute__((noreturn)) void ksft_finished(void)
{
	bool complete = ksft_test_num() == ksft_count.plan;

	ksft_print_cnts();
	if (ksft_count.fail || !complete)
		exit(KSFT_FAIL);
	exit(ksft_count.plan && ksft_count.skip == ksft_count.plan ? KSFT_SKIP : KSFT_PASS);
}

#endif
