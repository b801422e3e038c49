# SPDX-License-Identifier: GPL-2.0-only
"""Remembers which file contents a slow gate has already passed, so that a second run looks at changes only."""

import hashlib

import tree


class Memory:
    def __init__(self, gate, rules):
        """rules: whatever decides the verdict besides the file (program version, options); a change forgets all."""
        self.rules = "\0".join(rules).encode()
        self.path = tree.CACHE / "check" / gate
        try:
            self.known = set(self.path.read_text().split())
        except OSError:
            self.known = set()

    def key(self, file):
        """Take it before the gate looks at the file, which may be changed meanwhile. Rules differ between folders."""
        return hashlib.sha256(self.rules + b"\0" + str(file).encode() + b"\0" + file.read_bytes()).hexdigest()

    def knows(self, key):
        return key in self.known

    def add(self, key):
        self.known.add(key)

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("".join(f"{key}\n" for key in sorted(self.known)))
