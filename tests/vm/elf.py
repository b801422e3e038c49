# SPDX-License-Identifier: GPL-2.0-only
"""The build ID of a module: what tells whether the loaded code is that of a file. Not every module has a srcversion."""

import struct

SHT_NOTE = 7
NT_GNU_BUILD_ID = 3


def sections(data):
    """(type, offset, size) of each section of an ELF64 file."""
    offset, = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    for index in range(count):
        kind, = struct.unpack_from("<I", data, offset + index * size + 4)
        place, length = struct.unpack_from("<QQ", data, offset + index * size + 0x18)
        yield kind, place, length


def notes(data):
    """(name, type, content) of each note in a section of notes."""
    at = 0
    while at + 12 <= len(data):
        name_size, size, kind = struct.unpack_from("<III", data, at)
        name_end = at + 12 + name_size
        start = at + 12 + (name_size + 3 & ~3)
        yield data[at + 12:name_end].rstrip(b"\0"), kind, data[start:start + size]
        at = start + (size + 3 & ~3)


def build_id(path):
    """In hexadecimal; "-" where the file has none."""
    data = path.read_bytes()
    for kind, offset, size in sections(data):
        if kind != SHT_NOTE:
            continue
        for name, note, content in notes(data[offset:offset + size]):
            if (name, note) == (b"GNU", NT_GNU_BUILD_ID):
                return content.hex()
    return "-"
