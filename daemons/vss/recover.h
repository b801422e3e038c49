/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_VSS_RECOVER_H
#define DAEMONS_VSS_RECOVER_H

#include "daemons/vss/freezer.h"

#define RECOVER_LIMIT_S	10

/**
 * recover_thaw() - thaw what a killed daemon left frozen, by its record
 * @limit_ms:	so long a freezer that still runs has to do it itself, or to come
 *		back from a freeze it is stuck in
 *
 * Says in the log what it thawed.
 *
 * Return: 0 when nothing of the record is frozen (any more), or a negative
 * errno; the record stays for the next try then
 */
int recover_thaw(const char *record, const char *mountinfo, const struct freezer_calls *calls,
		 unsigned int limit_ms, struct err *err);

#endif
