# SPDX-License-Identifier: GPL-2.0-only
"""The table of cases, tests/cases: guests to boot, and what runs in each of them.

    boot NAME [SETTING=VALUE]...        one guest; the cases below it run in it, in order
        guest COLLECTION:TEST [limit=S] a selftest, run inside (tests/selftests/COLLECTION/TEST)
        collection COLLECTION           all selftests of that folder
        script NAME [limit=S]           a program on the host's side (tests/scripts/NAME)
                                        NAME=VALUE behind a case, in capitals, goes into its environment

Settings are the fields of Boot; words may be quoted as in the shell. Lines that start with # are comments. A setting
with several values, cpus=1|2|4, stands for as many guests; their names end in the values that differ.
"""

import copy
import dataclasses
import itertools
import pathlib
import re
import shlex

import paths

STANDARD_DISKS = ("ram=64M,controller=0,lun=0,serial=scratch0 ram=64M,controller=0,lun=1,serial=scratch1 "
                  "ram=64M,controller=1,lun=0,serial=scratch2")
SELFTESTS = paths.ROOT / "tests" / "selftests"
DEFAULT_LIMIT = 60


class BadTable(Exception):
    pass


@dataclasses.dataclass
class Case:
    kind: str           # guest, script
    name: str           # COLLECTION:TEST, or the script's file name
    limit: int          # seconds on a quiet machine
    path: str = ""      # of a script
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Boot:
    name: str
    kernel: str = "6.1"
    modules: str = "ours"
    daemons: str = "none"           # ours, stock (Debian's hyperv-daemons), none
    vmbus_version: str = ""         # empty: the newest
    generation: str = ""            # of the host: 2008r2 to 2025; empty: its own choice
    cpus: int = 2
    memory: int = 512               # MiB
    disks: str = STANDARD_DISKS     # specifications for hvhost --disk, separated by blanks
    append: str = ""                # to the kernel's command line
    knobs: bool = False             # the stock kernel's debugging aids: slub_debug and the like
    extras: str = ""                # a set of extras.py: further modules and programs in the initramfs
    root: str = ""                  # a Debian root image (scripts/make-root-image) instead of the initramfs alone
    tier: str = "default"           # default: every run; others: only when asked for
    expect: str = "off"             # how hvhost ends: off, reset, crash
    host: str = ""                  # further options for hvhost
    round: int = 1                  # tells guests apart that are the same otherwise
    cases: list = dataclasses.field(default_factory=list)

    @property
    def is_single(self):
        return len(self.cases) < 2


def convert(boot, name, value):
    types = {field.name: field.type for field in dataclasses.fields(Boot)}
    name = name.replace("-", "_")
    if name not in types or name in ("name", "cases"):
        raise BadTable(f"boot {boot}: no setting '{name}'")
    if types[name] is bool:
        return name, value in ("1", "yes", "true")
    return name, types[name](value)


def settings(words):
    return dict(word.partition("=")[::2] for word in words)


def collection_tests(collection):
    """Names of the tests that a folder's Makefile lists, as run_kselftest.sh knows them."""
    makefile = (SELFTESTS / collection / "Makefile").read_text().replace("\\\n", " ")
    found = re.findall(r"^TEST_(?:GEN_)?PROGS\s*[:+]?=\s*(.*)$", makefile, re.M)
    return [f"{collection}:{name}" for names in found for name in names.split()]


def collection_limit(collection):
    file = SELFTESTS / collection / "settings"
    found = re.search(r"^timeout=(\d+)", file.read_text(), re.M) if file.exists() else None
    return int(found[1]) if found else DEFAULT_LIMIT


def make_cases(kind, words):
    if not words:
        raise BadTable(f"{kind}: no name")
    name = words[0]
    extra = settings(words[1:])
    limit = int(extra.pop("limit", 0))
    environment = {key: extra.pop(key) for key in list(extra) if key.isupper()}
    if extra:
        raise BadTable(f"{kind} {name}: no setting '{next(iter(extra))}'")
    if kind == "script":
        return [Case(kind, name, limit or DEFAULT_LIMIT, str(paths.ROOT / "tests" / "scripts" / name),
                     environment)]
    collection = name.split(":")[0]
    names = collection_tests(collection) if kind == "collection" else [name]
    return [Case("guest", test, limit or collection_limit(collection), environment=environment) for test in names]


def expand(name, values):
    """Boots for every combination of the values that a setting lists."""
    choices = [[(setting, value) for value in text.split("|")] for setting, text in values.items()]
    several = {setting for setting, text in values.items() if "|" in text}
    for chosen in itertools.product(*choices):
        full_name = "-".join([name, *(value for setting, value in chosen if setting in several)])
        yield Boot(full_name, **dict(convert(full_name, *pair) for pair in chosen))


def parse(text):
    boots = []
    group = []      # the boots of the last "boot" line: the cases below it are for each of them
    for number, line in enumerate(text.splitlines(), 1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        try:
            if words[0] == "boot":
                group = list(expand(words[1], settings(words[2:])))
                boots += group
            elif words[0] in ("guest", "collection", "script"):
                new_cases = make_cases(words[0], words[1:])
                for boot in group:
                    boot.cases += copy.deepcopy(new_cases)
                if not group:
                    raise BadTable("a case before the first boot")
            else:
                raise BadTable(f"unknown word '{words[0]}'")
        except (BadTable, IndexError, ValueError, OSError) as error:
            raise BadTable(f"tests/cases:{number}: {error}") from None
    return boots


def load(path=None):
    path = pathlib.Path(path or paths.ROOT / "tests" / "cases")
    return parse(path.read_text())


def select(boots, patterns, tier):
    """Boots and cases whose name contains one of the patterns; without patterns, those of the tier."""
    if not patterns:
        return [boot for boot in boots if boot.tier == tier]
    chosen = []
    for boot in boots:
        whole = any(pattern in boot.name for pattern in patterns)
        cases = [case for case in boot.cases
                 if whole or any(pattern in f"{boot.name}/{case.name}" for pattern in patterns)]
        if cases:
            chosen.append(dataclasses.replace(boot, cases=cases))
    return chosen
