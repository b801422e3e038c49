# SPDX-License-Identifier: GPL-2.0-only
"""A running hvhost and a client of its control socket, as a session inside a job uses them."""

import base64
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import time

EXIT_WORDS = {0: "off", 1: "failure", 2: "usage", 3: "reset", 4: "crash", 5: "fault", 6: "time limit", 7: "checker",
              8: "stopped"}
OVER_TIME = 124


class HostEnded(Exception):
    """hvhost is gone, and with it the guest."""


class GuestSilent(Exception):
    """The guest or its host did not answer in time."""


class Refused(Exception):
    """hvhost said no; the text says why."""


class Host:
    def __init__(self, command, directory, environment, terminal=None):
        """terminal: a file for hvhost's console in --shell mode; else its output goes to a file."""
        self.directory = pathlib.Path(directory)
        self.path = environment["HVCTL_SOCKET"]
        self.console = self.directory / "console"
        self.log = open(self.directory / "hvhost.log", "wb")
        stdin, stdout = (terminal, terminal) if terminal else (subprocess.DEVNULL, self.log)
        self.process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=self.log, env=environment,
                                        cwd=directory)

    # ---- life ----

    def has_ended(self):
        return self.process.poll() is not None

    def end_word(self):
        status = self.process.returncode
        if status is not None and status < 0:
            return f"signal {signal.Signals(-status).name}"
        return EXIT_WORDS.get(status, f"exit status {status}")

    def last_words(self):
        """Of hvhost itself: why it ended."""
        lines = (self.directory / "hvhost.log").read_text(errors="replace").splitlines()
        return " | ".join(lines[-3:])

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

    def check_life(self):
        if self.has_ended():
            raise HostEnded(f"hvhost ended: {self.end_word()}: {self.last_words()}")

    # ---- control socket ----

    def connect(self, deadline):
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.path)
                return connection
            except OSError:
                connection.close()
            self.check_life()
            if time.monotonic() > deadline:
                raise GuestSilent("hvhost opens no control socket")
            time.sleep(0.02)

    def lines(self, connection, deadline):
        """What hvhost says, line by line, until the deadline."""
        pending = b""
        while True:
            if not select.select([connection], [], [], 0.2)[0]:
                self.check_life()
                if time.monotonic() > deadline:
                    raise GuestSilent("no answer in time")
                continue
            data = self.receive(connection)
            *lines, pending = (pending + data).split(b"\n")
            yield from lines

    def receive(self, connection):
        try:
            data = connection.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.end_soon()
        return data

    def end_soon(self):
        """The connection is gone: so will be hvhost."""
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            raise GuestSilent("hvhost closed the connection") from None
        self.check_life()

    def ask(self, verb, seconds, on_event=None, **arguments):
        """One request. Returns its result; raises Refused, GuestSilent or HostEnded."""
        deadline = time.monotonic() + seconds
        with self.connect(deadline) as connection:
            connection.sendall(json.dumps({"id": 1, "verb": verb, "args": arguments}).encode() + b"\n")
            for line in self.lines(connection, deadline):
                message = json.loads(line)
                if "event" in message:
                    if on_event:
                        on_event(message["event"])
                elif message.get("ok"):
                    return message.get("result") or {}
                else:
                    raise Refused(message.get("error", "no reason"))

    def guest(self, *command, seconds):
        """Runs a command in the guest; returns (exit status, output)."""
        output = bytearray()
        result = self.ask("exec", seconds + 10, lambda event: output.extend(base64.b64decode(event["base64"])),
                          argv=list(command), timeout=max(1, int(seconds)))
        status = result.get("exit", 128 + result["signal"] if "signal" in result else OVER_TIME)
        return status, output.decode(errors="replace")

    def wait_for(self, condition, seconds, **arguments):
        self.ask("wait", seconds + 5, timeout=max(1, int(seconds)), **{"for": condition}, **arguments)

    # ---- programs on this side ----

    def run(self, command, seconds, output, environment):
        """Returns the exit status; OVER_TIME when it was killed for that."""
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                              env=environment, cwd=self.directory, start_new_session=True) as client:
            try:
                return client.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(client.pid, signal.SIGKILL)
                return OVER_TIME
