/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_SHUTDOWN_H
#define HOST_VSP_SHUTDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"
#include "host/vsp/ic_ask.h"
#include "protocol/shutdown.h"

/* The shutdown service: asks the guest to power off, restart or hibernate itself. */
struct ic_set;
struct shutdown;

#define SHUTDOWN_ANSWER_S	60u	/* for the answer, if the request sets no deadline */
#define SHUTDOWN_TIMEOUT_MAX	86400u	/* seconds */

/* Plain data, for save and restore. */
struct shutdown_state {
	uint64_t asked;
	uint64_t agreed;
	uint64_t refused;
	uint64_t lost;		/* no answer in time, or the channel was closed */
	uint32_t status;	/* of the last answer */
};

int shutdown_create(struct shutdown **out, struct ic_set *set, struct err *err);
void shutdown_destroy(struct shutdown *sd);

/**
 * shutdown_request() - ask for the end
 * @request:	copied; its timeout_seconds also bound the wait for the answer
 * @cb:		called once: what the guest answered. It obeys when error and
 *		status are 0.
 *
 * Return: 0; -ENOTCONN when the guest does not run the service; -EOPNOTSUPP
 * when its version cannot say this; -EBUSY while another request waits;
 * -EILSEQ when the text is not UTF-8, -EINVAL when it has no end.
 */
int shutdown_request(struct shutdown *sd, const struct hvp_shutdown_request *request,
		     ic_ask_cb cb, void *opaque);

/* No callback any more. */
void shutdown_forget(struct shutdown *sd, void *opaque);

/* While the guest is paused its silence means nothing. */
void shutdown_set_paused(struct shutdown *sd, bool paused);

const struct shutdown_state *shutdown_state(const struct shutdown *sd);
const struct ic *shutdown_ic(const struct shutdown *sd);

#endif
