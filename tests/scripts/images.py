# SPDX-License-Identifier: GPL-2.0-only
"""Images of file systems that were copied under a running guest: what is wrong with them, before any replay."""

import contextlib
import pathlib
import re

import services
from services import system

# How the kernel looks at a copy as it is.
AS_IT_IS = {"ext4": "ro,noload", "xfs": "ro,norecovery,nouuid", "btrfs": "ro,rescue=nologreplay"}


# ---- beside the host ----

def xfs_log_troubles(image):
    """A frozen XFS never has an empty log, but all that is in it is the superblock: nothing to recover."""
    status, output = system("xfs_logprint", "-t", image)
    found = re.search(r"log tail: (\d+) head: (\d+) state: <(\w+)>", output)
    if status or not found:
        return [f"xfs_logprint ends with {status}: {output.strip()[-200:]}"]
    items = re.findall(r"^(BUF|INO|EFI|EFD|DQ|ICR|RUI|RUD|CUI|CUD|BUI|BUD|ATTRI|ATTRD): ", output, re.M)
    if len(items) > len(re.findall(r"^\s+SUPER Block Buffer:", output, re.M)):
        return [f"the journal needs recovery: {len(items)} items between {found[1]} and {found[2]}"]
    return []


def xfs_troubles(image):
    found = xfs_log_troubles(image)
    _, output = system("xfs_repair", "-n", image)
    # The status tells nothing: the totals in the superblock are those of the last unmount, and are counted anew at a
    # mount. What else is wrong is a line that is no heading.
    headings = (r"Phase|Cannot get host|Repair may fail|the image and|\s+- |ALERT|ignored because|which may be"
                r"|No modify|sb_")
    wrong = [line for line in output.splitlines() if line.strip() and not re.match(headings, line)]
    if "No modify flag set, skipping filesystem flush and exiting." not in output:
        wrong.append("it did not come to its end")
    if wrong:
        found.append(f"xfs_repair: {' | '.join(wrong[-4:])}")
    return found


def btrfs_troubles(image):
    found = []
    status, output = system("btrfs", "inspect-internal", "dump-super", image)
    log_root = re.search(r"^log_root\s+(\d+)$", output, re.M)
    if status or not log_root:
        return [f"dump-super ends with {status}: {output.strip()[-200:]}"]
    if log_root[1] != "0":
        found.append("the journal needs recovery")
    status, output = system("btrfs", "check", "--readonly", "--check-data-csum", image)
    if status:
        found.append(f"btrfs check ends with {status}: {' | '.join(output.strip().splitlines()[-4:])}")
    return found


def troubles(image, kind):
    """Sentences. Of ext4 with the pairs in it; of the others read_pairs() tells those."""
    return {"ext4": services.troubles, "xfs": xfs_troubles, "btrfs": btrfs_troubles}[kind](image)


# ---- in the guest ----

@contextlib.contextmanager
def attached(run, image, serial, *options):
    """The device of a disk of the guest that is an image, as long as the block lasts."""
    added = run.host.add_disk(",".join([f"file={image},controller=1,serial={serial}", *options]))
    try:
        yield f"/dev/{run.find_disk(serial)}"
    finally:
        run.host.remove_disk(added["controller"], added["lun"])
        run.wait(f"the disk {serial} to go", 60, lambda: serial not in run.guest_disks())


def read_pairs(run, image, kind):
    """The application looks at a copy, on which nothing is replayed."""
    place = f"/mnt/{pathlib.Path(image).stem}"
    if kind == "btrfs":
        # Of two with the same identity it takes the newer one, also when that one is gone.
        run.guest("btrfs device scan --forget")
    with attached(run, image, f"copy-{kind}", "ro") as device:
        run.guest(f"mkdir -p {place}; mount -t {kind} -o {AS_IT_IS[kind]} {device} {place}")
        try:
            run.say(run.guest(f"{services.UTILS}/pairs check {place}"))
        finally:
            run.guest(f"umount {place}")
