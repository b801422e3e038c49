/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_KVP_H
#define HOST_VSP_KVP_H

#include <stdbool.h>

#include "host/err.h"
#include "host/vsp/ic_ask.h"
#include "protocol/kvp.h"

/*
 * The key-value service. It asks one thing at a time; questions of several
 * askers wait in a queue. Loop thread only.
 *
 * What the host does by itself (kvp_host.c): tell the guest the host's facts
 * when the service is agreed, and look at the guest's automatic keys from time
 * to time.
 */
struct ic;
struct ic_set;
struct kvp;

#define KVP_QUEUE_MAX	64u
#define KVP_TIMEOUT_MS	60000u	/* guests give their daemon 30 s */
#define KVP_LIST_MAX	4096u	/* pairs of a pool that the host looks at */

/* Plain data, for save and restore. */
struct kvp_state {
	u64 asked;
	u64 answered;
	u64 refused;		/* answers whose status is no success, the end of a list included */
	u64 lost;		/* no answer in time, or before the channel closed */
	u64 bad;		/* answers that make no sense */
	u32 items_told;		/* of the host's facts, since the service is ready */
	u32 auto_keys;		/* that the guest had when looked at last */
	u64 polls;		/* looks at them */
	u32 poll_ms;		/* 0: never */
	u8 machine[16];		/* GUID that the guest is told as VirtualMachineId */
};

int kvp_create(struct kvp **out, struct ic_set *set, struct err *err);
void kvp_destroy(struct kvp *kvp);
void kvp_set_paused(struct kvp *kvp, bool paused);

/**
 * kvp_ask() - send a message of the service and wait for its answer
 * @body:	@len bytes, copied
 * @cb:		called once, later
 *
 * Return: 0; -ENOTCONN while the guest does not run the service, -EBUSY when
 * too many questions wait, -EMSGSIZE, -ENOMEM: then @cb is not called.
 */
int kvp_ask(struct kvp *kvp, const void *body, u32 len, ic_ask_cb cb, void *opaque);

/* No callback with this @opaque any more. Also ends its kvp_list(). */
void kvp_forget(struct kvp *kvp, void *opaque);

/*
 * What became of an operation. With @error 0 the guest's @status counts; with
 * that 0, too, the operation has succeeded.
 */
struct kvp_outcome {
	int error;		/* of struct ic_answer, or -EBADMSG for an answer without sense */
	u32 status;
	const struct hvp_kvp_item *item;	/* of a get; else NULL */
};

typedef void (*kvp_cb)(void *opaque, const struct kvp_outcome *outcome);

/**
 * kvp_get() - read, write and delete a pair
 * @key:	UTF-8
 *
 * Return: as kvp_ask(), or what hvp_kvp_build_key() has against the text.
 */
int kvp_get(struct kvp *kvp, enum hvp_kvp_pool pool, const char *key, kvp_cb cb, void *opaque);
int kvp_set(struct kvp *kvp, enum hvp_kvp_pool pool, const struct hvp_kvp_item *item, kvp_cb cb,
	    void *opaque);
int kvp_delete(struct kvp *kvp, enum hvp_kvp_pool pool, const char *key, kvp_cb cb, void *opaque);

struct kvp_list_ops {
	void (*item)(void *opaque, const struct hvp_kvp_item *item);
	/* The last call. A list that came to its end has error 0 and status 0; -E2BIG: too long. */
	void (*done)(void *opaque, const struct kvp_outcome *outcome);
};

/**
 * kvp_list() - enumerate a pool
 * @ops:	called later; must live until done() or kvp_forget()
 */
int kvp_list(struct kvp *kvp, enum hvp_kvp_pool pool, const struct kvp_list_ops *ops,
	     void *opaque);

/* Look at the automatic keys this often; 0: never. And: look now. */
void kvp_set_poll(struct kvp *kvp, u32 ms);
int kvp_poll(struct kvp *kvp);

/* The answer to an operation makes no sense: for the checker and the count. */
void kvp_bad_answer(struct kvp *kvp, const char *operation);

const struct kvp_state *kvp_state(const struct kvp *kvp);
const struct ic *kvp_ic(const struct kvp *kvp);

/* The automatic keys as they were looked at last. Return: NULL past the last. */
const struct hvp_kvp_item *kvp_auto_key(const struct kvp *kvp, u32 index);

#endif
