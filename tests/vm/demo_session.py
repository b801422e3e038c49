#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The demonstration's part beside hvhost: shows the guest at work, step by step.

usage: demo_session.py PLAN.json      in the plan, "demo": "services" leaves out what is not about services
Events besides those of session.py: {"step": what happens now} · {"fact": name, "value": ...}.
"""

import json
import pathlib
import sys
import time

import demo_services
import scenario
import session
import verdict
from host import GuestSilent, HostEnded, Refused

SERIAL = "DEMO-DISK"
MIB = 1 << 20
WORKLOAD_MIB = 64
WORKLOAD = "/var/tmp/workload"
DISKIO = "/run/openlis/selftests/storvsc/diskio"


class Failed(Exception):
    """A step did not do what it should."""


def fact(name, value):
    session.emit({"fact": name, "value": value})


def step(text):
    session.emit({"step": text})


class Demo(session.Session):
    def guest(self, *command, seconds=60):
        status, output = self.host.guest(*command, seconds=seconds * self.scale)
        if status != 0:
            raise Failed(f"{' '.join(command)}: exit status {status}: {output.strip()[-300:]}")
        return output

    def counters(self):
        """Totals over the disk controllers' channels, and of the disks' I/Os."""
        stats = self.host.ask("stats", 20 * self.scale)
        channels = [channel for channel in stats["channels"] if "scsi" in channel["device"]]
        totals = {name: sum(channel[name] for channel in channels) for name in ("hypercalls", "interrupts")}
        totals["ios"] = sum(disk["ios"] for disk in stats["disks"])
        return totals

    def timed(self, act):
        start = time.monotonic()
        act()
        return time.monotonic() - start

    # ---- the steps ----

    def boot(self):
        step("booting Debian from a synthetic disk")
        fact("up", self.timed(lambda: self.host.wait_for("agent", 150 * self.scale)))
        # An exit status other than 0 only says that some unit failed; the state tells.
        self.host.guest("systemctl", "is-system-running", "--wait", seconds=120 * self.scale)

    def look(self):
        step("looking at modules and devices")
        fact("facts", self.guest("/run/openlis/facts").splitlines())
        fact("modules", self.guest("/run/openlis/loaded-modules").splitlines())

    def workload(self):
        step(f"writing, syncing, reading back and comparing {WORKLOAD_MIB} MiB on the root file system")
        self.guest("fallocate", "-l", f"{WORKLOAD_MIB}M", WORKLOAD)
        before = self.counters()
        output = self.guest(DISKIO, "verify", "--json", "--block", "64K", "--sync", "64", WORKLOAD, seconds=120)
        after = self.counters()
        fact("workload", json.loads(output.splitlines()[-1]))
        fact("costs", {name: after[name] - before[name] for name in after})
        self.guest("rm", WORKLOAD)

    def wait_disk(self, size):
        return self.guest("/run/openlis/wait-disk", SERIAL, str(size), str(int(30 * self.scale))).strip()

    def disk(self, action, **arguments):
        return self.host.ask("disk", 30 * self.scale, action=action, **arguments)

    def hot_plug(self):
        step("adding a disk, growing it, removing it, while the guest runs")
        start = time.monotonic()
        added = self.disk("add", spec=f"ram=32M,controller=1,serial={SERIAL}")
        name = self.wait_disk(32 * MIB)
        fact("added", {"name": name, "seconds": time.monotonic() - start})
        self.guest(DISKIO, "verify", "--size", "8M", f"/dev/{name}")
        address = {"controller": added["controller"], "lun": added["lun"]}
        fact("grown", self.timed(lambda: (self.disk("resize", size="64M", **address), self.wait_disk(64 * MIB))))
        fact("removed", self.timed(lambda: (self.disk("remove", **address), self.wait_disk("gone"))))

    def services(self):
        steps = demo_services.ServiceSteps(self.environment)
        for name, text in demo_services.STEPS:
            step(text)
            fact(name, getattr(steps, name)())

    def restart(self):
        # The log of this boot ends with it.
        problems = verdict.problems(self.host, self.plan, self.scale)
        if problems:
            raise Failed("; ".join(problems))
        step("asking the guest to restart")
        self.host.ask("shutdown", 60 * self.scale, restart=True, text="the demonstration goes on")
        start = time.monotonic()
        word = self.host.wait(120 * self.scale)
        if word != "reset":
            raise Failed(f"hvhost ended with '{word}': {self.host.last_words()}")
        fact("restart", {"down": time.monotonic() - start})
        self.start()
        self.boot()

    def shutdown(self):
        step("asking the guest to shut down")
        problems = verdict.problems(self.host, self.plan, self.scale)
        start = time.monotonic()
        self.host.ask("shutdown", 30 * self.scale)
        word = self.host.wait(90 * self.scale)
        fact("shutdown", {"seconds": time.monotonic() - start, "end": word})
        if word != "off":
            problems.append(f"hvhost ended with '{word}': {self.host.last_words()}")
        if problems:
            raise Failed("; ".join(problems))

    def acts(self):
        disks = () if self.plan["demo"] == "services" else (self.look, self.workload, self.hot_plug)
        return (self.boot, *disks, self.services, self.restart, self.shutdown)

    def run(self):
        self.start()
        if self.plan["shell"]:
            self.host.process.wait()
            return
        reason = ""
        try:
            for act in self.acts():
                act()
        except (Failed, scenario.Failed, scenario.Refused, GuestSilent, HostEnded, Refused) as error:
            reason = str(error)
            self.host.wait(0.1)
        session.emit({"end": {"outcome": "fail" if reason else "pass", "reason": reason}})


if __name__ == "__main__":
    Demo(json.loads(pathlib.Path(sys.argv[1]).read_text())).run()
