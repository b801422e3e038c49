/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_IC_H
#define HOST_VSP_IC_H

#include <stdbool.h>

#include "host/err.h"
#include "protocol/generation.h"
#include "protocol/guid.h"
#include "protocol/ic.h"

/*
 * What the integration services have in common: offer the device, agree on
 * versions when the guest opens it, and then ask. Loop thread only.
 */
struct ic;
struct vmbus;

#define IC_BODY_MAX	13312u		/* of either direction */
#define IC_DEPTH_MAX	128u

/*
 * All services of one guest. A service is created into it and leaves it when
 * it is destroyed; the set must live longer.
 */
struct ic_set {
	struct vmbus *vmbus;
	enum hvp_generation generation;
	struct ic *first;		/* in the order of their creation */
};

struct ic_service {
	const char *name;		/* of the VMBus device, of faults and of `hvctl service` */
	struct hvp_guid class_id;
	struct hvp_guid instance_id;
	enum hvp_ic_type type;		/* its versions: hvp_generation_messages() */
	u16 depth;			/* requests that may wait, to IC_DEPTH_MAX; 0: one */
	void (*ready)(void *opaque);	/* versions are agreed */
	/*
	 * The guest's answer to an ic_request(), in the order of their arrival.
	 * @body is a private copy of @len bytes that is gone after the call;
	 * nothing but its length was checked. May call ic_request().
	 */
	void (*answered)(void *opaque, u32 status, const void *body, u32 len);
	/*
	 * Only after ready(): the channel is closed, or versions are negotiated
	 * anew (then ready() may follow). Unanswered requests stay unanswered.
	 */
	void (*closed)(void *opaque);
};

enum ic_state {
	IC_CLOSED,
	IC_NEGOTIATING,
	IC_REFUSED,		/* no version in common; until the channel is opened again */
	IC_READY,
	IC_STATE_COUNT
};

/* All that a conversation is: plain data, for save and restore. */
struct ic_core_state {
	u32 state;		/* enum ic_state */
	u32 openings;		/* how often the guest has opened the channel */
	struct hvp_ic_version framework;
	struct hvp_ic_version message;
	u8 transaction;		/* of the last request */
	u8 pending[256];	/* by transaction: an answer is waited for, and what is known of it */
	u32 outstanding;	/* how many of them */
	u32 excused;		/* answers that may still come and are dropped without complaint */
};

/**
 * ic_create() - offer a service
 * @service:	must live as long as the result
 *
 * A service that the generation of @set does not have is created, but not
 * offered: ic_available() tells.
 */
int ic_create(struct ic **out, struct ic_set *set, const struct ic_service *service, void *opaque,
	      struct err *err);
void ic_destroy(struct ic *ic);

/**
 * ic_request() - ask the guest
 * @body:	@len bytes, at most IC_BODY_MAX; copied
 *
 * Return: 0; -ENOTCONN before ready(); -EBUSY while as many answers as the
 * service allows are outstanding; -EMSGSIZE, -ENOBUFS, -ENOMEM.
 */
int ic_request(struct ic *ic, const void *body, u32 len);

/* Transaction number of the last ic_request() that succeeded. */
u8 ic_asked_as(const struct ic *ic);

/* Inside answered(): the transaction number of the request that is answered. */
u8 ic_answer_to(const struct ic *ic);

/* Inside answered(): a fault spoiled the request, so the answer says nothing about the guest. */
bool ic_answer_spoiled(const struct ic *ic);

/*
 * Inside answered(): spoiled, or perhaps the answer to another request with the
 * same number, that was abandoned, sent twice or spoiled.
 */
bool ic_answer_excused(const struct ic *ic);

/* Inside answered(): report what the answer has that it must not have, unless it is excused. */
void ic_answer_wrong(const struct ic *ic, const char *what, u32 value);

/* Give up on outstanding answers: they will be ignored when they come. */
void ic_abandon(struct ic *ic);

/**
 * ic_renegotiate() - agree on versions anew, as hosts do after a restore
 * Return: 0; -ENOTCONN when there is nothing to agree on anew.
 */
int ic_renegotiate(struct ic *ic);

/**
 * ic_set_enabled() - switch the service on or off: offer or rescind its device
 * Return: 0; -EALREADY; -EOPNOTSUPP for a service that the generation does not
 * have; -ENOSPC.
 */
int ic_set_enabled(struct ic *ic, bool on);
bool ic_enabled(const struct ic *ic);
bool ic_available(const struct ic *ic);

/**
 * ic_set_patience() - wait less for answers than the service does by itself
 * @ms:		at most; 0: as long as the service waits
 */
void ic_set_patience(struct ic *ic, u32 ms);
u32 ic_patience(const struct ic *ic);

const char *ic_name(const struct ic *ic);
enum ic_state ic_state(const struct ic *ic);
const char *ic_state_name(enum ic_state state);

/* The agreed versions; zeros before. */
struct hvp_ic_version ic_framework(const struct ic *ic);
struct hvp_ic_version ic_message(const struct ic *ic);

/* Whether the agreed message version is @major.@minor or newer. */
bool ic_message_at_least(const struct ic *ic, u16 major, u16 minor);

/* How often the guest has opened the channel: tells a new negotiation from a new driver. */
u32 ic_openings(const struct ic *ic);

/* Requests whose answers are waited for. */
u32 ic_outstanding(const struct ic *ic);

/* Walk the services of a set: NULL for the first; NULL after the last. */
struct ic *ic_next(const struct ic_set *set, const struct ic *ic);
struct ic *ic_find(const struct ic_set *set, const char *name);

#endif
