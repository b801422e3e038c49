# SPDX-License-Identifier: GPL-2.0-only
"""What scenarios of the integration services share: services and daemons, the guest's clocks, pairs, a backup's
disk."""

import base64
import contextlib
import gzip
import math
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import time

from scenario import SCALE, Failed, Refused

NAMES = ("heartbeat", "shutdown", "timesync", "kvp", "vss", "fcopy")
DAEMONS = ("kvp", "vss", "fcopy")
HERE = pathlib.Path(__file__).resolve().parent
UTILS = "/run/openlis/selftests/utils"
DAEMON = "/run/openlis/daemon"
# What a daemon has written so far: a shell command.
LOG = ("if [ -d /run/systemd/system ]; then journalctl -q -o cat -u \"hv-{name}*\"; "
       "else cat /run/daemons/{name}.log; fi")
# Stock drivers wait so long for their daemon, in seconds.
DAEMON_LIMIT = 30
# Who says no, in the host's words.
GUEST = "the guest refused"
SILENCE = "the guest did not answer in time"
CLOSED = "the guest closed the service without an answer"
# Our driver waits so long for user space to act on a shutdown, in seconds.
SHUTDOWN_WAIT = 5
# Looks at the guest's clocks: how many at most, what is quick enough at once, what is no use, in seconds.
LOOKS, QUICK, SLOW = 10, 0.3, 1.0
# A jump of the host's clock that no look at the guest's can miss, and how right it is then, in seconds.
FAR, NEAR = 3600, 1.0


# ---- services ----

def row(run, name):
    """{"name", "switch", "service", ...}: switch is on, off, absent; service closed, negotiating, refused, ready."""
    return next(line for line in run.host.ctl("service")["services"] if line["name"] == name)


def is_ready(run, name):
    return row(run, name)["service"] == "ready"


def folder(run, name):
    """The folder service/ of our hv_utils on a service's device."""
    return f"/sys/bus/vmbus/devices/{run.host.device(name)['instance'].strip('{}')}/service"


def wait_ready(run, name, limit=60):
    run.wait(f"the service {name}", limit, lambda: is_ready(run, name))


def switch(run, name, word):
    run.host.ctl("service", word, name)


@contextlib.contextmanager
def patience(run, name, seconds):
    """The host gives up on an answer sooner than the guest's own limits would let it: for messages that are dropped."""
    run.host.ctl("service", "patience", name, max(1, round(seconds * SCALE)))
    try:
        yield
    finally:
        run.host.ctl("service", "patience", name, 0)


@contextlib.contextmanager
def refused(run, what, by=GUEST):
    """The block must be refused in these words: by the guest, unless it cannot."""
    try:
        yield
    except Refused as error:
        run.say(error)
        if by not in str(error):
            raise Failed(f"{what} is refused, but not with '{by}'") from None
    else:
        raise Failed(f"{what} is not refused")


def expect_refused(run, job, by=GUEST):
    """The same for a command in the background."""
    status, output = job.wait()
    run.say(output)
    run.expect(status == 1 and by in output, f"'{by}' was to be the end, not {status}: {output}")


def eventually(run, what, limit, act):
    """Does it again until it is not refused, as a host does while the guest's daemon comes back."""
    def works():
        try:
            act()
        except Refused as error:
            run.say(error)
            return False
        return True

    run.wait(what, limit, works, pause=0.5)


# ---- daemons ----

def daemon(run, *words):
    return run.guest(f"{DAEMON} {' '.join(words)}", 60)


def start_daemon(run, name):
    daemon(run, "start", name)
    run.wait(f"the daemon {name}", 30, lambda: daemon(run, "pid", name))


def holders(run, name):
    """The processes that have a daemon's device open."""
    return set(run.guest("ls -l /proc/[0-9]*/fd 2>/dev/null | awk '/^\\/proc\\// { split($1, part, \"/\") } "
                         f"$NF == \"/dev/vmbus/hv_{name}\" {{ print part[3] }}'").split())


@contextlib.contextmanager
def without_daemon(run, name):
    daemon(run, "stop", name)
    try:
        yield
    finally:
        start_daemon(run, name)


def daemon_log(run, name):
    """What it has written so far."""
    return run.guest(f"journalctl -b -o cat -u hv-{name} 2>/dev/null || cat /run/daemons/{name}.log")


def wait_logged(run, name, seen, *texts):
    """Waits for a line with all of the texts behind what was seen of the log."""
    def find():
        lines = daemon_log(run, name)[len(seen):].splitlines()
        return next((line for line in lines if all(text in line for text in texts)), None)

    run.say(run.wait(f"a line with {' and '.join(texts)} in the log of hv_{name}", 20, find, pause=0.5))


@contextlib.contextmanager
def stopped_daemon(run, name):
    """SIGSTOP: it is there, has the device open, and does nothing."""
    daemon(run, "kill", "STOP", name)
    try:
        yield
    finally:
        run.guest(f"{DAEMON} kill CONT {name} || true")


def background(run, *words, limit=120):
    """An hvctl command that runs on; .wait() for it."""
    command = ["hvctl", "--socket", run.host.path, "--json", *map(str, words)]
    return Background(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True), words, limit)


class Background:
    def __init__(self, process, words, limit):
        self.process = process
        self.words = words
        self.limit = limit

    def wait(self):
        """(exit status, output)"""
        try:
            output, _ = self.process.communicate(timeout=self.limit * SCALE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed(f"no end of 'hvctl {' '.join(map(str, self.words))}'") from None
        return self.process.returncode, output


# ---- clocks ----

def find_ptp(run):
    """The device of the host's clock."""
    name = run.guest("grep -l -x hyperv /sys/class/ptp/ptp*/clock_name | head -n 1")
    return f"/dev/{name.split('/')[4]}"


def clocks(run, ptp=""):
    """{"realtime", "monotonic", "ptp"} of the guest in seconds, and when they were asked for: "from", "to". A distance
    forgives what lies between the two, so a slow look is taken again."""
    looks = []
    while len(looks) < LOOKS and not any(duration(look) < QUICK for look in looks):
        looks.append(look_at_clocks(run, ptp))
    best = min(looks, key=duration)
    if duration(best) > SLOW * SCALE:
        raise Failed(f"no look at the guest's clocks takes less than {duration(best):.1f} s")
    return best


def look_at_clocks(run, ptp):
    start = time.time()
    lines = run.guest(f"{UTILS}/clocks {ptp}").splitlines()
    values = {line.split()[0]: int(line.split()[1]) / 1e9 for line in lines}
    return {**values, "from": start, "to": time.time()}


def duration(look):
    return look["to"] - look["from"]


def distance(values, name, jump):
    """How far a clock of the guest is from the host's time with its jump; 0 within the time of the question."""
    early, late = values["from"] + jump - values[name], values["to"] + jump - values[name]
    if early <= 0 <= late:
        return 0.0
    return early if early > 0 else late


def step_since(before, now):
    """By how much the time of day was set between two looks."""
    return (now["realtime"] - now["monotonic"]) - (before["realtime"] - before["monotonic"])


def probe_time(run):
    """A SYNC that was sent proves nothing: the guest's clock must follow the host's, there and back."""
    for jump in (FAR, 0):
        run.host.ctl("time", "jump", jump)
        try:
            run.host.ctl("time", "sync")
            run.wait("the host's time", 20, lambda now=jump: abs(distance(clocks(run), "realtime", now)) < NEAR)
        finally:
            run.host.ctl("time", "jump", -jump)


# ---- shutdown ----

def scale_shutdown_wait(run):
    """Our module gives user space, which a scenario is, five seconds before the kernel acts: on a quiet machine."""
    run.guest(f"echo {math.ceil(SHUTDOWN_WAIT * SCALE)} >/sys/module/hv_utils/parameters/shutdown_wait")


def probe_shutdown(run):
    """A request that does no harm: no guest here can hibernate, and says so; nor can a message below 3.2."""
    said = "the guest refused" if row(run, "shutdown")["version"] == "3.2" else "cannot do that"
    try:
        run.host.ctl("shutdown", "--hibernate", limit=60)
    except Refused as error:
        if said not in str(error):
            raise
    else:
        raise Failed("a hibernation is not refused")


# ---- key-value pairs ----

def pairs(run, pool):
    """{key: value} as the host reads them from the guest."""
    return {item["key"]: item["value"] for item in run.host.ctl("kvp", "list", pool, limit=120)["items"]}


def pool_file(run, number):
    """[(key, value)] as the guest's file has them."""
    # Packed: records are mostly zeros, and the serial port to the guest is slow.
    packed = base64.b64decode(run.guest(f"gzip -c </var/lib/hyperv/.kvp_pool_{number} | base64 -w 0 || true"))
    data = gzip.decompress(packed) if packed else b""
    if len(data) % 2560:
        raise Failed(f"pool {number} has {len(data)} bytes: no whole records")
    return [(text(data[at:at + 512]), text(data[at + 512:at + 2560])) for at in range(0, len(data), 2560)]


def text(field):
    return field.partition(b"\0")[0].decode()


def pool_record(key, value):
    return struct.pack("512s2048s", key.encode(), value.encode())


def write_pool(run, number, records):
    """Adds records to a pool as a local program does."""
    data = base64.b64encode(gzip.compress(b"".join(pool_record(*record) for record in records))).decode()
    run.guest(f"mkdir -p /var/lib/hyperv; echo {data} | base64 -d | gzip -d >>/var/lib/hyperv/.kvp_pool_{number}")


def get_pair(run, pool, key):
    """A value as the host reads it. The stock module takes the value of a get from four bytes behind where it is, and
    tells its daemon a room of none (which Debian's obeys): there the list tells."""
    if run.ours["utils"]:
        return run.host.ctl("kvp", "get", pool, key)["value"]
    run.host.ctl("kvp", "get", pool, key)
    return pairs(run, pool)[key]


# ---- a disk to back up ----

MKFS = {
    "ext4": ("mke2fs", "-q", "-F", "-t", "ext4", "-E", "lazy_itable_init=0,lazy_journal_init=0"),
    "xfs": ("mkfs.xfs", "-q"),
    "btrfs": ("mkfs.btrfs", "-q"),
}


class Volume:
    """A file system of the guest on an image file of the host."""

    def __init__(self, run, directory, size="64M", mount="/mnt/backup", serial="backup", kind="ext4"):
        self.run = run
        self.mount = mount
        self.kind = kind
        self.serial = serial
        self.image = os.path.join(directory, f"{serial}.img")
        self.bytes = int(size.removesuffix("M")) << 20
        with open(self.image, "wb") as file:
            file.truncate(self.bytes)
        must(*MKFS[kind], self.image)
        added = run.host.add_disk(f"file={self.image},controller=1,serial={serial}")
        self.address = (added["controller"], added["lun"])
        self.device = f"/dev/{run.find_disk(serial)}"
        run.guest(f"mkdir -p {mount}; mount -t {kind} {self.device} {mount}")

    def close(self):
        self.run.guest(f"fsfreeze --unfreeze {self.mount} 2>/dev/null; umount {self.mount} || umount -l {self.mount}")
        self.run.host.remove_disk(*self.address)
        # Another disk in its place before the guest has looked would be taken for this one.
        self.run.wait(f"the disk {self.serial} to go", 60, lambda: self.serial not in self.run.guest_disks())


@contextlib.contextmanager
def volume(run, **arguments):
    # RAM of the machine that runs the host: what a job leaves elsewhere would cross a slow file system.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        made = Volume(run, directory, **arguments)
        try:
            yield made
        finally:
            with contextlib.suppress(Failed, Refused):
                made.close()


def copy_in_passing(run, volume, path):
    """What a host that asks nobody does: the image of the disk as it is."""
    controller, lun = volume.address
    run.host.ask("vss", 180, action="backup", controller=controller, lun=lun, file=path, no_freeze=True)


def writes_pass(run, mount, limit=20):
    """Whether the file system takes a write now: a frozen one does not. Others are not asked."""
    job = run.job(f"timeout {int(limit * SCALE)} sh -c 'echo x >{mount}/probe && sync {mount}/probe'")
    return job.wait(limit + 30)[0] == 0


def freeze(run, mount):
    """The guest is frozen, and it shows: a write begins and does not end. Returns the write."""
    # It waits at the start: where the root is frozen, too, nobody could begin one.
    run.guest("rm -f /run/write-now /run/write-begun")
    write = run.job("echo ready; until [ -e /run/write-now ]; do sleep 0.1; done; : >/run/write-begun; "
                    f"echo x >{mount}/write && sync {mount}/write")
    run.wait("the one who writes", 20, lambda: write.output() == "ready")
    eventually(run, "a freeze", 60, lambda: run.host.ctl("vss", "freeze", limit=60))
    run.guest(": >/run/write-now")
    run.wait("the write", 20, lambda: run.host.execute(["test", "-e", "/run/write-begun"])[0] == 0)
    time.sleep(0.5)
    run.expect(not write.has_ended(), f"a write to {mount} passes: it is not frozen")
    return write


def expect_thawed(run, mount, write, limit):
    """The write that waited ends, and so do others."""
    run.expect(write.wait(limit)[0] == 0, f"the write to {mount} fails: {write.output()}")
    run.expect(writes_pass(run, mount), f"{mount} is still frozen")


def expect_told(run):
    """The host hears that the last freeze did not last, for its copy is not consistent; and hears it once."""
    wait_ready(run, "vss", 120)
    # A daemon that is not there yet says no, too.
    eventually(run, "a check", 60, lambda: run.host.ctl("vss", "check", limit=60))
    with refused(run, "a thaw of a freeze that did not last", f"{GUEST}: 0x80004005"):
        run.host.ctl("vss", "thaw", limit=60)
    run.host.ctl("vss", "thaw", limit=60)


def system(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False,
                          env={**os.environ, "PATH": f"/usr/sbin:/sbin:{os.environ['PATH']}"})
    return done.returncode, done.stdout


def must(*command):
    status, output = system(*command)
    if status:
        raise Failed(f"'{' '.join(command)}' ends with {status}: {output.strip()[-400:]}")
    return output


def troubles(image):
    """What is wrong with the image of a volume with `pairs` on it: sentences. Nothing is replayed before."""
    found = []
    status, output = system("dumpe2fs", "-h", image)
    features = re.search(r"^Filesystem features:(.*)$", output, re.M)
    if status or not features:
        return [f"dumpe2fs: {output.strip()[-200:]}"]
    if "needs_recovery" in features[1].split():
        found.append("the journal needs recovery")
    status, output = system("e2fsck", "-f", "-n", image)
    if status:
        found.append(f"fsck ends with {status}: {' | '.join(output.strip().splitlines()[-4:])}")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        system("debugfs", "-R", f"dump /records {directory}/records", image)
        status, output = system(str(HERE.parents[1] / "build/selftests/utils/pairs"), "check", directory)
        if status:
            found.append(f"the invariant does not hold: {' | '.join(output.strip().splitlines()[-3:])}")
    return found
