# SPDX-License-Identifier: GPL-2.0-only
"""A running hvhost and its control client, as a session inside a job uses them."""

import json
import os
import pathlib
import signal
import subprocess
import time

EXIT_WORDS = {0: "off", 1: "failure", 2: "usage", 3: "reset", 4: "crash", 5: "fault", 6: "time limit", 7: "checker",
              8: "stopped"}


class HostEnded(Exception):
    """hvhost is gone, and with it the guest."""


class GuestSilent(Exception):
    """The guest's agent did not answer in time."""


class Host:
    def __init__(self, command, directory, environment, terminal=None):
        """terminal: a file for hvhost's console in --shell mode; else its output goes to a file."""
        self.directory = pathlib.Path(directory)
        self.environment = environment
        self.console = self.directory / "console"
        self.log = open(self.directory / "hvhost.log", "wb")
        stdin, stdout = (terminal, terminal) if terminal else (subprocess.DEVNULL, self.log)
        self.process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=self.log,
                                        env=environment, cwd=directory)

    def has_ended(self):
        return self.process.poll() is not None

    def end_word(self):
        status = self.process.returncode
        if status is not None and status < 0:
            return f"signal {signal.Signals(-status).name}"
        return EXIT_WORDS.get(status, f"exit status {status}")

    def wait(self, seconds):
        """Waits for hvhost's own end, then ends it. Returns how it ended."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            return "never"
        return self.end_word()

    def hvctl(self, *arguments, seconds):
        """Returns (exit status, output). Watches hvhost, so that a dead guest ends the wait at once."""
        with open(self.directory / "hvctl.out", "w+b") as output:
            client = subprocess.Popen(["hvctl", *arguments], stdin=subprocess.DEVNULL, stdout=output,
                                      stderr=subprocess.STDOUT, env=self.environment)
            self.watch(client, seconds)
            output.seek(0)
            return client.returncode, output.read().decode(errors="replace")

    def run(self, command, seconds, output, environment):
        """A program on this side. Returns its exit status; 124 when it was over its time."""
        client = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                  env=environment, start_new_session=True)
        try:
            self.watch(client, seconds, needs_host=False)
        except GuestSilent:
            return 124
        finally:
            if client.poll() is None:
                os.killpg(client.pid, signal.SIGKILL)
                client.wait()
        return client.returncode

    def watch(self, client, seconds, needs_host=True):
        deadline = time.monotonic() + seconds
        while client.poll() is None:
            over = time.monotonic() > deadline
            if over or (needs_host and self.has_ended()):
                client.kill()
                client.wait()
                if over:
                    raise GuestSilent(f"no answer within {seconds:.0f} s")
                raise HostEnded(f"hvhost ended: {self.end_word()}")
            time.sleep(0.02)

    def status(self):
        status, output = self.hvctl("status", "--json", seconds=20)
        if status != 0:
            return {}
        try:
            return json.loads(output)
        except ValueError:
            return {}

    def guest(self, *command, seconds):
        """Runs a command in the guest; returns (exit status, output)."""
        return self.hvctl("exec", "--", *command, seconds=seconds)

    def wait_for_agent(self, seconds):
        deadline = time.monotonic() + seconds
        while True:
            if self.has_ended():
                raise HostEnded(f"hvhost ended: {self.end_word()}")
            if time.monotonic() > deadline:
                raise GuestSilent("the guest's agent does not answer")
            try:
                status, output = self.guest("echo", "agent-is-there", seconds=10)
            except GuestSilent:
                continue
            if status == 0 and "agent-is-there" in output:
                return
            time.sleep(0.2)
