/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_MACHINE_SHELL_H
#define HOST_MACHINE_SHELL_H

struct loop;
struct serial;
struct shell;

/**
 * shell_open() - connect stdin to the guest's console
 * @quit:	called once, when the user types Ctrl-] on a terminal
 *
 * A terminal goes raw until shell_close(). Return: NULL when out of memory.
 */
struct shell *shell_open(struct loop *loop, struct serial *serial, void (*quit)(void *opaque),
			 void *opaque);
void shell_close(struct shell *shell);

#endif
