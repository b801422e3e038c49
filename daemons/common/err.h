/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_ERR_H
#define DAEMONS_COMMON_ERR_H

/*
 * What is below the daemons' main files returns negative errno values and never
 * logs. Where the number would not tell people what to change, a function also
 * takes a struct err and leaves one sentence in it; one caller logs it once.
 */
struct err {
	char text[256];
};

/**
 * err_set() - say what went wrong
 * @err:	where to; NULL means nobody asked
 * @ret:	negative errno, returned unchanged so that callers can return it
 * @fmt:	one sentence without the trailing stop
 */
int err_set(struct err *err, int ret, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
