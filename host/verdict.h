/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VERDICT_H
#define HOST_VERDICT_H

#include <stdbool.h>

#include "host/exit.h"

/* How a run ended, from what was seen of it. */

/**
 * verdict_end() - the end of a guest that may have crashed before
 *
 * A host only takes note of a crash: the guest dumps, resets or powers off
 * afterwards, and the run is a crash all the same.
 */
enum host_exit verdict_end(enum host_exit reason, bool crashed);

/* A run that ended as it may, or in a crash, has failed if the guest broke @rules on the way. */
enum host_exit verdict_judge(enum host_exit end, unsigned int rules);

#endif
