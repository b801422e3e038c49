/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_IC_ASK_H
#define HOST_VSP_IC_ASK_H

#include <stdbool.h>

#include "host/err.h"
#include "protocol/types.h"

/*
 * One question to an integration service and what becomes of it: an answer,
 * silence beyond a bound, or a channel that closes. Loop thread only.
 */
struct ic;
struct ic_ask;
struct loop;

struct ic_answer {
	int error;		/* 0: answered; -ENOTCONN: closed before that; -ETIMEDOUT */
	u32 status;		/* HRESULT of the guest */
	const void *body;	/* private copy, valid until the callback returns */
	u32 len;
};

typedef void (*ic_ask_cb)(void *opaque, const struct ic_answer *answer);

struct ic_ask *ic_ask_create(struct loop *loop);

/* No callback any more. NULL is fine. */
void ic_ask_destroy(struct ic_ask *ask);

/**
 * ic_ask() - send a question
 * @timeout_ms:	of silence, time while the guest is paused excluded; less where
 *		ic_set_patience() says so
 * @cb:		called once, never before this returns
 *
 * Return: 0; -ENOTCONN when the service is not ready, -EBUSY while a question
 * waits, -EMSGSIZE, -ENOBUFS: then @cb is not called.
 */
int ic_ask(struct ic_ask *ask, struct ic *ic, const void *body, u32 len, u32 timeout_ms,
	   ic_ask_cb cb, void *opaque);
bool ic_ask_waiting(const struct ic_ask *ask);

/* For the service's own callbacks. */
void ic_ask_answered(struct ic_ask *ask, u32 status, const void *body, u32 len);
void ic_ask_closed(struct ic_ask *ask);

/* While the guest is paused its silence means nothing. */
void ic_ask_set_paused(struct ic_ask *ask, bool paused);

#endif
