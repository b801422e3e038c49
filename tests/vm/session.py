#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One guest and its cases. Runs as a job, where the KVM is; reports one JSON object a line on its output.

usage: session.py PLAN.json

Events: {"up": seconds} · {"modules": lines of loaded-modules} · {"daemons": lines of `daemon running`} · {"case": name,
"outcome": ..., "reason": ..., "seconds": ..., "output": ...} · {"end": {"outcome": ..., "reason": ...}}, always last:
how guest and host ended.
"""

import json
import os
import pathlib
import sys
import time

import ktap
import verdict
from host import GuestSilent, Host, HostEnded, Refused

BOOT_LIMIT = 60
END_LIMIT = 30
OUTPUT_KEPT = 20000


def emit(event):
    print(json.dumps(event), flush=True)


class Session:
    def __init__(self, plan):
        self.plan = plan
        self.job = pathlib.Path(os.environ["JOB"])
        self.scale = float(os.environ.get("HV_TIME_SCALE", "1"))
        self.socket = "/run/openlis-hvctl.sock" if os.access("/run", os.W_OK) else str(self.job / "hvctl.sock")
        self.environment = {**os.environ, "HVCTL_SOCKET": self.socket,
                            "PATH": f"{plan['bin']}:{os.environ.get('PATH', '/usr/bin:/bin')}"}
        self.host = None
        self.gone = ""          # why nothing more can be asked of the guest

    def host_command(self):
        command = ["hvhost", *self.plan["hvhost"], "--control", self.socket]
        disks = [disk.format(**os.environ) for disk in self.plan["disks"]]
        for disk in disks:
            command += ["--disk", disk]
        if self.plan["shell"]:
            return [*command, "--shell"]
        return [*command, "--console", str(self.job / "console"), "--time-limit",
                str(int(self.plan["limit"] * self.scale))]

    def start(self):
        terminal = None
        if self.plan["shell"]:
            terminal = open(os.environ["JOB_TTY"], "r+b", buffering=0) if "JOB_TTY" in os.environ else sys.stdin
        self.host = Host(self.host_command(), self.job, self.environment, terminal)

    # ---- cases ----

    def check_modules(self):
        """The modules that run are those that were asked for."""
        _, output = self.host.guest("/run/openlis/loaded-modules", seconds=20 * self.scale)
        lines = output.splitlines()
        emit({"modules": lines})
        return verdict.module_problems(lines, self.plan["wanted"])

    def check_daemons(self):
        """The daemons that run are those that were asked for, each with its service."""
        if self.plan["daemons"] == "none":
            return []
        services = self.host.ask("service", 20 * self.scale)["services"]
        absent = [service["name"] for service in services if service["switch"] != "on"]
        _, output = self.host.guest("/run/openlis/daemon", "running", str(int(20 * self.scale)), *absent,
                                    seconds=40 * self.scale)
        lines = output.splitlines()
        emit({"daemons": lines})
        return verdict.daemon_problems(lines, absent)

    def case_environment(self, case):
        """What cases may know, on either side. tests/selftests/README.md has the list."""
        variables = {"HV_TIME_SCALE": f"{self.scale:.1f}", "HV_MODULES": self.plan["modules"],
                     "HV_KERNEL": self.plan["abi"], "HV_CPUS": str(self.plan["cpus"]),
                     "HV_DAEMONS": self.plan["daemons"], "HV_ROOT": self.plan["root"],
                     "HV_GENERATION": self.plan["generation"]}
        if self.plan["vmbus_version"]:
            variables["HV_VMBUS_VERSION"] = self.plan["vmbus_version"]
        return {**variables, **case["environment"]}

    def run_guest(self, case):
        limit = int(case["limit"] * self.scale)
        variables = [f"{name}={value}" for name, value in self.case_environment(case).items()]
        return self.host.guest("env", *variables, "/run/openlis/run-case", case["name"], str(limit),
                               seconds=limit + 20 * self.scale)

    def run_script(self, case):
        path = self.job / "script.out"
        environment = {**self.environment, **self.case_environment(case)}
        with open(path, "wb") as output:
            status = self.host.run([case["path"]], case["limit"] * self.scale, output, environment)
        return status, path.read_text(errors="replace")

    def run_case(self, case):
        """Returns (result, output). A guest that is silent or gone ends the session."""
        run = {"guest": self.run_guest, "script": self.run_script}[case["kind"]]
        output = ""
        try:
            status, output = run(case)
            result = ktap.judge(output, status)
            if not self.host.has_ended():
                result = self.look(result)
        except (GuestSilent, HostEnded, Refused) as error:
            self.gone = str(error)
            result = ktap.Result(ktap.FAIL, self.gone)
        return result, output

    def look(self, result):
        """Worsens a result by what is wrong now. A case may end the guest, as the table says, while we ask."""
        try:
            for problem in verdict.problems(self.host, self.plan, self.scale):
                result = result.worsened(problem)
        except HostEnded:
            if self.host.wait(END_LIMIT * self.scale) != self.plan["expect"]:
                raise
        return result

    def run_cases(self):
        for case in self.plan["cases"]:
            start = time.monotonic()
            if self.gone:
                result, output = ktap.Result(ktap.FAIL, f"not run: {self.gone}"), ""
            else:
                result, output = self.run_case(case)
            emit({"case": case["name"], "outcome": result.outcome, "reason": result.reason,
                  "seconds": time.monotonic() - start, "output": output[-OUTPUT_KEPT:]})
            if not self.gone and self.host.has_ended():
                self.gone = f"hvhost ended: {self.host.end_word()}"

    # ---- the whole ----

    def finish(self):
        """Ends the guest as a host does; returns the verdict over the whole session."""
        problems = []
        if not self.host.has_ended() and not self.gone:
            problems += self.last_check()
        word = self.host.wait(0.1 if self.gone else END_LIMIT * self.scale)
        if word != self.plan["expect"]:
            problems.append(f"hvhost ended with '{word}' where '{self.plan['expect']}' was expected")
        problems += verdict.console_problems(self.host.console, self.plan["expect"])
        return problems

    def last_check(self):
        """Looks once more, and switches the guest off: it may be off before it has answered."""
        try:
            problems = verdict.problems(self.host, self.plan, self.scale)
        except (GuestSilent, HostEnded, Refused) as error:
            return [str(error)]
        try:
            self.host.guest("/run/openlis/end-guest", seconds=20 * self.scale)
        except (HostEnded, Refused):
            pass
        except GuestSilent as error:
            problems.append(str(error))
        return problems

    def run(self):
        self.start()
        if self.plan["shell"]:
            self.host.process.wait()
            return
        problems = []
        began = time.monotonic()
        try:
            self.host.wait_for("agent", BOOT_LIMIT * self.scale)
            emit({"up": time.monotonic() - began})
            problems += self.check_modules() + self.check_daemons()
        except (GuestSilent, HostEnded, Refused) as error:
            self.gone = str(error)
            problems.append(self.gone)
        self.run_cases()
        problems += self.finish()
        emit({"end": {"outcome": ktap.FAIL if problems else ktap.PASS, "reason": "; ".join(problems)}})


if __name__ == "__main__":
    Session(json.loads(pathlib.Path(sys.argv[1]).read_text())).run()
