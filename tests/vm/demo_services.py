# SPDX-License-Identifier: GPL-2.0-only
"""The demonstration's steps for the integration services, in the order of a host's administrator's day."""

import hashlib
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scripts"))

# pylint: disable=wrong-import-position
import scenario
import services

JUMP = 2 * 3600
GUID, MAC, NIC = "7f1d5b2c-0d53-4c1e-9a0e-3d1f5c2b7a10", "00:15:5D:0A:0B:0C", "hvnic0"
ADDRESS, PREFIX, GATEWAY = "192.0.2.10", 24, "192.0.2.1"
COPY_BYTES = 1 << 20
COPY_TO = "/var/tmp/demo \u6f22\u5b57.bin"
# The full name is empty in a guest that has none.
NEEDED_KEYS = ("OSName", "OSVersion")
SHOWN_KEYS = (*NEEDED_KEYS, "FullyQualifiedDomainName", "NetworkAddressIPv4")


class ServiceSteps:
    """Each step returns the facts of its line in the report; it raises scenario.Failed or scenario.Refused."""

    def __init__(self, environment):
        os.environ.update(environment)
        self.run = scenario.Run()
        self.run.say = lambda text: None
        self.host = self.run.host

    def ready(self):
        for name in services.NAMES:
            services.wait_ready(self.run, name, 90)
        return [f"{row['name']} {row['version']}" for row in self.host.ctl("service")["services"]]

    def heartbeat(self):
        self.run.wait("a heartbeat", 30, lambda: self.host.ctl("heartbeat")["state"] == "ok")
        return self.host.ctl("heartbeat")

    def time(self):
        self.host.ctl("time", "jump", JUMP)
        self.host.ctl("time", "sync")
        self.run.wait("the host's time in the guest", 20, lambda: abs(self.distance(JUMP)) < 1)
        error = self.distance(JUMP)
        self.host.ctl("time", "jump", -JUMP)
        self.host.ctl("time", "sync")
        return {"jump": JUMP, "error": error}

    def distance(self, jump):
        return services.distance(services.clocks(self.run), "realtime", jump)

    def keys(self):
        found = services.pairs(self.run, "auto")
        missing = [key for key in NEEDED_KEYS if not found.get(key)]
        if missing:
            raise scenario.Failed(f"the guest tells nothing of {', '.join(missing)}")
        return {key: found.get(key, "") for key in SHOWN_KEYS}

    def host_item(self):
        value = f"set at {time.strftime('%H:%M:%S')}"
        self.host.ctl("kvp", "set", "external", "demo", value)
        found = self.run.guest("lis kvp get demo --pool external")
        if found != value:
            raise scenario.Failed(f"the guest reads '{found}' where the host set '{value}'")
        return {"key": "demo", "value": found}

    def address(self):
        self.run.guest(f"systemctl start systemd-networkd; /run/openlis/fake-nic add {NIC} {GUID} {MAC}")
        services.wait_ready(self.run, "kvp", 60)
        self.host.ctl("ip", "set", "--device", GUID, "--address", f"{ADDRESS}/{PREFIX}", "--gateway", GATEWAY,
                      limit=120)
        if f"{ADDRESS}/{PREFIX}" not in self.run.guest(f"ip addr show dev {NIC}"):
            raise scenario.Failed("the NIC does not have the address")
        answer = self.host.ctl("ip", "get", "--mac", MAC, limit=60)
        if ADDRESS not in str(answer):
            raise scenario.Failed(f"read back: {answer}")
        told = services.pairs(self.run, "auto").get("NetworkAddressIPv4", "")
        if ADDRESS not in told.split(";"):
            raise scenario.Failed(f"the guest's own key says '{told}'")
        return {"nic": NIC, "address": f"{ADDRESS}/{PREFIX}", "gateway": GATEWAY}

    def copy(self):
        data = os.urandom(COPY_BYTES)
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
            file.write(data)
            file.flush()
            start = time.monotonic()
            self.host.ctl("copy", file.name, COPY_TO, limit=120)
            seconds = time.monotonic() - start
        if self.run.guest(f"sha256sum < '{COPY_TO}'").split()[0] != hashlib.sha256(data).hexdigest():
            raise scenario.Failed("the copied file has other contents")
        return {"bytes": COPY_BYTES, "name": COPY_TO, "seconds": seconds}

    def backup(self):
        with services.volume(self.run) as volume:
            job = self.run.job(f"{services.UTILS}/pairs write {volume.mount}")
            self.run.wait("the writer", 60, lambda: "ready" in job.output())
            address = "{}:{}".format(*volume.address)
            result = self.host.ctl("vss", "backup", address, f"{volume.image}.backup", limit=180)
            found = services.troubles(f"{volume.image}.backup")
            services.copy_in_passing(self.run, volume, f"{volume.image}.control")
            control = services.troubles(f"{volume.image}.control")
            self.run.guest("killall pairs 2>/dev/null || pkill -x pairs")
        if found:
            raise scenario.Failed(f"the backup is not consistent: {'; '.join(found)}")
        if not control:
            raise scenario.Failed("the copy without a freeze is as good as the backup: nothing is proven")
        return {"frozen_ms": result["frozen_ms"], "bytes": volume.bytes, "control": control}


# What the report calls each step.
STEPS = (
    ("ready", "waiting for the integration services"),
    ("heartbeat", "listening to the guest's heart"),
    ("time", "letting the host's clock jump"),
    ("address", "giving a NIC a static address"),
    ("keys", "asking for the guest's keys"),
    ("host_item", "telling the guest a key of the host"),
    ("copy", "copying a file into the guest"),
    ("backup", "backing up a disk under write load, and copying it without a freeze"),
)


def report(facts):
    """Lines of the report: (title, lines)."""
    shape = {
        "ready": lambda fact: ("Services", [", ".join(fact)]),
        "heartbeat": lambda fact: ("Heartbeat", [f"{fact['state']}, applications {fact['application']}, "
                                                 f"{fact['answered']} beats answered"]),
        "time": lambda fact: ("Time", [f"{fact['error'] * 1000:.0f} ms off after the host's clock jumped "
                                       f"{fact['jump']} s"]),
        "keys": lambda fact: ("Guest keys", [f"{key} = {value}" for key, value in fact.items()]),
        "host_item": lambda fact: ("Host key", [f"{fact['key']} = {fact['value']}, read in the guest"]),
        "address": lambda fact: ("Address", [f"{fact['address']}, gateway {fact['gateway']}, set on {fact['nic']} by "
                                             "the host and read back"]),
        "copy": lambda fact: ("File copy", [f"{fact['bytes']} bytes to \"{fact['name']}\" in {fact['seconds']:.1f} s, "
                                            "same hash"]),
        "backup": lambda fact: ("Backup", [f"{fact['bytes'] >> 20} MiB under write load, frozen for "
                                           f"{fact['frozen_ms']} ms: no recovery, fsck clean, every pair matches",
                                           f"without a freeze: {'; '.join(fact['control'])[:80]}"]),
    }
    for name, _ in STEPS:
        if name in facts:
            yield shape[name](facts[name])
