/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_IC_H
#define HOST_VSP_IC_H

#include "host/err.h"
#include "protocol/guid.h"
#include "protocol/ic.h"

/*
 * What the integration services have in common: offer the device, agree on
 * versions when the guest opens it, and then ask one question at a time.
 * Loop thread only.
 */
struct ic;
struct vmbus;

#define IC_BODY_MAX	4096u

struct ic_service {
	const char *name;			/* of the VMBus device */
	struct hvp_guid class_id;
	struct hvp_guid instance_id;
	enum hvp_ic_type type;
	/* Message versions, ascending as hosts list them, for a VMBus version. */
	const struct hvp_ic_version *(*versions)(u32 vmbus_version, u16 *count);
	void (*ready)(void *opaque);		/* versions are agreed */
	/* The guest's answer to ic_request(); @body is a private copy. */
	void (*answered)(void *opaque, u32 status, const void *body, u32 len);
	void (*closed)(void *opaque);		/* an unanswered request stays unanswered */
};

enum ic_state {
	IC_CLOSED,
	IC_NEGOTIATING,
	IC_REFUSED,		/* no version in common; until the channel is opened again */
	IC_READY,
	IC_STATE_COUNT
};

/**
 * ic_create() - offer a service
 * @service:	must live as long as the result
 */
int ic_create(struct ic **out, struct vmbus *vmbus, const struct ic_service *service, void *opaque,
	      struct err *err);
void ic_destroy(struct ic *ic);

/**
 * ic_request() - ask the guest
 * Return: 0; -ENOTCONN before ready(); -EBUSY while an answer is outstanding;
 * -EMSGSIZE, -ENOBUFS.
 */
int ic_request(struct ic *ic, const void *body, u32 len);

/* Give up on the outstanding answer: it will be ignored when it comes. */
void ic_abandon(struct ic *ic);

enum ic_state ic_state(const struct ic *ic);
const char *ic_state_name(enum ic_state state);

/* The agreed versions; zeros before. */
struct hvp_ic_version ic_framework(const struct ic *ic);
struct hvp_ic_version ic_message(const struct ic *ic);

#endif
