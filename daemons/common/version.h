/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_VERSION_H
#define DAEMONS_COMMON_VERSION_H

/* Of the daemons and of lis. */
#define OPENLIS_VERSION		"0.1.0"

#endif
