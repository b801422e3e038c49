/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UTILS_NEGOTIATE_H
#define UTILS_NEGOTIATE_H

#include "protocol/ic.h"

/* Message versions of a service, best first. */
struct util_versions {
	const struct hvp_ic_version *list;
	u32 count;
};

/* What both sides agreed on; zeros before. */
struct util_agreed {
	struct hvp_ic_version framework;
	struct hvp_ic_version message;
};

/**
 * util_negotiate() - choose versions and turn the request into its answer, in place
 * @body:	of an HVP_IC_NEGOTIATE request; HVP_IC_NEGOTIATE_REPLY_SIZE bytes may
 *		be written even if fewer came
 * @len:	bytes that came
 * @versions:	message versions of the service
 * @agreed:	written only on success
 *
 * Return: 0; -EBADMSG when the counts do not fit @len, @body is untouched;
 * -ENOENT when there is nothing in common, the answer says so.
 */
int util_negotiate(void *body, u32 len, struct util_versions versions, struct util_agreed *agreed);

#endif
