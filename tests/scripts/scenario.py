# SPDX-License-Identifier: GPL-2.0-only
"""What host-side scenarios share: the host's control socket, commands in the guest, waiting with a deadline, KTAP.

A scenario is an executable file here. It gets HVCTL_SOCKET (and `hvctl` in PATH), HV_TIME_SCALE, HV_MODULES, HV_CPUS,
HV_DAEMONS; its exit status is the result: 0 passed, 1 failed, 4 skipped.

    import scenario

    def body(run):
        with run.check("the disk goes"):
            run.host.ask("rescind", device="scsi1")
            run.wait("no disk", 20, lambda: not run.guest_disks())

    scenario.main(body)
"""

import base64
import contextlib
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import traceback

DISKIO = "/run/openlis/selftests/storvsc/diskio"
MODULES = ("vmbus", "storvsc", "utils")
STORVSC = "/sys/module/hv_storvsc/parameters"
VMBUS = "/sys/module/hv_vmbus/parameters"
SCALE = float(os.environ.get("HV_TIME_SCALE", "1"))


class Failed(Exception):
    """What was expected did not come true."""


class Refused(Exception):
    """The host answered a request with an error."""


class Skip(Exception):
    """This scenario cannot run here."""


class Host:
    """hvhost's control socket. Each request has a connection of its own: some answers take long."""

    def __init__(self, path=None):
        self.path = path or os.environ["HVCTL_SOCKET"]

    def open(self, verb, limit, args):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(limit)
        connection.connect(self.path)
        connection.sendall(json.dumps({"id": 1, "verb": verb, "args": args}).encode() + b"\n")
        return connection

    def messages(self, verb, limit, args):
        try:
            with self.open(verb, limit, args) as connection, connection.makefile("rb") as lines:
                for line in lines:
                    yield json.loads(line)
        except socket.timeout:
            raise Failed(f"the host did not answer '{verb}' within {limit:.0f} s") from None
        except OSError as error:
            raise Failed(f"the host's control socket: {error}") from None

    def ask(self, verb, limit=20, on_event=None, **args):
        """The result of a request; limit in seconds of a quiet machine."""
        for message in self.messages(verb, limit * SCALE, args):
            if "event" in message:
                if on_event:
                    on_event(message["event"])
            elif not message["ok"]:
                raise Refused(f"{verb}: {message['error']}")
            else:
                return message.get("result") or {}
        raise Failed(f"the host closed the connection instead of answering '{verb}'")

    def ctl(self, *words, limit=30):
        """The result of an hvctl command, as a person types it; limit in seconds of a quiet machine."""
        command = ["hvctl", "--socket", self.path, "--json", *map(str, words)]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, errors="replace", timeout=limit * SCALE, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f"no end of 'hvctl {' '.join(command[4:])}' within {limit * SCALE:.0f} s") from None
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        if not messages or "ok" not in messages[-1]:
            raise Failed(f"hvctl {' '.join(command[4:])}: exit status {done.returncode}: {done.stderr.strip()[-400:]}")
        if not messages[-1]["ok"]:
            raise Refused(f"{words[0]}: {messages[-1]['error']}")
        return messages[-1].get("result") or {}

    def execute(self, argv, limit=60):
        """Runs a program in the guest; returns (exit status, output)."""
        output = bytearray()

        def on_event(event):
            output.extend(base64.b64decode(event.get("base64", "")))

        result = self.ask("exec", limit + 10, on_event, argv=argv, timeout=int(limit * SCALE) + 1)
        status = result.get("exit", 128 + result["signal"] if "signal" in result else 124)
        return status, output.decode(errors="replace")

    # ---- faults ----

    def arm(self, text):
        return self.ask("fault", action="arm", text=text)["id"]

    def disarm(self):
        self.ask("fault", action="clear")

    @contextlib.contextmanager
    def fault(self, text):
        """A fault as long as the block lasts."""
        number = self.arm(text)
        try:
            yield
        finally:
            with contextlib.suppress(Refused, Failed):
                self.ask("fault", action="clear", id=number)

    def fires(self, point):
        """How often any fault has fired at a point."""
        points = self.ask("fault", action="points")["points"]
        return next(row["fires"] for row in points if row["name"] == point)

    # ---- devices and disks ----

    def device(self, name):
        return next(row for row in self.ask("status")["devices"] if row["name"] == name)

    def storage(self, name):
        return next(row for row in self.ask("status")["storage"] if row["name"] == name)

    def disks(self):
        return self.ask("disk", action="list")["disks"]

    def add_disk(self, spec):
        return self.ask("disk", action="add", spec=spec)

    def remove_disk(self, controller, lun):
        return self.ask("disk", action="remove", controller=controller, lun=lun)

    def resize_disk(self, controller, lun, size):
        return self.ask("disk", action="resize", controller=controller, lun=lun, size=size)

    def rescind(self, name):
        """Takes a device away, and waits until the guest has released it."""
        self.ask("rescind", device=name)
        self.wait_withdrawn(name)

    def wait_withdrawn(self, name, limit=60):
        self.ask("wait", limit + 10, **{"for": "withdrawn", "device": name, "timeout": int(limit * SCALE)})

    def wait_open(self, name, limit=60):
        self.ask("wait", limit + 10, **{"for": "channel-open", "device": name, "timeout": int(limit * SCALE)})

    def violations(self):
        return [row["text"] for row in self.ask("checker")["list"]]


class Job:
    """A command that runs in the guest while the scenario goes on."""

    number = 0

    def __init__(self, run, command):
        Job.number += 1
        self.run = run
        self.command = command
        self.base = f"/tmp/job-{os.getpid()}-{Job.number}"
        inner = f"( {command} ) >{self.base}.out 2>&1; echo $? >{self.base}.tmp; mv {self.base}.tmp {self.base}.rc"
        run.guest(f"setsid sh -c {shlex.quote(inner)} </dev/null >/dev/null 2>&1 &")

    def has_ended(self):
        return self.run.host.execute(["test", "-e", f"{self.base}.rc"])[0] == 0

    def output(self):
        """What it has said so far."""
        return self.run.guest(f"cat {self.base}.out 2>/dev/null || true")

    def wait(self, limit):
        """(exit status, output) of the command, which must end in time."""
        self.run.wait(f"the end of '{self.command}'", limit, self.has_ended)
        return int(self.run.guest(f"cat {self.base}.rc")), self.run.guest(f"cat {self.base}.out")


class Run:
    def __init__(self):
        self.host = Host()
        self.number = 0
        self.failures = 0
        self.ours = self.modules()
        self.daemons = os.environ.get("HV_DAEMONS", "none")

    @staticmethod
    def modules():
        """{"vmbus": is it ours, "storvsc": is it ours, "utils": is it ours}"""
        text = os.environ.get("HV_MODULES", "stock")
        if text in ("ours", "stock"):
            return {name: text == "ours" for name in MODULES}
        choice = dict(part.removeprefix("hv_").split("=") for part in text.split(","))
        return {name: choice.get(name) == "ours" for name in MODULES}

    def require_ours(self, *names):
        for name in names:
            if not self.ours[name]:
                raise Skip(f"needs our hv_{name}")

    # ---- results ----

    def say(self, text):
        for line in str(text).rstrip().splitlines():
            print(f"# {line}", flush=True)

    def result(self, good, name):
        self.number += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.number} {name}", flush=True)

    @contextlib.contextmanager
    def check(self, name):
        """One result: the block must run through."""
        start = time.monotonic()
        try:
            yield
        except (Failed, Refused) as error:
            self.say(error)
            self.result(False, name)
        except (OSError, LookupError, ValueError):
            self.say(traceback.format_exc())
            self.result(False, name)
        else:
            self.say(f"{name}: {time.monotonic() - start:.1f} s")
            self.result(True, name)

    def expect(self, good, sentence):
        if not good:
            raise Failed(sentence)

    def wait(self, what, limit, condition, pause=0.1):
        """Until the condition holds; limit in seconds of a quiet machine. Returns what the condition returned."""
        deadline = time.monotonic() + limit * SCALE
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise Failed(f"waited {limit * SCALE:.0f} s in vain for: {what}")
            time.sleep(pause)

    # ---- the guest ----

    def guest(self, command, limit=60):
        """The output of a shell command in the guest, which must succeed."""
        status, output = self.host.execute(["sh", "-c", command], limit)
        if status:
            raise Failed(f"in the guest: '{command}' ends with {status}: {output.strip()[-400:]}")
        return output.strip()

    def job(self, command):
        return Job(self, command)

    def guest_disks(self):
        """{serial: name} of the guest's synthetic disks."""
        text = self.guest("cd /sys/block; for d in sd*; do [ -e $d ] || continue; echo \"$d $(dd if=$d/device/vpd_pg80 "
                          "bs=1 skip=4 2>/dev/null | tr -d '\\0 ')\"; done")
        rows = [line.split(None, 1) for line in text.splitlines()]
        return {(row[1] if len(row) > 1 else row[0]): row[0] for row in rows}

    def find_disk(self, serial, limit=30):
        return self.wait(f"disk {serial} in the guest", limit, lambda: self.guest_disks().get(serial))

    def disk_bytes(self, name):
        return int(self.guest(f"cat /sys/block/{name}/size")) * 512

    def stop(self, job):
        """Ends a diskio that must still be running, without an error so far."""
        self.expect(not job.has_ended(), f"'{job.command}' has ended: {self.guest(f'tail -n 3 {job.base}.out')}")
        self.guest("killall diskio")
        _, output = job.wait(30)
        self.expect("diskio:" not in output, output)

    def ended(self, limit):
        """How the run of the guest ended: off, reset, crash, ..."""
        result = self.host.ask("wait", limit + 10, **{"for": "powered-off", "timeout": int(limit * SCALE)})
        self.say(result)
        return result["reason"]

    def diskio(self, arguments, limit=120):
        """Runs diskio, which must end in time; returns its report, errors and all."""
        return self.report(*self.host.execute(["sh", "-c", f"{DISKIO} {arguments} --json"], limit))

    @staticmethod
    def report(status, output):
        found = re.search(r"^\{.*\}$", output, re.M)
        if not found:
            raise Failed(f"diskio ends with {status}: {output.strip()[-400:]}")
        return json.loads(found[0])

    def verify(self, name, options="--size 4M"):
        report = self.diskio(f"verify {options} /dev/{name}")
        self.expect(report["ok"], f"{name}: {report.get('first_error')}")

    def set_parameter(self, name, value):
        """A parameter of our hv_storvsc; returns the old value."""
        old = self.guest(f"cat {STORVSC}/{name}")
        self.guest(f"echo {value} >{STORVSC}/{name}")
        return old

    def shorten_replies(self, seconds):
        """Makes our hv_vmbus wait less for answers of the host, unless this guest is to wait as long as usual. Returns
        how long it waits now."""
        if "openlis.usual-waits" not in self.guest("cat /proc/cmdline"):
            self.guest(f"echo {seconds} >{VMBUS}/reply_timeout")
        return int(self.guest(f"cat {VMBUS}/reply_timeout"))

    def stats(self):
        """hv_vmbus's own counters, empty with the stock module."""
        text = self.guest("cat /sys/kernel/debug/hv_vmbus/stats 2>/dev/null || true")
        return {words[0].rstrip(":"): int(words[1]) for words in (line.split() for line in text.splitlines())
                if len(words) == 2 and words[1].lstrip("-").isdigit()}

    def host_counts(self):
        """What the guest holds of the host's: must come back to where it was."""
        messages = self.host.ask("stats")["messages"]
        return {name: messages[name] for name in ("relids_live", "gpadls_live", "gpadl_pages_live")}


def main(body):
    print("TAP version 13", flush=True)
    run = Run()
    try:
        body(run)
    except Skip as reason:
        print(f"1..0 # SKIP {reason}")
        sys.exit(4)
    except (Failed, Refused) as error:
        print(f"Bail out! {error}")
        sys.exit(1)
    print(f"1..{run.number}")
    print(f"# Totals: pass:{run.number - run.failures} fail:{run.failures} xfail:0 xpass:0 skip:0 error:0")
    sys.exit(1 if run.failures or not run.number else 0)
