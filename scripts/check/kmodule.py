# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel module file says: the symbols it exports with CRC and licence, the CRCs it expects, its modinfo."""

import collections
import lzma
import pathlib
import struct

Export = collections.namedtuple("Export", "crc gpl")
Section = collections.namedtuple("Section", "name data link")

SHT_NOBITS = 8
SHN_ABS = 0xFFF1
VERSION_ENTRY = 64  # struct modversion_info: unsigned long crc, then the name
CRC, KSYMTAB = "__crc_", "__ksymtab_"


class BadModule(Exception):
    pass


def read(path):
    data = pathlib.Path(path).read_bytes()
    return lzma.decompress(data) if pathlib.Path(path).suffix == ".xz" else data


def text_at(table, offset):
    return table[offset:table.index(b"\0", offset)].decode()


class Module:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.data = read(path)
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise BadModule(f"{path} is not a little-endian 64-bit ELF file")
        self.sections = self.read_sections()

    def read_sections(self):
        offset, = struct.unpack_from("<Q", self.data, 0x28)
        size, count, names_index = struct.unpack_from("<HHH", self.data, 0x3A)
        raw = [struct.unpack_from("<IIQQQQIIQQ", self.data, offset + index * size) for index in range(count)]
        names = self.data[raw[names_index][4]:]
        return [Section(text_at(names, name), b"" if kind == SHT_NOBITS else self.data[at:at + length], link)
                for name, kind, _, _, at, length, link, _, _, _ in raw]

    def section(self, name):
        return next((section.data for section in self.sections if section.name == name), b"")

    def symbols(self):
        """(name, section index, value) of every symbol."""
        table = next((section for section in self.sections if section.name == ".symtab"), None)
        if table is None:
            raise BadModule(f"{self.path} has no symbol table")
        names = self.sections[table.link].data
        for name, _, _, index, value, _ in struct.iter_unpack("<IBBHQQ", table.data):
            yield text_at(names, name), index, value

    def exports(self):
        crcs, gpl = {}, {}
        for name, index, value in self.symbols():
            if name.startswith(CRC):
                # 5.10 keeps the CRC as the symbol's value, 6.1 in a table that the symbol points into.
                crcs[name[len(CRC):]] = value & 0xFFFFFFFF if index == SHN_ABS else \
                    struct.unpack_from("<I", self.sections[index].data, value)[0]
            elif name.startswith(KSYMTAB) and 0 < index < len(self.sections):
                gpl[name[len(KSYMTAB):]] = "_gpl" in self.sections[index].name
        return {name: Export(crcs.get(name), is_gpl) for name, is_gpl in gpl.items()}

    def imports(self):
        """{symbol: the CRC this module expects of it}"""
        table = self.section("__versions")
        return {text_at(table, at + 8): struct.unpack_from("<Q", table, at)[0] & 0xFFFFFFFF
                for at in range(0, len(table) - VERSION_ENTRY + 1, VERSION_ENTRY)}

    def undefined(self):
        return {name for name, index, _ in self.symbols() if index == 0 and name}

    def info(self, key):
        for entry in self.section(".modinfo").split(b"\0"):
            name, _, value = entry.decode(errors="replace").partition("=")
            if name == key:
                return value
        return None


def symvers(path):
    """{symbol: (crc, module, is GPL only)} of a Module.symvers file."""
    table = {}
    for line in pathlib.Path(path).read_text().splitlines():
        crc, name, module, kind = line.split("\t")[:4]
        table[name] = int(crc, 16), module, "GPL" in kind
    return table
