/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_SHUTDOWN_H
#define HOST_VSP_SHUTDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "host/err.h"

/* The shutdown service: asks the guest to power off or restart itself. */
struct ic;
struct shutdown;
struct ic_set;

/* Called once for each request: @status is the guest's HRESULT, 0 when it obeys. */
typedef void (*shutdown_cb)(void *opaque, bool answered, uint32_t status);

int shutdown_create(struct shutdown **out, struct ic_set *set, struct err *err);
void shutdown_destroy(struct shutdown *sd);

/**
 * shutdown_request() - ask for the end
 * @restart:	start again afterwards; needs version 3.1 of the service
 * @cb:		the answer, or that the channel closed without one
 *
 * Return: 0; -ENOTCONN when the guest does not run the service; -EOPNOTSUPP
 * when its version has no restart; -EBUSY while another request waits.
 */
int shutdown_request(struct shutdown *sd, bool restart, shutdown_cb cb, void *opaque);

/* No callback any more. */
void shutdown_forget(struct shutdown *sd, void *opaque);

const struct ic *shutdown_ic(const struct shutdown *sd);

#endif
