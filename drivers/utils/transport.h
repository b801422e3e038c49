/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTILS_TRANSPORT_H
#define UTILS_TRANSPORT_H

#include "protocol/ic.h"

struct util;

/* What a service says about its daemon. All calls are made under util->lock. */
struct util_daemon {
	const char *node;		/* in /dev */
	const char *name;		/* the daemon's, for the log */
	u32 room;			/* bytes of the largest message in either direction */
	/*
	 * Registration: @written, @len bytes. May fill @greeting, of @room
	 * bytes. Return: bytes of the greeting, 0 for none, or -EINVAL.
	 */
	int (*registers)(struct util *util, const void *written, u32 len, void *greeting);
	/*
	 * The answer to the live request: fills the body of util->held.
	 * Return: 0 and the *status for the host, or -EINVAL when it is no
	 * answer; the request then stays live.
	 */
	int (*answers)(struct util *util, const void *written, u32 len, u32 *status);
	/* The live request failed; @reading: the daemon has read it and goes on. */
	void (*abandoned)(struct util *util, bool reading);
	/* Its file was closed; a live request has failed already. */
	void (*closed)(struct util *util);
	int late_errno;			/* what the daemon gets for an answer that comes late */
};

/**
 * util_daemon_status() - what the host is told for a daemon's result
 * @error:	an HRESULT; daemons that do not know that get something wrong
 */
static inline u32 util_daemon_status(int error)
{
	return error > 0 ? HVP_HR_FAIL : (u32)error;
}

int util_transport_new(struct util *util);
void util_transport_free(struct util *util);
int util_transport_publish(struct util *util);
void util_transport_withdraw(struct util *util);

/**
 * util_transport_settle() - are readers to be woken behind the lock
 *
 * Context: util->lock held. Return: whether util_transport_wake() is to follow
 * its release.
 */
bool util_transport_settle(struct util *util);
void util_transport_wake(struct util *util);

/**
 * util_transport_up() - is a daemon registered
 */
bool util_transport_up(const struct util *util);

/**
 * util_transport_room() - where the next request for the daemon is written
 * @util:	service that has just received a request
 *
 * A request that was still live fails: the host asks one after the other, so it
 * has given it up.
 *
 * Return: as many zeroed bytes as the daemon's messages have at most; NULL when
 * no daemon is there, then the request was answered.
 */
void *util_transport_room(struct util *util);

/**
 * util_transport_request() - hand the message just received to the daemon
 * @util:	its service; util_transport_room() was filled
 * @len:	bytes of that
 * @seconds:	how long the daemon may take; then the request fails
 */
void util_transport_request(struct util *util, u32 len, unsigned int seconds);

/**
 * util_transport_notice() - tell the daemon something on our own
 * @message:	@len bytes; the answer to it is dropped
 */
void util_transport_notice(struct util *util, const void *message, u32 len);

/**
 * util_transport_drop() - forget the live request; the host does not wait any more
 */
void util_transport_drop(struct util *util);

/* Without util->lock; behind it the clock of the last request does not run. */
void util_transport_stop_clock(struct util *util);

#endif
