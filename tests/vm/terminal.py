# SPDX-License-Identifier: GPL-2.0-only
"""This terminal as the console of a guest in the outer VM: raw, until Ctrl-]."""

import contextlib
import os
import select
import socket
import sys
import termios
import tty

LEAVE = b"\x1d"


class Left(Exception):
    """The person at the terminal wants out."""


@contextlib.contextmanager
def raw(fd):
    if not os.isatty(fd):
        yield
        return
    saved = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, saved)


class Terminal:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.has_input = True

    def close(self):
        self.socket.close()

    def shuttle(self, seconds):
        """Carries bytes both ways for a while."""
        stdin = sys.stdin.fileno()
        sources = [self.socket] + ([stdin] if self.has_input else [])
        for source in select.select(sources, [], [], seconds)[0]:
            if source is self.socket:
                os.write(sys.stdout.fileno(), self.socket.recv(4096))
                continue
            data = os.read(stdin, 4096)
            if LEAVE in data:
                raise Left
            self.has_input = bool(data)
            self.socket.sendall(data)
