/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_SHUTDOWN_H
#define PROTOCOL_SHUTDOWN_H

#include "protocol/ic.h"

enum hvp_shutdown_action {
	HVP_SHUTDOWN_DO_POWER_OFF,
	HVP_SHUTDOWN_DO_RESTART,
	HVP_SHUTDOWN_DO_HIBERNATE,
	HVP_SHUTDOWN_ACTION_COUNT
};

struct hvp_shutdown_request {
	enum hvp_shutdown_action action;
	bool force;			/* do not wait for whoever objects */
	u32 reason;
	u32 timeout_seconds;		/* 0: not said */
	char text[HVP_SHUTDOWN_TEXT_ROOM];	/* UTF-8, printable, may be empty */
};

/**
 * hvp_shutdown_known_flags() - what a message version has
 * @version:	of the messages: 1.0, 3.0, 3.1, 3.2
 *
 * Return: HVP_SHUTDOWN_*; restart and hibernate came with 3.1 and 3.2.
 */
u32 hvp_shutdown_known_flags(struct hvp_ic_version version);

/**
 * hvp_shutdown_request_check() - read a received request
 * @body:	private copy
 * @len:	its bytes
 * @request:	written only on success. Of the text, what is no UTF-8 and what
 *		is no printable character has become a question mark.
 *
 * A guest takes every flag that it knows, whatever the version.
 *
 * Return: 0; -EBADMSG when it is short; -EOPNOTSUPP for an unknown flag or for
 * restart together with hibernate. The answer is then HVP_HR_FAIL.
 */
int hvp_shutdown_request_check(const void *body, u32 len, struct hvp_shutdown_request *request);

/**
 * hvp_shutdown_build() - write a request
 * @body:	filled whole
 * @version:	agreed with the guest
 * @request:	its text ends with a NUL
 *
 * Return: bytes to send; -EOPNOTSUPP when @version cannot say it, -EILSEQ when
 * the text is not UTF-8, -EINVAL when it has no end.
 */
int hvp_shutdown_build(struct hvp_ic_shutdown *body, struct hvp_ic_version version,
		       const struct hvp_shutdown_request *request);

#endif
