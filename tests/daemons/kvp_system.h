/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_KVP_SYSTEM_H
#define TESTS_DAEMONS_KVP_SYSTEM_H

#include <stdbool.h>

#include "daemons/common/err.h"
#include "daemons/kvp/network.h"
#include "tests/daemons/kvp.h"

/*
 * A system for the back ends, below a root of its own whose programs are scripts
 * that write into <root>/log. The kernel is network_read() here: eth0 has
 * 192.0.2.5/24 and its gateway if <root>/applied is there, and 198.51.100.9/24,
 * of before, if <root>/old is; <root>/leased: it is a lease. <root>/again: what
 * was there before has gone and come back; <root>/tentative: nobody knows yet
 * whether another machine has it; there is a carrier unless <root>/loose is there.
 * What is applied is gone at every flap-th look.
 */

extern struct kvp kvp;
extern char root[96];
extern unsigned int flap, looks;
extern struct network_link link_eth0;

int system_setup(void **state);
int system_teardown(void **state);

/* A test that begins with a new system. */
#define CASE(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

/* Lines of scripts. */
#define LOG	"echo ${0##*/} \"$@\" >>$root/log\n"
#define APPLY	"touch $root/applied\n"
#define LEASE	"touch $root/leased\n"

void have_networkd(const char *script);
/* With two stanzas of eth0, one of them in @interfaces. */
void have_ifupdown(const char *ifup);
extern const char interfaces[];

/* Asks for 192.0.2.5/24 with a gateway and two name servers. Return: of apply(), which says more in @why. */
int set_static(void);
extern struct err why;
extern int client;			/* the socket of who asked; -1: nobody who could go away */

void unlink_file(const char *path);
/* Its owner, group and mode as others. Return: false, with a word, for who is not root. */
bool change_rights(const char *path);
void assert_rights_changed(const char *path);
void assert_file(const char *path, const char *expected);

#endif
