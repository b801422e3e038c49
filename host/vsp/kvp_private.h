/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_KVP_PRIVATE_H
#define HOST_VSP_KVP_PRIVATE_H

#include "host/vsp/ic.h"
#include "host/vsp/kvp.h"

struct loop;
struct loop_timer;
struct vmbus;

/* kvp.c: the queue. kvp_pair.c: operations on pairs. kvp_host.c: what the host does by itself. */

#define KVP_AUTO_MAX	32u

struct kvp_job {
	struct kvp_job *next;
	ic_ask_cb cb;		/* NULL: forgotten */
	void (*release)(void *opaque);	/* of @opaque when forgotten; NULL: nothing */
	void *opaque;
	void *owner;		/* whom kvp_forget() names */
	u32 len;
	u8 body[];
};

struct kvp_host {
	struct kvp *kvp;
	enum hvp_generation generation;
	struct loop_timer *timer;	/* the next look at the automatic keys */
	bool busy;			/* telling or looking */
	u32 next_item;			/* of the facts that are told */
	u32 seen;			/* keys of the look that goes on */
	struct hvp_kvp_item *keys;	/* KVP_AUTO_MAX */
};

struct kvp {
	struct vmbus *vmbus;
	struct ic *ic;
	struct ic_ask *ask;
	struct kvp_job *first;		/* asked when @ask waits, else about to be */
	u32 waiting;			/* length of the queue */
	struct kvp_state state;
	struct kvp_host host;
};

/* Like kvp_ask(), for an @opaque that must be released when its @owner forgets it. */
int kvp_ask_for(struct kvp *kvp, const void *body, u32 len, ic_ask_cb cb,
		void (*release)(void *opaque), void *opaque, void *owner);

int kvp_host_create(struct kvp *kvp, struct loop *loop);
void kvp_host_destroy(struct kvp *kvp);
void kvp_host_ready(struct kvp *kvp);
void kvp_host_closed(struct kvp *kvp);

#endif
