# SPDX-License-Identifier: GPL-2.0-only
"""Remembers which file contents a slow gate has already passed, so that a second run looks at changes only."""

import hashlib
import os

import tree


class Memory:
    def __init__(self, gate, rules):
        """rules: whatever decides the verdict besides the file (program version, options); a change forgets all."""
        self.rules = "\0".join(rules).encode()
        self.path = tree.CACHE / "check" / gate
        self.known = self.saved()

    def saved(self):
        try:
            return set(self.path.read_text().split())
        except OSError:
            return set()

    def key(self, root, file):
        """Take it before the gate looks at the file, which may be changed meanwhile. Rules differ between folders, but
        not between copies of the tree."""
        return hashlib.sha256(self.rules + b"\0" + str(file).encode() + b"\0" + (root / file).read_bytes()).hexdigest()

    def knows(self, key):
        return key in self.known

    def add(self, key):
        self.known.add(key)

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # What another copy of the tree has saved meanwhile stays; a file that is half written would be read as keys.
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        fresh.write_text("".join(f"{key}\n" for key in sorted(self.known | self.saved())))
        fresh.replace(self.path)
