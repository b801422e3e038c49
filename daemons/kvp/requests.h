/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_REQUESTS_H
#define DAEMONS_KVP_REQUESTS_H

#include <linux/hyperv.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * requests_answer() - carry out one message of the driver, in place
 * @message:	the host's words in it are hostile
 * @length:	of the message
 * @folder:	of the pools
 *
 * Return: true if @message is the answer now; false if it asks for addresses to
 * be set (its texts are not checked yet) and shall be answered later
 */
bool requests_answer(struct hv_kvp_msg *message, size_t length, const char *folder);

/* An errno of our functions as the status for the host. */
int requests_status(int error);

#endif
