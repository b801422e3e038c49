# SPDX-License-Identifier: GPL-2.0-only
"""The source tree as the gates see it, and how a gate reports.

A gate is a program here that takes `--root DIR` (default: this tree) and, where it makes sense, the files to look at.
It prints one line per finding, `path:line: what is wrong`, and exits 1 if there was one, 2 if it could not work.
"""

import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("OPENLIS_CACHE") or pathlib.Path.home() / ".cache" / "openlis")
NOT_OURS = {".git", "build", "__pycache__"}


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="the tree to check")
    return parser


def die(message):
    print(f"{pathlib.Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    raise SystemExit(2)


def files(root):
    """Every file of the tree that is or could be committed, as paths relative to root, sorted."""
    root = root.resolve()
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
        found = {pathlib.Path(name) for name in listing if name}
    else:
        found = set()
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in NOT_OURS]
            found.update((pathlib.Path(folder) / name).relative_to(root) for name in names)
    return sorted(path for path in found if not NOT_OURS & set(path.parts) and is_plain(root / path))


def is_plain(path):
    return path.is_file() and not path.is_symlink()


def c_files(root):
    return [path for path in files(root) if path.suffix in (".c", ".h")]


def interpreter(path):
    """The program a script names in its first line ("sh", "python3"), or None."""
    with open(path, "rb") as file:
        first = file.readline(200)
    if not first.startswith(b"#!"):
        return None
    words = first[2:].decode(errors="replace").split()
    if words and pathlib.Path(words[0]).name in ("env", "busybox"):
        words = words[1:]
    return pathlib.Path(words[0]).name if words else None


def scripts(root, suffix, interpreters):
    """Files written in one scripting language: by suffix or, without one, by their first line."""
    for path in files(root):
        if path.suffix == suffix or (path.suffix == "" and interpreter(root / path) in interpreters):
            yield path


class Report:
    def __init__(self):
        self.count = 0

    def finding(self, path, line, text):
        self.count += 1
        print(f"{path}:{line}: {text}" if line else f"{path}: {text}")

    def exit(self):
        raise SystemExit(1 if self.count else 0)
