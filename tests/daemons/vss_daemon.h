/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_VSS_DAEMON_H
#define TESTS_DAEMONS_VSS_DAEMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/types.h>

#include "tests/daemons/fake_device.h"
#include "tests/daemons/vss_faked.h"

/*
 * hv_vss with a fake driver on one side and freeze calls that do as they are
 * told on the other:
 *
 *   test ---- requests ----> vss_faked ---- fork ----> its freezer
 *     |                          |                        |
 *     +------- struct faked -----+------------------------+   (shared memory)
 */

#define VSS_FAKED	"build/daemons/test/vss_faked"
#define REFUSED		((int)HV_E_FAIL)
#define COUNT		3		/* file systems */

extern struct fake_device fake;
extern struct faked *faked;
extern const char * const names[COUNT];		/* in the order of the freeze */
/* Paths; said is where hooks may write to. */
extern char mountinfo[96], config[96], record[96], hooks[96], said[96];

int vss_set_up(void **state);
int vss_tear_down(void **state);

void put(const char *path, const char *text, mode_t mode);

void launch(void);
void register_daemon(void);
/* Both, and READY=1. */
void start(void);

void ask(int operation);
int answer(void);
int request(int operation);

int count_frozen(void);
void wait_frozen(int count);
/* Until nothing is frozen, at most @ms. */
void wait_thawed(int ms);
void wait_no_record(void);

/* All is well again: a whole backup. */
void back_up(void);

#endif
