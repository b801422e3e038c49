/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_SET_IP_H
#define DAEMONS_KVP_SET_IP_H

#include <linux/hyperv.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "daemons/common/err.h"

/*
 * Setting addresses takes rights that the daemon does not have. It asks a
 * helper: one packet there, one back. The helper is this program again, started
 * by a socket unit; where there is no such socket, by the daemon.
 */
struct set_ip_request {
	struct hv_kvp_ipaddr_value value;	/* no adapter: take back what was interrupted */
};

struct set_ip_answer {
	int32_t status;			/* 0 or a negative errno */
	char text[256];			/* what went wrong; what was done */
};

struct set_ip;

typedef void (*set_ip_done)(void *context, int status, const char *text);

/**
 * set_ip_start() - have the helper do it
 * @socket:	path of the helper's socket
 * @done:	called once from the loop, after at most SET_IP_LIMIT_MS
 *
 * Return: 0 and @set, or -EIO or -ENOMEM; then @done is not called
 */
int set_ip_start(struct set_ip **set, sd_event *event, const char *socket,
		 const struct hv_kvp_ipaddr_value *value, set_ip_done done, void *context,
		 struct err *err);

/* Nobody waits for it any more; the helper takes back what it has begun. NULL: nothing. */
void set_ip_forget(struct set_ip *set);

/* The driver waits for 30 s. */
#define SET_IP_LIMIT_MS		28000

#endif
