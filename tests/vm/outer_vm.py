# SPDX-License-Identifier: GPL-2.0-only
"""The outer VM: QEMU under TCG with SVM, in which a stock Debian kernel's KVM has the Hyper-V capabilities.

One VM for each user. QEMU itself holds vm.lock as long as it lives, through an inherited file descriptor, so that
two VMs never run at once and a killed QEMU leaves nothing locked. `control` is held while a client starts, stops or
replaces the VM. The VM writes `heartbeat` every two seconds; `idle_watch` ends it after ten minutes without a job.

QEMU (7.2, TCG) now and then loses an interrupt when a nested guest is entered or left: its VMRUN and #VMEXIT change
the processor's interrupt bits without the lock that the timer's thread holds. If it was the timer's, and the nested
guest spins, nothing gives the outer kernel the processor back, until another device interrupts. So clients ring the
doorbell, a serial port, when the heartbeat is late.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import paths
import qmp

KERNEL = "6.1"
IDLE_LIMIT = 600
START_LIMIT = 120
LATE_AFTER = 4
WEDGED_AFTER = 90
NOMINAL_START = 3.5
SCALE_MAX = 4.0
HERE = pathlib.Path(__file__).resolve().parent


class Unusable(Exception):
    """No VM can run here."""


class OuterVm:
    def __init__(self):
        self.state = paths.state_dir()
        self.queue = self.state / "queue"
        self.monitor_path = self.state / "monitor"
        self.doorbell_path = self.state / "doorbell"
        self.terminal_path = self.state / "terminal"

    @contextlib.contextmanager
    def control(self):
        with open(self.state / "control.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def pid(self):
        """The running QEMU's process id, or None."""
        try:
            pid = int((self.state / "pid").read_text())
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.monitor_path).encode() in command else None

    def heartbeat_age(self):
        try:
            return time.time() - (self.state / "heartbeat").stat().st_mtime
        except OSError:
            return float("inf")

    def nudge(self):
        """Helps over a lost interrupt. Cheap: call it often."""
        if LATE_AFTER < self.heartbeat_age() < float("inf"):
            self.ring()

    def is_wedged(self):
        return self.pid() is not None and self.heartbeat_age() > WEDGED_AFTER

    def scale(self):
        """How much slower than a quiet machine this one is now: multiply every time-out by it."""
        try:
            start = float((self.state / "init-uptime").read_text()) / NOMINAL_START
        except (OSError, ValueError):
            start = 1.0
        crowd = os.getloadavg()[0] / os.cpu_count()
        return min(max(1.0, start) * max(1.0, crowd), SCALE_MAX)

    def key(self, kernel):
        """Changes when the VM itself would be another one: its kernel, its init, this file."""
        digest = hashlib.sha256(str(kernel).encode())
        for name in ("outer-init", "mkouter", "outer_vm.py"):
            digest.update((HERE / name).read_bytes())
        return digest.hexdigest()[:16]

    def ensure_up(self, say=lambda line: None):
        with self.control():
            kernel = paths.kernel_dir(KERNEL)
            key = self.key(kernel)
            if self.is_wedged():
                say("the outer VM no longer answers: starting another one")
                self.record_wedge()
                self.stop()
            elif self.pid() and self.read("key") != key and not self.has_jobs():
                self.stop()
            if self.pid() is None:
                say("starting the outer VM")
                self.start(kernel, key, say)

    def record_wedge(self):
        """Where the processor is, and the console: in wedged/, for whoever looks into it."""
        place = self.state / "wedged" / time.strftime("%H%M%S")
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.state / "console", place / "console")
        with contextlib.suppress(OSError, qmp.Error, ValueError), qmp.Monitor(self.monitor_path) as monitor, \
                open(place / "registers", "w") as out:
            for _ in range(10):
                out.write(monitor.command("human-monitor-command", **{"command-line": "info registers"}) + "\n")
                time.sleep(0.1)
            for device in ("lapic", "pic"):
                out.write(monitor.command("human-monitor-command", **{"command-line": f"info {device}"}))

    def read(self, name):
        try:
            return (self.state / name).read_text().strip()
        except OSError:
            return ""

    def has_jobs(self):
        return any((job / "ready").exists() and not (job / "rc").exists() for job in self.queue.iterdir())

    def start(self, kernel, key, say):
        for name in ("heartbeat", "init-uptime", "monitor", "doorbell", "terminal"):
            (self.state / name).unlink(missing_ok=True)
        self.fail_lost_jobs()
        initramfs = self.state / "initramfs"
        subprocess.run([str(HERE / "mkouter"), str(kernel), str(initramfs)], check=True)
        lock = open(self.state / "vm.lock", "a")
        self.take_vm_lock(lock, say)
        console = open(self.state / "console", "w")
        qemu = subprocess.Popen(
            self.command_line(kernel, initramfs), stdin=subprocess.DEVNULL, stdout=console, stderr=console,
            pass_fds=[lock.fileno()], start_new_session=True)
        (self.state / "pid").write_text(str(qemu.pid))
        (self.state / "key").write_text(key)
        self.plug_waiting(qemu)
        self.wait_for_init(qemu)
        subprocess.Popen([sys.executable, str(HERE / "outer"), "idle-watch", str(qemu.pid)],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         start_new_session=True)

    @staticmethod
    def take_vm_lock(lock, say):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another VM to end")
            fcntl.flock(lock, fcntl.LOCK_EX)

    def command_line(self, kernel, initramfs):
        memory = os.environ.get("OPENLIS_OUTER_MEMORY", "4096")
        share = "local,security_model=none,multidevs=remap"
        return [
            "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "pc", "-accel", "tcg,thread=multi,tb-size=512",
            "-cpu", "max,-la57,-xsave,-erms,-fsrm", "-smp", "1", "-m", memory,
            "-kernel", str(kernel / "vmlinux"), "-initrd", str(initramfs),
            "-append", "console=ttyS0 quiet panic=-1 tsc=reliable mitigations=off "
                       f"openlis.state={self.state}",
            "-serial", "stdio",
            "-serial", f"unix:{self.doorbell_path},server=on,wait=off",
            "-serial", f"unix:{self.terminal_path},server=on,wait=off",
            "-qmp", f"unix:{self.monitor_path},server=on,wait=off",
            "-fsdev", f"{share},id=machine,path=/,readonly=on",
            "-device", "virtio-9p-pci,fsdev=machine,mount_tag=machine",
            "-fsdev", f"{share},id=state,path={self.state}",
            "-device", "virtio-9p-pci,fsdev=state,mount_tag=state",
        ]

    def wait_for_init(self, qemu):
        deadline = time.monotonic() + START_LIMIT
        while self.heartbeat_age() == float("inf"):
            if qemu.poll() is not None:
                raise Unusable(f"the outer VM ended at once: see {self.state}/console")
            if time.monotonic() > deadline:
                qemu.kill()
                raise Unusable(f"the outer VM does not start: see {self.state}/console")
            time.sleep(0.1)

    def fail_lost_jobs(self):
        """A job whose VM died under it has failed; one that was only waiting runs in the next VM."""
        self.sweep()
        for job in self.queue.iterdir():
            if (job / "started").exists() and not (job / "rc").exists():
                with open(job / "out", "a") as out:
                    out.write("outer: the VM died under this job\n")
                (job / "rc").write_text("125\n")

    def sweep(self):
        """A job whose client was killed is nobody's: it shall not keep others waiting."""
        for job in self.queue.iterdir():
            try:
                client = int((job / "client").read_text())
            except (OSError, ValueError):
                continue
            if pathlib.Path(f"/proc/{client}").exists():
                continue
            if (job / "started").exists() and not (job / "rc").exists():
                (job / "cancel").touch()
            else:
                shutil.rmtree(job, ignore_errors=True)

    def ring(self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as bell:
            bell.connect(str(self.doorbell_path))
            bell.sendall(b"\n")

    def stop(self):
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            for _ in range(50):
                if self.pid() is None:
                    return
                time.sleep(0.1)
            os.kill(pid, signal.SIGKILL)

    def idle_watch(self, pid):
        """Runs in a process of its own beside the VM. The state directory's `used` tells of the last job."""
        while self.pid() == pid:
            time.sleep(10)
            with self.control():
                used = self.state / "used"
                age = time.time() - used.stat().st_mtime if used.exists() else IDLE_LIMIT
                if self.pid() == pid and age > IDLE_LIMIT and not self.has_jobs():
                    self.stop()

    def plug_waiting(self, qemu):
        """The disks of jobs that were queued for an earlier VM."""
        while not self.monitor_path.exists() and qemu.poll() is None:
            time.sleep(0.02)
        for job in self.queue.iterdir():
            if (job / "ready").exists() and not (job / "rc").exists():
                self.plug_again(job)

    def plug_again(self, job):
        for line in self.read(job / "disks").splitlines():
            with contextlib.suppress(OSError, ValueError, qmp.Error):
                _, serial, mode, image = line.split(" ", 3)
                self.plug(serial, image, mode == "ro")

    def plug(self, serial, image, read_only):
        with qmp.Monitor(self.monitor_path) as monitor:
            monitor.command("blockdev-add", **{
                "node-name": serial, "driver": "raw", "read-only": read_only,
                "file": {"driver": "file", "filename": str(image), "aio": "threads"}})
            monitor.command("device_add", driver="virtio-blk-pci", id=f"dev-{serial}", drive=serial, serial=serial)

    def unplug(self, serial):
        with contextlib.suppress(OSError, qmp.Error), qmp.Monitor(self.monitor_path) as monitor:
            monitor.command("device_del", id=f"dev-{serial}")
            for _ in range(50):
                with contextlib.suppress(qmp.Error):
                    monitor.command("blockdev-del", **{"node-name": serial})
                    return
                time.sleep(0.1)
