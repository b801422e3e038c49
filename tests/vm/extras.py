# SPDX-License-Identifier: GPL-2.0-only
"""Modules and programs that only some guests get: they make the initramfs larger, and every boot slower.

A row of tests/cases asks for a set by its name: extras=filesystems.
"""

import dataclasses
import pathlib
import shutil

import daemons
import initramfs


class BadExtras(Exception):
    pass


@dataclasses.dataclass
class Extras:
    modules: tuple = ()
    programs: tuple = ()

    def guest_files(self):
        """{place in the guest: file here} of the programs and their libraries."""
        files = {}
        for program in self.programs:
            real = shutil.which(program, path=initramfs.system_path())
            if not real:
                raise BadExtras(f"{program} is not installed (scripts/install-packages test)")
            for source in (real, *initramfs.libraries(real)):
                files[daemons.merged(source)] = pathlib.Path(source).resolve()
        return files


SETS = {
    "": Extras(),
    "filesystems": Extras(
        modules=("xfs", "btrfs", "vfat", "nls_cp437", "nls_ascii", "isofs", "squashfs", "overlay", "fuse", "autofs4",
                 "dm-mod", "dm-crypt", "xts"),
        programs=("btrfs", "dmsetup")),
}


def find(name):
    if name not in SETS:
        raise BadExtras(f"extras={name}: it must be one of {', '.join(filter(None, SETS))}")
    return SETS[name]
