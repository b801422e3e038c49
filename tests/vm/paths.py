# SPDX-License-Identifier: GPL-2.0-only
"""Where things are: the source tree, the cache, and the state of the one outer VM that all checkouts share."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("OPENLIS_CACHE") or pathlib.Path.home() / ".cache" / "openlis")


def state_dir():
    """One directory for each user, not for each checkout: two VMs at once gain nothing and disturb each other."""
    path = pathlib.Path(os.environ.get("OPENLIS_STATE") or f"/var/tmp/openlis-{os.getuid()}")
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_uid != os.getuid():
        raise SystemExit(f"{path} belongs to somebody else")
    (path / "queue").mkdir(exist_ok=True)
    return path


def kernel_dir(version):
    """The unpacked Debian kernel of that version ("6.1", "5.10-cloud"), fetched if it is not in the cache."""
    command = [str(ROOT / "scripts" / "fetch-kernel"), version]
    return pathlib.Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
