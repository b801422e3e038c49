/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_DAEMONS_FAKE_DEVICE_H
#define TESTS_DAEMONS_FAKE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The driver's side of a character device, played over a SOCK_SEQPACKET
 * socket, and a real daemon process on the other side:
 *
 *   test program                              daemon (built with sanitizers)
 *   fake_setup()     listens at <folder>/device
 *   fake_start()  ----- spawn, --device ----->  connects
 *   fake_accept()
 *   fake_receive() <---- registration --------
 *   fake_send()    ----- its answer ---------->  READY=1 to <folder>/notify
 *   fake_send()    ----- request ------------->
 *   fake_receive() <---- reply ----------------
 *   fake_stop()    ----- SIGTERM ------------->  exits
 *
 * Every wait is bounded (FAKE_LIMIT_MS); whatever goes wrong fails the cmocka
 * test that called.
 */

#define FAKE_LIMIT_MS	8000
#define FAKE_ARGS	16

struct fake_device {
	char folder[64];	/* of its own below fake_base(); removed by fake_teardown() */
	char path[96];		/* of the device: <folder>/device */
	int listener;
	int notify;		/* what the daemon says to the service manager */
	int fd;			/* the accepted connection, or -1 */
	int log;		/* the daemon's stderr: <folder>/log */
	pid_t daemon;		/* 0: not running */
};

/* A folder in memory, where there is one: syncing files to a disk takes its time. */
const char *fake_base(void);

void fake_setup(struct fake_device *fake);

/* Kills the daemon if it still runs; fails if it had died by itself, shows its log if the test failed. */
void fake_teardown(struct fake_device *fake);

/* Starts and stops listening: a device that appears and goes. */
void fake_appear(struct fake_device *fake);
void fake_vanish(struct fake_device *fake);

/**
 * fake_start() - start a daemon on the fake device
 * @program:	path from the root of the tree
 * @args:	more arguments, ends with NULL; NULL: none
 */
void fake_start(struct fake_device *fake, const char *program, const char *const *args);

/* Waits for the daemon to open the device. */
void fake_accept(struct fake_device *fake);

/* The driver closes its side, as when it is torn down; the listener stays. */
void fake_hang_up(struct fake_device *fake);

void fake_send(struct fake_device *fake, const void *message, size_t length);

/* Return: the length of the next whole message. */
size_t fake_receive(struct fake_device *fake, void *message, size_t size);

/* Whether nothing comes for @ms. */
bool fake_is_silent(struct fake_device *fake, int ms);

/* Waits until the daemon notified a line, e.g. "READY=1". */
void fake_wait_notified(struct fake_device *fake, const char *line);

/* Waits until @text is in the daemon's log. */
void fake_wait_logged(struct fake_device *fake, const char *text);
bool fake_has_logged(struct fake_device *fake, const char *text);
unsigned int fake_count_logged(struct fake_device *fake, const char *text);

/* SIGTERM, and wait. Return: the exit status, or 128 + signal. */
int fake_stop(struct fake_device *fake);
/* SIGKILL, and wait. */
void fake_kill(struct fake_device *fake);
/* Waits until it ends by itself. Return: as fake_stop(). */
int fake_wait_exit(struct fake_device *fake);

/**
 * fake_wakeups() - how often the daemon was scheduled so far
 *
 * voluntary_ctxt_switches of /proc: does not move while a process sleeps.
 */
unsigned long fake_wakeups(struct fake_device *fake);

#endif
