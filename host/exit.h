/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_EXIT_H
#define HOST_EXIT_H

/*
 * Why a run ended, and the exit status of hvhost that says so. The values are
 * interface: the runner and the documentation know them by number.
 */
enum host_exit {
	HOST_EXIT_OFF		= 0,	/* the guest powered itself off */
	HOST_EXIT_FAILURE	= 1,	/* the host itself failed: no memory, no KVM capability */
	HOST_EXIT_USAGE		= 2,	/* bad option, image or kernel */
	HOST_EXIT_RESET		= 3,	/* the guest reset itself */
	HOST_EXIT_CRASH		= 4,	/* the guest reported a crash (panic) */
	HOST_EXIT_FAULT		= 5,	/* triple fault, or KVM could not run the guest */
	HOST_EXIT_TIME_LIMIT	= 6,	/* --time-limit passed */
	HOST_EXIT_CHECKER	= 7,	/* the protocol checker found a violation */
	HOST_EXIT_STOPPED	= 8,	/* the host was told to stop: signal or control socket */
};

#endif
