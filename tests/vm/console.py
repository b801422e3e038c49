# SPDX-License-Identifier: GPL-2.0-only
"""A guest under QEMU that is driven by its console: what second-host and plain-host share."""

import os
import re
import select
import subprocess
import sys
import time

import verdict


class Failed(Exception):
    """The guest did not do what it should."""


class Console:
    def __init__(self, command):
        self.scale = float(os.environ.get("HV_TIME_SCALE", "1"))
        self.text = b""
        self.guest = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def read(self, deadline):
        """More text; False at the end of the guest."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.guest.stdout], [], [], left)[0]:
            raise Failed("over its time")
        data = self.guest.stdout.read1(65536)
        self.text += data
        sys.stdout.buffer.write(data)
        return bool(data)

    def wait(self, pattern, limit):
        start, deadline = len(self.text), time.monotonic() + limit * self.scale
        while not re.search(pattern, self.text[max(0, start - 200):]):
            if not self.read(deadline):
                raise Failed(f"the guest ended before '{pattern.decode()}'")

    def type(self, line):
        self.guest.stdin.write(line.encode() + b"\n")
        self.guest.stdin.flush()

    def wait_end(self, limit):
        deadline = time.monotonic() + limit * self.scale
        while self.read(deadline):
            pass
        return self.guest.wait()


def kernel_trouble(console):
    """Raises Failed if the kernel complained."""
    text = console.text.decode(errors="replace")
    trouble = [line.strip() for line in text.splitlines() if re.search(verdict.KERNEL_TROUBLE, line)]
    if trouble:
        raise Failed(f"kernel log: {' | '.join(trouble[:4])}")
