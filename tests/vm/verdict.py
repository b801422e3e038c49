# SPDX-License-Identifier: GPL-2.0-only
"""What is looked at after every case, whatever the case says of itself."""

import re

# Understood by grep -E, too: the guest filters its log before it crosses the serial port.
KERNEL_TROUBLE = (
    "(^|[^E])BUG[: ]|WARNING:|Oops|rcu.*stall|rcu.*detected|hung task|blocked for more than|refcount_t|KFENCE"
    "|UBSAN|Call Trace|general protection|soft lockup|unable to handle|Redzone|Poison overwritten|Kernel panic|corruption")
# Our modules are unsigned and from outside the tree: E and O.
TAINT_OURS = (1 << 12) | (1 << 13)


def problems(host, plan, scale):
    """Sentences, one for each thing that is wrong now. Reads the kernel log since the last call."""
    found = []
    status, output = host.guest("/run/openlis/check", KERNEL_TROUBLE, seconds=30 * scale)
    if status != 0:
        return [f"the check in the guest failed: {output.strip()[-200:]}"]
    fields = dict(line.split(" ", 1) for line in output.splitlines() if re.match(r"(taint|slab) ", line))
    allowed = TAINT_OURS if "ours" in plan["modules"] else 0
    taint = int(fields.get("taint", "-1"))
    if taint < 0 or taint & ~allowed:
        found.append(f"taint {taint:#x}")
    if fields.get("slab", "fine") != "fine":
        found.append(f"slab: {fields['slab']}")
    log = [line[4:] for line in output.splitlines() if line.startswith("log ")]
    if log:
        found.append("kernel log: " + " | ".join(log[:6]))
    found += checker_problems(host.status())
    return found


def checker_problems(status):
    """The protocol checker of hvhost: its list of violations must be empty."""
    checker = status.get("checker", status.get("result", {}).get("checker", {}))
    violations = checker.get("violations", 0) if isinstance(checker, dict) else 0
    if isinstance(violations, list):
        return [f"protocol checker: {violation}" for violation in violations]
    return [f"protocol checker: {violations} violations"] if violations else []


def console_problems(path):
    """The console of the whole run: the last words of a guest that could not be asked any more."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return []
    lines = [line.strip() for line in text.splitlines() if re.search(KERNEL_TROUBLE, line)]
    return [f"console: {' | '.join(lines[:4])}"] if lines else []
