/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_PATHS_H
#define DAEMONS_KVP_PATHS_H

#include <limits.h>

/* Files of the system are looked up below this folder: "" or, for tests, another root. */
void paths_set_root(const char *root);

/* "/etc/hosts" below the root, in a static buffer that the next call uses again. */
const char *paths_at(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
