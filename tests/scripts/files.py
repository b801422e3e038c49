# SPDX-License-Identifier: GPL-2.0-only
"""Files that the host copies into the guest, and what became of them."""

import contextlib
import hashlib
import os
import shlex
import tempfile

import services
from scenario import Failed

# Below a folder that our daemon lets hosts write to unless it is told otherwise; the stock one writes anywhere.
TARGET = "/var/tmp/copy-test"


class Source:
    """Files of random contents here, and a directory of the guest that they go to."""

    def __init__(self, run, directory, target):
        self.run = run
        self.directory = directory
        self.target = target
        self.digest = None          # of the file that was made last
        self.number = 0
        run.guest(f"rm -rf {target}; mkdir -p {target}")

    def make(self, size):
        """A new file; its contents are what expect_same() compares with."""
        self.number += 1
        path = os.path.join(self.directory, f"source-{self.number}")
        data = os.urandom(size)
        self.digest = hashlib.sha256(data).hexdigest()
        with open(path, "wb") as file:
            file.write(data)
        return path

    def copy(self, path, name, *options, limit=120):
        try:
            return self.run.host.ctl("copy", path, f"{self.target}/{name}", *options, limit=limit)
        finally:
            os.unlink(path)

    def sum_in_guest(self, name):
        return self.run.guest(f"sha256sum < {shlex.quote(f'{self.target}/{name}')}").split()[0]

    def copied(self):
        """Bytes of the running copy that the guest has acknowledged."""
        return self.run.host.ask("copy", action="status")["counts"]["copied"]

    def expect_same(self, name):
        if self.sum_in_guest(name) != self.digest:
            raise Failed(f"{name} has other contents")

    def expect_absent(self, name):
        path = shlex.quote(f"{self.target}/{name}")
        if self.run.host.execute(["sh", "-c", f"test -e {path}"])[0] == 0:
            raise Failed(f"{name} is there: {self.run.guest(f'ls -l {path}')}")

    def expect_no_rest(self):
        """No temporary file."""
        found = self.run.guest(f"find {self.target} -name '.*' -type f")
        if found:
            raise Failed(f"left over: {found}")

    @contextlib.contextmanager
    def small_disk(self, size):
        self.run.guest(f"mkdir -p {self.target}/small; mount -t tmpfs -o size={size} none {self.target}/small")
        try:
            yield
        finally:
            self.run.guest(f"umount {self.target}/small")

    def act_at_half(self, name, size, act, *options):
        """Does something in the middle of a copy. Returns how the copy ends: 0 or 1, and what the host says."""
        path = self.make(size)
        # Answers that come late stretch the copy: the middle of it is not over in a moment.
        with self.run.host.fault("ic.fcopy.reply delay=20 count=100000"):
            job = services.background(self.run, "copy", path, f"{self.target}/{name}", *options)
            self.run.wait("the copy", 60, lambda: self.copied() > size // 4)
            act()
            status, output = job.wait()
        os.unlink(path)
        self.run.say(output)
        if status not in (0, 1):
            raise Failed(f"the copy ends with {status}")
        return status, output

    def break_at_half(self, name, size, act, by=services.GUEST):
        """Does something in the middle of a copy: it must fail in these words, and leave nothing under the name."""
        status, output = self.act_at_half(name, size, act)
        if status != 1 or by not in output:
            raise Failed(f"'{by}' was to be the end, not {status}: {output}")
        if self.run.daemons == "ours":
            self.expect_absent(name)


@contextlib.contextmanager
def source(run, target=TARGET):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        made = Source(run, directory, target)
        try:
            yield made
        finally:
            run.guest(f"rm -rf {target}")
