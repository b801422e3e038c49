/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_SHUTDOWN_LOGIND_H
#define DAEMONS_SHUTDOWN_LOGIND_H

#include <stddef.h>
#include <systemd/sd-bus.h>

#include "daemons/common/err.h"
#include "daemons/shutdown/request.h"

/*
 * systemd-logind over D-Bus. Each call waits LOGIND_SECONDS at most: less than
 * the driver waits for us (parameter shutdown_wait, 5 s).
 */
#define LOGIND_SECONDS	2

/**
 * logind_open() - connect
 * @address:	D-Bus address of a peer that plays logind; NULL: the system bus
 */
int logind_open(sd_bus **bus, const char *address, struct err *err);

/**
 * logind_blocker() - does a program hold a block against @action
 * @who:	its name and reason, for people
 *
 * Delays are not asked for: logind itself gives them their time.
 *
 * Return: 1 with @who, 0, or a negative errno with @err.
 */
int logind_blocker(sd_bus *bus, enum action action, char *who, size_t size, struct err *err);

/**
 * logind_act() - have it done
 * @force:	whatever blocks it
 * @wall:	what users are told
 */
int logind_act(sd_bus *bus, enum action action, bool force, const char *wall, struct err *err);

#endif
