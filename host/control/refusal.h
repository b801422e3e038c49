/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_CONTROL_REFUSAL_H
#define HOST_CONTROL_REFUSAL_H

#include <stddef.h>

#include "protocol/types.h"

/* Requests that ask the guest through an integration service, and how they fail. */
struct control_request;
struct ic;

/* A sentence about an answer that is no success: @error of struct ic_answer, else the status. */
void refusal_text(int error, u32 status, char *text, size_t room);

/* The request fails with it. */
void request_refused(struct control_request *req, int error, u32 status);

/* The request fails because the question could not even be sent: @error of ic_ask(). */
void request_not_asked(struct control_request *req, const struct ic *ic, int error);

/* Argument "hex". Return: bytes, or -1 when the request has failed. */
int request_hex(struct control_request *req, u8 *bytes, u32 room);

/* The answer to raw bytes: status and body, or the request fails. */
void request_raw_done(struct control_request *req, int error, u32 status, const void *body,
		      u32 len);

#endif
