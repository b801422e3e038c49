# SPDX-License-Identifier: GPL-2.0-only
"""A short conversation with QEMU's monitor."""

import json
import socket


class Error(Exception):
    pass


class Monitor:
    """Use in a with statement: QEMU serves one client at a time."""

    def __init__(self, path):
        self.path = str(path)

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(self.path)
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        self.command("qmp_capabilities")
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def command(self, name, **arguments):
        request = {"execute": name, "arguments": arguments}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self.lines.readline()
            if not line:
                raise Error("QEMU closed its monitor")
            answer = json.loads(line)
            if "error" in answer:
                raise Error(f"{name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
