// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/shell.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include "host/machine/loop.h"
#include "host/machine/serial.h"

#define QUIT_KEY	0x1d	/* Ctrl-] */

struct shell {
	struct loop *loop;
	struct serial *serial;
	void (*quit)(void *opaque);
	void *opaque;
	bool is_terminal;
	struct termios saved;
};

static void input_ready(void *opaque, int fd, uint32_t events)
{
	struct shell *shell = opaque;
	char buf[256];
	ssize_t len = read(fd, buf, sizeof(buf));
	char *quit;

	(void)events;
	if (len <= 0) {
		/* Input from a file or pipe may end before the guest does. */
		loop_del(shell->loop, fd);
		return;
	}
	quit = shell->is_terminal ? memchr(buf, QUIT_KEY, (size_t)len) : NULL;
	serial_write(shell->serial, buf, quit ? (size_t)(quit - buf) : (size_t)len);
	if (quit)
		shell->quit(shell->opaque);
}

static void make_raw(struct shell *shell)
{
	struct termios raw;

	shell->is_terminal = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &shell->saved);
	if (!shell->is_terminal)
		return;
	raw = shell->saved;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

struct shell *shell_open(struct loop *loop, struct serial *serial, void (*quit)(void *opaque),
			 void *opaque)
{
	struct shell *shell = calloc(1, sizeof(*shell));

	if (!shell)
		return NULL;
	*shell = (struct shell){ .loop = loop, .serial = serial, .quit = quit, .opaque = opaque };
	make_raw(shell);
	/* A regular file or /dev/null cannot be polled: then there is no input. */
	loop_add(loop, STDIN_FILENO, EPOLLIN, input_ready, shell);
	return shell;
}

void shell_close(struct shell *shell)
{
	if (!shell)
		return;
	loop_del(shell->loop, STDIN_FILENO);
	if (shell->is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &shell->saved);
	free(shell);
}
