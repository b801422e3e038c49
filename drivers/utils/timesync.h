/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTILS_TIMESYNC_H
#define UTILS_TIMESYNC_H

#include "drivers/utils/clock.h"

/* The PTP clock `hyperv`: the host's time, from the newest message. */
int util_ptp_publish(void);
void util_ptp_withdraw(void);

/* From now on it goes by this; NULL: there is no time, until there is again. */
void util_ptp_told(const struct clock_told *told);

/**
 * util_ptp_error_bound() - how far the clock may be off the host's, ns
 *
 * Return: 0, or -ESTALE when it has no time.
 */
int util_ptp_error_bound(u64 *ns);

/**
 * util_ptp_is_read() - does somebody discipline a clock by it
 */
bool util_ptp_is_read(void);

#endif
