# SPDX-License-Identifier: GPL-2.0-only
"""Messages about addresses as the host sends them, with anything in any field: the lists of KVP 4.0 in UTF-16, the
arrays of KVP 5.0. protocol/kvp_ip.h has the layouts; here is no check of what is put in."""

import socket
import struct

GET, SET = 4, 5
IPV4, IPV6, BOTH = 1, 2, 3
MESSAGE_SIZE = 7428


def utf16(text, units):
    """A field of that many units, with zeros behind. Surrogates may stand alone; bytes are taken as they are."""
    data = text if isinstance(text, bytes) else text.encode("utf-16-le", "surrogatepass")
    if len(data) > 2 * units:
        raise ValueError(f"{len(data) // 2} units do not fit {units}")
    return data.ljust(2 * units, b"\0")


def text_message(adapter, op=SET, families=IPV4, dhcp=0, **lists):
    """KVP 4.0. lists: addresses, subnets, gateways, dns."""
    body = struct.pack("BB", op, 1) + utf16(adapter, 128) + struct.pack("BB", families, dhcp)
    for name, units in (("addresses", 1024), ("subnets", 1024), ("gateways", 512), ("dns", 1024)):
        body += utf16(lists.pop(name, ""), units)
    if lists:
        raise ValueError(f"no lists {sorted(lists)}")
    return body


def packed(texts, family, room):
    """An array of addresses; a mask is one, too."""
    size = 4 if family == socket.AF_INET else 16
    return b"".join(socket.inet_pton(family, text) for text in texts).ljust(room * size, b"\0")


def counts_of(counts, arrays):
    """Six numbers: the lengths of the arrays where nothing else is said."""
    names = ("ipv4", "ipv6", "ipv4_gateways", "ipv6_gateways", "ipv4_dns", "ipv6_dns")
    return [counts.get(name, len(arrays.get(name, ()))) for name in names]


def binary_message(adapter, op=SET, families=IPV4, dhcp=0, counts=None, origins=(), **arrays):
    """KVP 5.0. arrays: ipv4, ipv6, ipv4_masks, ipv6_prefixes (numbers), ipv4_gateways, ...; counts: {array: lie}."""
    prefixes = list(arrays.get("ipv6_prefixes", ()))
    body = struct.pack("<BBH6I", op, 1, 0, *counts_of(counts or {}, arrays))
    body += utf16(adapter, 128) + struct.pack("<BBH", families, dhcp, 0)
    for name, room in (("ipv4", 64), ("ipv6", 64), ("ipv4_masks", 64)):
        body += packed(arrays.get(name, ()), family_of(name), room)
    body += struct.pack("<64I", *prefixes, *[0] * (64 - len(prefixes)))
    for name, room in (("ipv4_gateways", 5), ("ipv6_gateways", 5), ("ipv4_dns", 64), ("ipv6_dns", 64)):
        body += packed(arrays.get(name, ()), family_of(name), room)
    body += struct.pack("<128H", *origins, *[0] * (128 - len(origins)))
    return body.ljust(MESSAGE_SIZE, b"\0")


def family_of(name):
    return socket.AF_INET6 if name.startswith("ipv6") else socket.AF_INET


def send(run, body, limit=90):
    """The status that the guest answers with."""
    return int(run.host.ctl("kvp", "raw", body.hex(), limit=limit)["status"], 16)
