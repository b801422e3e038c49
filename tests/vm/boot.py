# SPDX-License-Identifier: GPL-2.0-only
"""From a row of the table to a guest that runs: builds its initramfs, makes the plan, runs the session as a job."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile

import daemons
import extras
import initramfs
import jobs
import ktap
import paths

BUILD = paths.ROOT / "build"
LOGS = BUILD / "test-logs"
HERE = pathlib.Path(__file__).resolve().parent
COMMAND_LINE = "console=ttyS0 loglevel=5 oops=panic panic=-1 random.trust_cpu=on"
KNOBS = "slub_debug=FZPU page_poison=1"
SESSION_OVERHEAD = 120


class CannotRun(Exception):
    """Something that the guest needs is not there."""


def make_commands(kernels_with_ours, has_our_daemons):
    parts = ["build/host/hvhost", "build/host/hvctl", "build/guest/agent",
             "build/guest/hvctl"]
    if has_our_daemons:
        parts += ["daemons", "build/tools/lis"]
    yield ["make", "-s", f"-j{os.cpu_count()}", "-C", str(paths.ROOT), *parts]
    yield ["make", "-s", "-C", str(paths.ROOT / "tests" / "selftests"), "install",
           f"BUILD={BUILD}/selftests-objects", f"INSTALL_PATH={BUILD}/selftests"]
    for kernel in sorted(kernels_with_ours):
        yield [str(paths.ROOT / "scripts" / "build-modules"), kernel]


def make_parts(kernels_with_ours, has_our_daemons=False):
    """Builds what is out of date. Returns None, or what the failed command said."""
    for command in make_commands(kernels_with_ours, has_our_daemons):
        made = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace")
        if made.returncode != 0:
            return f"{' '.join(command)}:\n{made.stdout}"
    return None


def guest_files():
    files = {f"/openlis/{path.name}": path for path in (paths.ROOT / "tests" / "guest").iterdir()}
    files["/openlis/agent"] = BUILD / "guest" / "agent"
    files["/openlis/bin/hvctl"] = BUILD / "guest" / "hvctl"
    files["/openlis/selftests"] = BUILD / "selftests"
    return files


def copy_root_image(variant):
    """A private copy of a Debian root image: the guest writes to it."""
    image = subprocess.run([str(paths.ROOT / "scripts" / "make-root-image"), variant], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.strip()
    target = paths.state_dir() / f"root-{os.getpid()}.img"
    subprocess.run(["cp", "--reflink=auto", "--sparse=always", image, str(target)], check=True)
    return target


class BootRun:
    """One guest: row, files, job."""

    session = "session.py"
    is_suite = True

    def __init__(self, row, say, shell=False):
        self.row = row
        self.say = say
        self.shell = shell
        self.logs = LOGS / row.name
        self.kernel = initramfs.Kernel(row.kernel)
        self.choice = self.kernel.settle(row.modules)
        self.daemons = daemons.Daemons(row.daemons)
        self.extras = extras.find(row.extras)
        self.end = None

    def command_line(self):
        words = [COMMAND_LINE]
        if self.row.knobs:
            words.append(KNOBS)
        if self.row.root:
            words.append("root=LABEL=openlis-root systemd.show_status=false")
        if self.shell:
            words.append("openlis.shell")
        words.append(self.row.append)
        return " ".join(word for word in words if word)

    def hvhost_options(self, archive):
        options = ["--kernel", str(self.kernel.vmlinux), "--initrd", str(archive), "--cmdline", self.command_line(),
                   "--cpus", str(self.row.cpus), "--memory", str(self.row.memory)]
        if self.row.vmbus_version:
            options += ["--vmbus-version", self.row.vmbus_version]
        if self.row.generation:
            options += ["--host-generation", self.row.generation]
        return options + shlex.split(self.row.host)

    def plan(self, archive):
        root = ["file={DISK_ROOT},controller=0,lun=7"] if self.row.root else []
        return {
            "bin": str(BUILD / "host"),
            "hvhost": self.hvhost_options(archive),
            "disks": root + self.row.disks.split(),
            "limit": SESSION_OVERHEAD + sum(case.limit for case in self.row.cases),
            "shell": self.shell,
            "expect": self.row.expect,
            "abi": self.kernel.abi,
            "modules": initramfs.modules_text(self.choice),
            "daemons": self.row.daemons,
            "root": self.row.root,
            "generation": self.row.generation,
            "wanted": self.choice,
            "vmbus_version": self.row.vmbus_version,
            "cpus": self.row.cpus,
            "cases": [vars(case) for case in self.row.cases],
        }

    def run(self, on_case):
        """on_case(event) for each case as it ends."""
        image = copy_root_image(self.row.root) if self.row.root else None
        disks = [("ROOT", image, False)] if image else []
        limit = SESSION_OVERHEAD * 2 + sum(case.limit for case in self.row.cases)
        try:
            with jobs.Job(limit=limit, disks=disks, say=self.say, terminal=self.shell,
                          is_suite=self.is_suite) as job:
                archive = job.dir / "initramfs"
                self.make_archive(archive)
                (job.dir / "plan.json").write_text(json.dumps(self.plan(archive)))
                command = ["/usr/bin/python3", str(HERE / self.session), str(job.dir / "plan.json")]
                jobs.write_run(job, job.dir, command, {"PATH": os.environ["PATH"]})
                self.run_job(job, on_case)
        finally:
            if image:
                image.unlink()

    def make_archive(self, archive):
        with tempfile.TemporaryDirectory() as directory:
            files = {**guest_files(), **self.extras.guest_files(), **self.daemons.guest_files(pathlib.Path(directory))}
            initramfs.make(archive, self.kernel, self.choice, files, self.extras.modules)

    def run_job(self, job, on_case):
        pending = b""

        def on_output(data):
            nonlocal pending
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                self.event(line.decode(errors="replace"), on_case)

        status = job.run(on_output)
        self.keep_logs(job)
        if self.end is None and not self.shell:
            self.end = ktap.Result(ktap.FAIL, f"the session broke off (exit status {status}), see {self.logs}")

    def event(self, line, on_case):
        try:
            event = json.loads(line)
        except ValueError:
            self.say(line)
            return
        if "up" in event:
            self.say(f"guest up after {event['up']:.1f} s")
        elif "modules" in event or "daemons" in event:
            for line in event.get("modules", []) + event.get("daemons", []):
                self.say(line)
        elif "case" in event:
            on_case(event)
        elif "end" in event:
            self.end = ktap.Result(event["end"]["outcome"], event["end"]["reason"])
        else:
            self.other_event(event)

    def other_event(self, event):
        """Events of a session that is not session.py."""

    def keep_logs(self, job):
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        for name in ("console", "hvhost.log", "out", "plan.json"):
            if (job.dir / name).exists():
                shutil.copy2(job.dir / name, self.logs / name)
