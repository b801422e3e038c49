# SPDX-License-Identifier: GPL-2.0-only
"""Jobs: programs that need a KVM with the Hyper-V capabilities, run in order, one at a time.

A job is a directory with an executable `run`. It runs with that directory as working directory and as $JOB, its
output goes to `out`, its exit status to `rc`. Where this machine's KVM will do, it runs right here; else in the
outer VM, whose root is a throw-away copy of this machine's file tree: what a job writes outside $JOB is lost.
"""

import contextlib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import kvm
import outer_vm
import terminal as terminals

POLL = 0.1
LOOK = 2        # seconds between looks after the VM and for jobs that nobody waits for


def shell_env(variables):
    return "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in variables.items())


class Job:
    def __init__(self, limit=300, env=None, disks=(), keep=False, say=None, terminal=False,
                 is_suite=False):
        """disks: (name, image path, read only); the job finds the device at $DISK_name.

        terminal: connect this process's terminal to the job: its stdin and stdout, or the device $JOB_TTY.
        is_suite: one of many; jobs that a person waits for go first.
        """
        self.vm = outer_vm.OuterVm()
        stamp = f"{1 if is_suite else 0}-{time.time_ns():020d}-"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=stamp, dir=self.vm.queue))
        self.limit = limit
        self.env = dict(env or {})
        self.disks = [(name, pathlib.Path(image).resolve(), read_only) for name, image, read_only in disks]
        self.keep = keep
        self.has_terminal = terminal
        self.terminal = None
        self.next_look = 0
        self.say = say or (lambda line: print(f"# {line}", file=sys.stderr, flush=True))
        self.is_direct = kvm.has_hyperv()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            if not self.keep:
                shutil.rmtree(self.dir)

    def run(self, on_output=None):
        """Runs the job to its end; on_output receives bytes as they come. Returns the exit status."""
        on_output = on_output or (lambda data: None)
        return self.run_here(on_output) if self.is_direct else self.run_outer(on_output)

    def run_here(self, on_output):
        env = {**os.environ, **self.env, "JOB": str(self.dir), "HV_TIME_SCALE": "1"}
        env.update({f"DISK_{name}": str(image) for name, image, _ in self.disks})
        with open(self.vm.state / "vm.lock", "a") as lock:
            self.vm.take_vm_lock(lock, self.say)
            if self.has_terminal:
                return subprocess.call(["./run"], cwd=self.dir, env=env)
            command = ["timeout", "-k", "5", str(self.limit), "./run"]
            with subprocess.Popen(command, cwd=self.dir, env=env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process, \
                    open(self.dir / "out", "wb") as out:
                for data in iter(lambda: process.stdout.read1(65536), b""):
                    out.write(data)
                    on_output(data)
        return process.returncode

    def run_outer(self, on_output):
        self.vm.ensure_up(self.say)
        scale = self.vm.scale()
        (self.vm.state / "used").touch()
        (self.dir / "env").write_text(shell_env({**self.env, "HV_TIME_SCALE": f"{scale:.1f}"}))
        (self.dir / "limit").write_text(f"{int(self.limit * scale)}\n")
        (self.dir / "out").touch()
        (self.dir / "client").write_text(f"{os.getpid()}\n")
        self.plug_disks()
        if self.has_terminal:
            return self.run_with_terminal(on_output)
        return self.start_and_wait(on_output)

    def run_with_terminal(self, on_output):
        with open(self.dir / "env", "a") as env:
            env.write("export JOB_TTY=/dev/ttyS2\n")
        (self.dir / "limit").write_text("86400\n")
        self.terminal = terminals.Terminal(self.vm.terminal_path)
        try:
            with terminals.raw(sys.stdin.fileno()):
                return self.start_and_wait(on_output)
        except terminals.Left:
            return 0
        finally:
            self.terminal.close()

    def start_and_wait(self, on_output):
        (self.dir / "ready").touch()
        self.vm.ring()
        try:
            return self.wait(on_output)
        except BaseException:
            (self.dir / "cancel").touch()
            self.wait_briefly()
            raise
        finally:
            (self.vm.state / "used").touch()
            self.unplug_disks()

    def plug_disks(self):
        lines = []
        for index, (name, image, read_only) in enumerate(self.disks):
            serial = f"d{os.getpid()}-{index}"
            self.vm.plug(serial, image, read_only)
            lines.append(f"{name} {serial} {'ro' if read_only else 'rw'} {image}\n")
        (self.dir / "disks").write_text("".join(lines))

    def unplug_disks(self):
        for index in range(len(self.disks)):
            self.vm.unplug(f"d{os.getpid()}-{index}")

    def wait(self, on_output):
        with open(self.dir / "out", "rb") as out:
            while True:
                has_ended = (self.dir / "rc").exists()
                data = out.read()
                if data:
                    on_output(data)
                elif has_ended:
                    return int((self.dir / "rc").read_text())
                else:
                    self.check_vm()
                    self.pause()

    def pause(self):
        if self.terminal:
            self.terminal.shuttle(POLL)
        else:
            time.sleep(POLL)

    def check_vm(self):
        if self.vm.pid() is None or self.vm.is_wedged():
            self.vm.ensure_up(self.say)
            self.vm.ring()
        if time.monotonic() > self.next_look:
            self.next_look = time.monotonic() + LOOK
            self.vm.nudge()
            self.vm.sweep()

    def wait_briefly(self):
        if not (self.dir / "started").exists():
            (self.dir / "ready").unlink(missing_ok=True)
            return
        for _ in range(100):
            if (self.dir / "rc").exists():
                return
            time.sleep(POLL)


def write_run(job, directory, command, environment):
    """Makes the job run one command, in a directory of the machine, with the caller's PATH."""
    lines = ["#!/bin/sh", f"cd {shlex.quote(str(directory))} || exit 125", f"exec {shlex.join(command)}"]
    (job.dir / "run").write_text("\n".join(lines) + "\n")
    (job.dir / "run").chmod(0o755)
    job.env.update(environment)
