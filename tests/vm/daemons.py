# SPDX-License-Identifier: GPL-2.0-only
"""The Hyper-V daemons that a guest gets: ours from build/, those of Debian's package hyperv-daemons, or none.

A guest on an initramfs runs them under tests/guest/daemon; one on the Debian image has their units and udev rules.
"""

import hashlib
import pathlib
import subprocess

import elf
import initramfs
import paths

NAMES = ("kvp", "vss", "fcopy")
ORIGINS = ("none", "ours", "stock")
UNITS = "/usr/lib/systemd/system"
RULES = "/usr/lib/udev/rules.d"
CHRONY = "/etc/chrony/conf.d/openlis.conf"
REFCLOCK = "/usr/share/openlis/chrony-refclock.conf"
HELPERS = "/usr/libexec/hypervkvpd"
# Debian's daemon asks them for addresses: bash is their interpreter.
STOCK_TOOLS = ("/bin/bash",)


class BadDaemons(Exception):
    pass


def unpacked_package():
    command = [str(paths.ROOT / "scripts" / "fetch-daemons")]
    return pathlib.Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


def program_of(unit, default):
    """The place of the program that a unit starts."""
    for line in unit.read_text().splitlines() if unit.exists() else ():
        if line.startswith("ExecStart="):
            return line.partition("=")[2].split()[0].lstrip("-@:+!")
    return default


class Daemons:
    """programs: {name: (place, file, unit)}; files: {place: file}, units and rules among them."""

    def __init__(self, origin):
        if origin not in ORIGINS:
            raise BadDaemons(f"daemons={origin}: it must be one of {', '.join(ORIGINS)}")
        self.origin = origin
        self.programs = {}
        self.files = {}
        if origin == "ours":
            self.take_ours()
        elif origin == "stock":
            self.take_stock()
        for place, file, _ in self.programs.values():
            if not file.exists():
                raise BadDaemons(f"{file} is not built (make)")
            self.add(place, file)
        for place, file in list(self.files.items()):
            self.add_libraries(file)

    def add(self, place, file):
        self.files[merged(place)] = file

    def add_libraries(self, file):
        for library in initramfs.libraries(str(file)):
            self.files.setdefault(merged(library), pathlib.Path(library))

    def take_ours(self):
        packaging = paths.ROOT / "packaging"
        for name in NAMES:
            unit = packaging / "systemd" / f"hv-{name}.service"
            place = program_of(unit, f"/usr/sbin/hv_{name}")
            self.programs[name] = (place, paths.ROOT / "build" / "daemons" / f"hv_{name}", unit.name)
        for file in sorted((packaging / "systemd").glob("*")):
            if file.suffix in (".service", ".socket", ".path", ".target"):
                self.add(f"{UNITS}/{file.name}", file)
                self.add_program(program_of(file, ""))
        for file in sorted((packaging / "systemd").glob("*.d/*.conf")):
            self.add(f"{UNITS}/{file.parent.name}/{file.name}", file)
        for file in sorted((packaging / "udev").glob("*.rules")):
            self.add(f"{RULES}/{file.name}", file)
        for file in sorted((packaging / "openlis").glob("*.conf")):
            self.add(f"/etc/openlis/{file.name}", file)
        self.add(CHRONY, packaging / "chrony" / "openlis.conf")
        self.add(REFCLOCK, packaging / "chrony" / "refclock.conf")
        lis = paths.ROOT / "build" / "tools" / "lis"
        if lis.exists():
            self.add("/usr/bin/lis", lis)

    def add_program(self, place):
        """Of a unit that is no daemon's: what answers requests, one at a time."""
        file = paths.ROOT / "build" / "daemons" / pathlib.Path(place).name
        if place and file.is_file():
            self.add(place, file)

    def take_stock(self):
        root = unpacked_package()
        for name in NAMES:
            place = f"/usr/sbin/hv_{name}_daemon"
            self.programs[name] = (place, root / place.lstrip("/"), f"hv-{name}-daemon.service")
        for folder in ("lib/systemd/system", "lib/udev/rules.d", HELPERS.lstrip("/")):
            for file in sorted((root / folder).iterdir()):
                self.add(f"/{folder}/{file.name}", file)
        for tool in STOCK_TOOLS:
            self.add(tool, pathlib.Path(tool))

    def table(self):
        """For tests/guest/daemon: NAME ORIGIN PROGRAM BUILD-ID SHA256 UNIT, a line each."""
        for name, (place, file, unit) in self.programs.items():
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            yield f"{name} {self.origin} {place} {elf.build_id(file)} {digest} {unit}\n"

    def guest_files(self, directory):
        """All that the initramfs gets; what is written for it goes to a directory of the caller."""
        table, listing = directory / "daemons", directory / "root-files"
        table.write_text("".join(self.table()))
        listing.write_text("".join(f"{place}\n" for place in self.files))
        return {**self.files, "/openlis/daemons": table, "/openlis/root-files": listing}


def merged(place):
    """A place below /usr: /bin, /sbin and /lib are links there."""
    top = place.split("/")[1]
    return f"/usr{place}" if top in ("bin", "sbin", "lib", "lib64") else place
