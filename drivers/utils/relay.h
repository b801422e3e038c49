/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTILS_RELAY_H
#define UTILS_RELAY_H

#include "protocol/types.h"

/*
 * What passes between the driver and a daemon, without the bytes.
 *
 *            open           registers
 *   ABSENT ------> NEW ----------------> UP
 *      ^            | closes             | closes: a live request fails
 *      +------------+--------------------+
 *
 * While UP, messages wait to be read, one of each kind, in this order: the
 * greeting (answer to the registration), a notice (a request of the driver's
 * own, whose answer nobody wants), the host's request. The daemon owes an
 * answer for each that it has read but the greeting, and gets the next one
 * when it has given it:
 *
 *             reads request              answers: to the host
 *   NOTHING ----------------> REQUEST -----------------------> NOTHING
 *      |                         | abandoned: time is over, the host starts anew
 *      |                         v           answers late: dropped
 *      |                     ABANDONED ------------------------> NOTHING
 *      | reads notice            | reads notice: one answer pays both
 *      +----------------> NOTICE <
 *                            +-------- answers: dropped -------> NOTHING
 *
 * A request is live while it waits or is owed, and at most one is. The daemon
 * cannot say what it answers, so the next request waits behind an abandoned one.
 * A notice does not: that may be what stops the abandoned work.
 */
enum util_daemon_state {
	UTIL_DAEMON_ABSENT,
	UTIL_DAEMON_NEW,
	UTIL_DAEMON_UP,
};

enum util_parcel {
	UTIL_GREETING,
	UTIL_NOTICE,
	UTIL_REQUEST,
	UTIL_PARCELS,		/* how many; as a result: none */
};

enum util_debt {
	UTIL_OWES_NOTHING,
	UTIL_OWES_REQUEST,
	UTIL_OWES_ABANDONED,
	UTIL_OWES_NOTICE,
};

struct util_relay {
	enum util_daemon_state daemon;
	bool waiting[UTIL_PARCELS];	/* to be read */
	enum util_debt debt;
};

/* What something is that the daemon wrote. */
enum util_written {
	UTIL_WROTE_REGISTRATION,
	UTIL_WROTE_ANSWER,
	UTIL_WROTE_LATE,	/* to what was abandoned; the debt is paid */
	UTIL_WROTE_NOTED,	/* to a notice; the debt is paid */
	UTIL_WROTE_STRAY,	/* nothing was asked */
};

/* Return: false when somebody else has the device open. */
bool util_relay_open(struct util_relay *relay);

/* Return: whether a request was live; it is no longer. */
bool util_relay_close(struct util_relay *relay);

/**
 * util_relay_registered() - the registration was accepted
 * @greeting:	the daemon reads something back
 */
void util_relay_registered(struct util_relay *relay, bool greeting);

/* Is a request on its way, read or not? */
bool util_relay_live(const struct util_relay *relay);

/**
 * util_relay_put() - something to be read
 * @parcel:	UTIL_NOTICE or UTIL_REQUEST
 *
 * Return: false when no daemon is there, or a request is live already.
 */
bool util_relay_put(struct util_relay *relay, enum util_parcel parcel);

/**
 * util_relay_abandon() - nobody waits for the answer to the live request any more
 * Return: whether the daemon has read it and goes on with it.
 */
bool util_relay_abandon(struct util_relay *relay);

/* What the daemon may read now; UTIL_PARCELS: nothing. */
enum util_parcel util_relay_next(const struct util_relay *relay);

/* It has read what util_relay_next() said. */
void util_relay_read(struct util_relay *relay);

/* It writes something. An answer stays owed until util_relay_answered(). */
enum util_written util_relay_write(struct util_relay *relay);
void util_relay_answered(struct util_relay *relay);

#endif
