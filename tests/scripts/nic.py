# SPDX-License-Identifier: GPL-2.0-only
"""The guest's network adapter for scenarios of address injection.

There is no synthetic NIC yet: tests/guest/fake-nic makes a stand-in, with a view of /sys/class/net that gives it a
GUID. The helper script of the stock contract applies what it is told, as a distribution's does, and another tells the
name servers: Debian's daemon brings its own of that. Where systemd runs, the daemon talks to systemd-networkd
instead."""

import contextlib

GUID = "11112222-3333-4444-5555-666677778888"
MAC = "00:15:5d:01:02:03"
NIC = "hvnic0"
HELPERS = "/usr/libexec/hypervkvpd"
# What says how the network is configured; whatever of it exists.
FILES = ("/etc/network /etc/systemd/network /run/systemd/network /etc/netplan /etc/resolv.conf /run/last-ifcfg "
         "/var/lib/hyperv /var/lib/hv_kvp")


def has_systemd(run):
    return run.host.execute(["test", "-d", "/run/systemd/system"])[0] == 0


def helpers(run):
    return ("hv_set_ifconfig", "hv_get_dns_info") if run.daemons == "ours" else ("hv_set_ifconfig",)


def install(run):
    if has_systemd(run):
        # A system with a network manager, and no helper script.
        run.guest("systemctl start systemd-networkd")
    run.guest(f"ip link set lo up; /run/openlis/fake-nic add {NIC} {GUID} {MAC}")
    if not has_systemd(run):
        run.guest(f"mkdir -p {HELPERS}; cd /run/openlis; cp {' '.join(helpers(run))} {HELPERS}/")


def remove(run):
    files = " ".join(f"{HELPERS}/{name}" for name in helpers(run))
    run.guest(f"/run/openlis/fake-nic remove {NIC}; rm -f {files} /etc/resolv.conf")


@contextlib.contextmanager
def installed(run):
    install(run)
    try:
        yield
    finally:
        remove(run)


def show(run):
    return run.guest(f"ip addr show dev {NIC}")


def addresses(run):
    """ADDRESS/PREFIX of both families, link-local ones left out."""
    text = run.guest(f"ip -o addr show dev {NIC}")
    words = [line.split() for line in text.splitlines()]
    found = [row[row.index(word) + 1] for row in words for word in ("inet", "inet6") if word in row]
    return sorted(each for each in found if not each.startswith("fe80:"))


def configuration(run):
    """All that a refused request must leave as it was."""
    routes = run.guest("ip -4 route; ip -6 route")
    files = run.guest(f"find {FILES} -type f -exec sha256sum {{}} + 2>/dev/null | sort -k 2 || true")
    return {"addresses": addresses(run), "routes": routes, "files": files}


def set_ip(run, *words):
    run.host.ctl("ip", "set", "--device", GUID, *words, limit=120)
