# SPDX-License-Identifier: GPL-2.0-only
"""Results: reading a test's own TAP, writing the run's KTAP and its closing line."""

import re

PASS, FAIL, SKIP = "pass", "fail", "skip"
EXIT_SKIP = 4


class Result:
    def __init__(self, outcome, reason=""):
        self.outcome = outcome
        self.reason = reason

    def worsened(self, reason):
        """The same result after a check that failed."""
        both = f"{self.reason}; {reason}" if self.outcome == FAIL else reason
        return Result(FAIL, both)


def judge(output, status):
    """What a test said of itself: TAP where it speaks TAP, and its exit status. The worse one counts."""
    plan = re.findall(r"^1\.\.(\d+)(?:\s*# SKIP\s*(.*))?", output, re.M)
    lines = re.findall(r"^(not )?ok\s+\d+[^\n#]*(#\s*(?:SKIP|XFAIL)[^\n]*)?", output, re.M)
    bail = re.search(r"^Bail out!\s*(.*)", output, re.M)
    failed = sum(1 for negation, directive in lines if negation and not directive)
    if bail:
        return Result(FAIL, f"bail out: {bail[1]}")
    if status == EXIT_SKIP:
        reason = plan[0][1] if plan and plan[0][0] == "0" else last_reason(output)
        return Result(SKIP, reason or "no reason given")
    if status == 124:
        return Result(FAIL, "over its time")
    if status != 0:
        return Result(FAIL, f"exit status {status}, {failed} of {len(lines)} failed" if lines
                      else f"exit status {status}")
    if failed:
        return Result(FAIL, f"{failed} of {len(lines)} failed, although the exit status is 0")
    if plan and int(plan[0][0]) != len(lines):
        return Result(FAIL, f"{len(lines)} results for a plan of {plan[0][0]}")
    return Result(PASS)


def last_reason(output):
    found = re.findall(r"SKIP:?\s*(.+)", output)
    return found[-1].strip() if found else ""


class Writer:
    """KTAP on a stream; counts. An unlisted skip counts as failed."""

    def __init__(self, stream, allowed_skips=()):
        self.stream = stream
        self.allowed = list(allowed_skips)
        self.count = {PASS: 0, FAIL: 0, SKIP: 0}
        self.number = 0

    def line(self, text):
        print(text, file=self.stream, flush=True)

    def start(self, plan):
        self.line("KTAP version 1")
        self.line(f"1..{plan}")

    def comment(self, text):
        for part in text.rstrip("\n").split("\n"):
            self.line(f"# {part}")

    def result(self, name, result, seconds=None):
        if result.outcome == SKIP and not self.is_allowed(name, result.reason):
            result = Result(FAIL, f"skipped ({result.reason}), which tests/allowed-skips does not list")
        self.number += 1
        self.count[result.outcome] += 1
        word = "not ok" if result.outcome == FAIL else "ok"
        tail = f" # SKIP {result.reason}" if result.outcome == SKIP else ""
        took = f" # {seconds:.1f} s" if seconds is not None and not tail else ""
        self.line(f"{word} {self.number} {name}{tail}{took}")
        if result.outcome == FAIL:
            self.comment(f"  {result.reason}")

    def not_run(self, count, why):
        """The rest of the plan."""
        self.line(f"Bail out! {why}")
        self.count[FAIL] += count

    def is_allowed(self, name, reason):
        return any(re.search(case, name) and text in reason for case, text in self.allowed)

    def finish(self):
        passed, failed, skipped = (self.count[outcome] for outcome in (PASS, FAIL, SKIP))
        self.line(f"# Totals: pass:{passed} fail:{failed} xfail:0 xpass:0 skip:{skipped} error:0")
        self.line(f"{passed} passed, {failed} failed, {skipped} skipped")


def read_allowed_skips(path):
    """Lines of: a pattern for the case's name, then a piece of the reason."""
    pairs = []
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, _, text = line.strip().partition(" ")
            pairs.append((pattern, text.strip()))
    return pairs
