/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_FCOPY_LEFTOVER_H
#define DAEMONS_FCOPY_LEFTOVER_H

#include "daemons/fcopy/place.h"

/*
 * What a kill or a power cut in the middle of a copy leaves behind: noted on
 * disk before it is made, forgotten after it is gone.
 */
#define LEFTOVER_PATH	"/var/lib/openlis/fcopy-leftover"

int leftover_note(const char *path, const struct place *place, struct err *err);
void leftover_forget(const char *path);

/* Cleans up after a former life. Return: 0 if there was nothing, 1 if there was, or a negative errno. */
int leftover_sweep(const char *path, struct err *err);

#endif
