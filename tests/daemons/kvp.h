/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_KVP_H
#define TESTS_DAEMONS_KVP_H

#include <linux/hyperv.h>

#include "tests/daemons/fake_device.h"

#define KVP_PROGRAM	"build/daemons/hv_kvp-san"
/* The same, so many seconds after the boot as the environment says in KVP_UPTIME. */
#define KVP_BOOTED	"build/daemons/test/kvp_booted"

/* A KVP daemon on a fake driver, with a system of its own below <folder>/root. */
struct kvp {
	struct fake_device device;
	const char *program;		/* the daemon; kvp_setup(): KVP_PROGRAM */
	struct hv_kvp_msg message;	/* the last answer */
};

/* The folders, not the daemon yet. */
void kvp_setup(struct kvp *kvp);
void kvp_teardown(struct kvp *kvp);

/* Starts it, and answers its registration. */
void kvp_start(struct kvp *kvp);
void kvp_register(struct kvp *kvp);

/* A file of its system. */
void kvp_file(struct kvp *kvp, const char *path, const char *text);
/* A program of it: the lines of a shell script. */
void kvp_program(struct kvp *kvp, const char *path, const char *script);
/* Return: its text in a static buffer, or NULL. */
const char *kvp_read_file(struct kvp *kvp, const char *path);

/* Plays the helper for addresses: a socket that listens and does not block; close() it. */
int kvp_helper(struct kvp *kvp);

/* Sends .message and takes the answer. Return: its status. */
unsigned int kvp_ask(struct kvp *kvp);

unsigned int kvp_get(struct kvp *kvp, unsigned int pool, const char *key);
unsigned int kvp_set(struct kvp *kvp, unsigned int pool, const char *key, const char *value);
unsigned int kvp_delete(struct kvp *kvp, unsigned int pool, const char *key);
unsigned int kvp_at(struct kvp *kvp, unsigned int pool, unsigned int index);

/* The key and value of the last answer to get or enumerate. */
const char *kvp_key(struct kvp *kvp);
const char *kvp_value(struct kvp *kvp);

/* Prepares a set-IP or get-IP in .message. */
void kvp_ip(struct kvp *kvp, unsigned int operation, const char *adapter);
struct hv_kvp_ipaddr_value *kvp_ip_value(struct kvp *kvp);

#endif
