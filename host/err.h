/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_ERR_H
#define HOST_ERR_H

/*
 * Layers return negative errno values and never print. Where the number alone
 * would not tell the user what to change, the function also takes a struct err
 * and leaves one sentence in it; main prints it once.
 */
struct err {
	char text[5000];	/* a path fits, and the words behind it */
};

/**
 * err_set() - say what went wrong
 * @err:	where to; NULL means nobody asked
 * @ret:	negative errno, returned unchanged so that callers can return it
 * @fmt:	one sentence without the trailing stop
 */
int err_set(struct err *err, int ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
