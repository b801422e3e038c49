# SPDX-License-Identifier: GPL-2.0-only
"""What is looked at after every case, whatever the case says of itself."""

import re

# Understood by grep -E, too: the guest filters its log before it crosses the serial port.
KERNEL_TROUBLE = (
    "(^|[^E])BUG[: ]|WARNING:|Oops|rcu.*stall|rcu.*detected|hung task|blocked for more than|refcount_t|KFENCE|UBSAN"
    "|Call Trace|general protection|soft lockup|unable to handle|Redzone|Poison overwritten|Kernel panic|corruption")
WANTED_PANIC = "Kernel panic - not syncing: sysrq triggered crash"
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
    found += checker_problems(host, scale)
    return found


def module_problems(lines, wanted):
    """lines: of loaded-modules in the guest. wanted: what the table of cases asks to be tested."""
    rows = [line.split() for line in lines if len(line.split()) == 7]
    found = [f"the loaded {row[0]} is not that of {row[2]}" for row in rows if row[6] != "same"]
    loaded = {row[0]: row[1] for row in rows}
    found += [f"{module} does not run: {origin} was wanted, {loaded.get(module, 'none')} is loaded"
              for module, origin in wanted.items() if loaded.get(module) != origin]
    return found


def daemon_problems(lines, absent=()):
    """lines: of `daemon running` in the guest. absent: services that the host does not have on."""
    rows = [line.split() for line in lines]
    if not rows or any(len(row) != 5 for row in rows):
        return [f"no word of the daemons: {' | '.join(lines)[:200]}"]
    wrong = {"other": "is not the program that was to be tested", "none": "does not run"}
    found = [f"the daemon {row[0]} runs without its service" for row in rows if row[0] in absent and row[4] != "none"]
    return found + [f"the daemon {row[0]} {wrong.get(row[4], row[4])}" for row in rows
                    if row[0] not in absent and row[4] != "same"]


def checker_problems(host, scale):
    """The protocol checker of hvhost: its list of violations must be empty."""
    checker = host.ask("checker", 20 * scale)
    if not checker["violations"]:
        return []
    return [f"protocol checker: {entry['rule']} {entry['name']}: {entry['text']}" for entry in checker["list"][:5]]


def console_problems(path, expect):
    """The console of the whole run: the last words of a guest that could not be asked any more."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return []
    if expect == "crash":
        # The panic that the scenario asked for ends the log; what came before it counts.
        text = text.partition(WANTED_PANIC)[0].rpartition("\n")[0] if WANTED_PANIC in text else text
    lines = [line.strip() for line in text.splitlines() if re.search(KERNEL_TROUBLE, line)]
    return [f"console: {' | '.join(lines[:4])}"] if lines else []
