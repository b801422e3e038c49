/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_HELPER_TRANSACTION_H
#define DAEMONS_KVP_HELPER_TRANSACTION_H

#include "daemons/kvp/helper/plan.h"
#include "daemons/kvp/ip_config.h"

/* Time limits, in ms, so that a failure is rolled back before the driver gives up (30 s). */
struct transaction_limits {
	unsigned int lock;		/* until another transaction has ended */
	unsigned int programs;		/* since the start: all programs of the way forward have ended */
	unsigned int command;		/* of one program of the way back */
	unsigned int read_back;		/* since the start: the kernel has what was asked for ... */
	unsigned int hold;		/* ... and has had it for so long */
};

extern struct transaction_limits transaction_limits;

/**
 * transaction_run() - carry out a plan: all of it, or nothing
 * @client:	socket of who waits for it; closed: nobody does any more, and the
 *		answer is -ECANCELED
 *
 * Return: 0: the files are on the disk and the kernel has the addresses. Or a
 * negative errno with @err; then the files are the old ones, and their programs
 * have been run again; @err says so if that failed, too.
 */
int transaction_run(const struct plan *plan, const struct ip_config *config, int client,
		    struct err *err);

/**
 * transaction_recover() - take back what a helper that was killed had begun
 *
 * Return: 1: the files are the old ones, and their programs have been run
 * again; @err says so. 0: there was nothing. A negative errno with @err: some
 * part of that failed.
 */
int transaction_recover(struct err *err);

#endif
