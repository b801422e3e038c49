/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_SHUTDOWN_REQUEST_H
#define DAEMONS_SHUTDOWN_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "daemons/common/err.h"

/*
 * What the host asks of this machine, as our hv_utils shows it in the folder
 * service/ of the shutdown device (drivers/utils/shutdown.c draws its states).
 */
enum action {
	ACTION_NONE,		/* nothing is asked (any more) */
	ACTION_SHUTDOWN,
	ACTION_RESTART,
	ACTION_HIBERNATE,
	ACTION_COUNT
};

struct request {
	enum action action;
	bool force;
	uint32_t timeout_seconds;	/* 0: the host did not say */
	char reason[32];
	char text[2048];		/* UTF-8 as the host gave it, control characters as '?' */
};

/* "shutdown", "restart", "hibernate"; what the kernel calls it. */
const char *action_name(enum action action);

/* ACTION_NONE for a word that is none. */
enum action action_find(const char *name);

/**
 * request_folder() - where the driver shows its requests
 * @folder:	of at least @size bytes
 *
 * Return: 0; -ENOENT when no driver does: the stock one acts by itself.
 */
int request_folder(char *folder, unsigned int size);

/**
 * request_read() - the present request
 * Return: 0, also for ACTION_NONE; or a negative errno with @err.
 */
int request_read(const char *folder, struct request *request, struct err *err);

/* The driver is to leave it to us until the deadline, or to drop it. */
int request_take(const char *folder, struct err *err);
int request_refuse(const char *folder, struct err *err);

#endif
