/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_SERVICE_H
#define DAEMONS_COMMON_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "daemons/common/err.h"
#include "daemons/common/options.h"

/*
 * What the daemons share: one device, one event loop, registration, one
 * request at a time, and the way back after any error. service.c draws it.
 */

struct service;

/* All are called from the loop; @message is aligned for any type. */
struct service_ops {
	/*
	 * Once, before the device is opened. -errno ends the program with @err:
	 * -EINVAL and -E2BIG are a mistake in its settings. Optional.
	 */
	int (*start)(struct service *service, struct err *err);
	/* Fills in the registration (zeroed before). Return: its length. */
	size_t (*hello)(struct service *service, void *message);
	/* The driver's answer to it. -errno: no use with this driver. Optional: any answer will do. */
	int (*welcome)(struct service *service, const void *message, size_t length);
	/* A request, to be answered with service_reply(): here or later. */
	void (*request)(struct service *service, void *message, size_t length);
	/*
	 * The request that was being worked on has nobody to be answered to:
	 * the device is gone or was opened anew. Optional.
	 */
	void (*lost)(struct service *service);
	/* The device was closed, whether there was a request or not: gone, or opened anew soon. Optional. */
	void (*closed)(struct service *service);
	/*
	 * Asked after closed(): whether it is no time to open the device anew, or
	 * for anything else that takes memory. Then service_idle() must come. Optional: never.
	 */
	bool (*is_busy)(struct service *service);
	/* Before the program ends: undo what must not stay. Optional. */
	void (*stop)(struct service *service);
};

struct service_config {
	struct options_about about;
	const char *device;		/* default of --device */
	size_t message_size;		/* of the largest message, in bytes */
	const struct service_ops *ops;
	void *context;			/* service_context() */
};

/**
 * service_main() - a whole daemon: options, log, loop, READY=1 when registered
 *
 * Return: the exit status: 0 after SIGTERM or SIGINT, 1 after an error, 2 for
 * bad options, EX_CONFIG for bad settings; units do not start it again after these two
 */
int service_main(const struct service_config *config, int argc, char **argv);

/**
 * service_reply() - answer the present request
 *
 * Call it at most once per request. An answer the driver no longer wants (it
 * gave up waiting) is dropped, logged, and the device opened anew.
 *
 * Return: true if the driver took it. Whoever holds something for the host (a
 * frozen file system) lets go of it on false.
 */
bool service_reply(struct service *service, const void *message, size_t length);

/**
 * service_is_given_up() - waits nobody for the answer to the present request any more
 *
 * Only then does a driver have the next message before this one is answered.
 */
bool service_is_given_up(struct service *service);

/* No longer is_busy(): opens the device anew if that waits. May be called at any time in the loop. */
void service_idle(struct service *service);

sd_event *service_event(struct service *service);
void *service_context(struct service *service);
bool service_debug(struct service *service);

/* Ends the loop; the program exits with @status. */
void service_exit(struct service *service, int status);

#endif
