# SPDX-License-Identifier: GPL-2.0-only
"""The systems of network configuration that hv_kvp can use, as a scenario handles them in a Debian guest: each takes
an interface in hand, with a static address of its own, and lets go of it again; each can be made to fail, and to stand
still in the middle."""

import contextlib

OLD = "192.0.2.5/24"
# What the failing ways refuse; the other end of the cable, "wire" in the namespace PEER, has TAKEN.
REFUSED, TAKEN = "192.0.2.77/24", "2001:db8::77/64"
PEER = "hvpeer"


class Manager:
    """own: the file that hv_kvp writes; folder: of all its files, or several."""

    name = unit = folder = own = mode = ""
    refused = REFUSED

    def __init__(self, run, nic):
        self.run = run
        self.nic = nic
        self.own = self.own.format(nic=nic)

    def write(self, path, text, mode="0644"):
        self.run.guest(f"mkdir -p $(dirname {path}); cat >{path} <<'END'\n{text}END\nchmod {mode} {path}")

    def files(self):
        """Modes, names and sums: equal when nothing has changed."""
        return self.run.guest(f"find {self.folder} -type f | sort | while read -r f; do stat -c '%a %n' $f; "
                              "sha256sum <$f; done")

    def begin(self):
        """Makes it the one that configures the interface."""
        raise NotImplementedError

    def restart(self):
        """As after a boot: from its files alone."""
        self.run.guest(f"ip addr flush dev {self.nic}; systemctl restart {self.unit}")

    def end(self):
        self.run.guest(f"systemctl stop {self.unit}; ip addr flush dev {self.nic}")

    @contextlib.contextmanager
    def stopped(self, unit):
        self.run.guest(f"systemctl kill --signal=STOP {unit}")
        try:
            yield
        finally:
            self.run.guest(f"systemctl kill --signal=CONT {unit}")

    def broken(self):
        """Inside this context an injection of self.refused fails."""
        return self.stopped(self.unit)

    def held(self):
        """Inside this context it stands still before it has applied anything."""
        return self.stopped(self.unit)


NETWORKD = "systemd-networkd.service"
# Or the next event of any interface would start it again.
STOP_NETWORKD = f"systemctl stop systemd-networkd.socket {NETWORKD}"


class Networkd(Manager):
    """Fails by not answering."""

    name, unit, folder = "systemd-networkd", NETWORKD, "/etc/systemd/network"
    own, mode = "/etc/systemd/network/00-hyperv-{nic}.network", "644"

    def begin(self):
        self.write(f"{self.folder}/50-old.network", f"[Match]\nName={self.nic}\n[Network]\nAddress={OLD}\n")
        self.run.guest(f"systemctl restart {self.unit}")

    def end(self):
        self.run.guest(STOP_NETWORKD)
        super().end()
        self.run.guest(f"rm -f {self.own} {self.folder}/50-old.network")


class NetworkManager(Manager):
    """Fails by an address that is in use."""

    name, unit, folder = "NetworkManager", "NetworkManager.service", "/etc/NetworkManager/system-connections"
    own, mode = "/etc/NetworkManager/system-connections/hyperv-{nic}.nmconnection", "600"
    refused = TAKEN

    def begin(self):
        # It leaves cables between namespaces alone unless told otherwise.
        self.write("/etc/NetworkManager/conf.d/stand-in.conf",
                   f"[device-stand-in]\nmatch-device=interface-name:{self.nic}\nmanaged=1\n")
        self.write(f"{self.folder}/old.nmconnection",
                   f"[connection]\nid=old\nuuid=11111111-2222-3333-4444-555555555555\ntype=ethernet\n"
                   f"interface-name={self.nic}\n\n[ipv4]\nmethod=manual\naddress1={OLD}\n\n"
                   "[ipv6]\nmethod=auto\n", "0600")
        self.run.guest(f"systemctl restart {self.unit}")

    def end(self):
        super().end()
        self.run.guest(f"rm -f {self.own} {self.folder}/old.nmconnection")

    def broken(self):
        return contextlib.nullcontext()


class Netplan(Manager):
    """Over networkd. Fails by a file of somebody else that it cannot read."""

    name, unit, folder = "netplan", NETWORKD, "/etc/netplan"
    own, mode = "/etc/netplan/95-hyperv-{nic}.yaml", "600"

    def begin(self):
        self.write(f"{self.folder}/50-old.yaml", f"network:\n  version: 2\n  ethernets:\n    {self.nic}:\n"
                   f"      addresses: [{OLD}]\n      nameservers:\n        addresses: [192.0.2.52]\n", "0600")
        self.run.guest(f"systemctl start {self.unit}; netplan apply")

    def restart(self):
        self.run.guest("rm -f /run/systemd/network/*netplan*; systemctl daemon-reload")
        super().restart()

    def end(self):
        self.run.guest(STOP_NETWORKD)
        super().end()
        self.run.guest(f"rm -f {self.folder}/* /run/systemd/network/*netplan*; systemctl daemon-reload")

    @contextlib.contextmanager
    def broken(self):
        path = f"{self.folder}/60-broken.yaml"
        self.write(path, "network: [\n", "0600")
        try:
            yield
        finally:
            self.run.guest(f"rm -f {path}")


class Ifupdown(Manager):
    """Fails by an address that is in use: nothing else that is wrong outside of its files makes it fail."""

    name, unit, folder = "ifupdown", "networking.service", "/etc/network/interfaces* /etc/resolv.conf"
    own, mode = "/etc/network/interfaces.d/hyperv-{nic}", "644"
    refused = TAKEN

    def begin(self):
        self.write("/etc/network/interfaces.d/old",
                   f"auto {self.nic}\niface {self.nic} inet static\n\taddress {OLD}\n")
        self.run.guest(f"systemctl restart {self.unit}")

    def end(self):
        super().end()
        self.run.guest(f"rm -f {self.own} /etc/network/interfaces.d/old")

    def broken(self):
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def held(self):
        hook = "/etc/network/if-pre-up.d/hold"
        self.write(hook, "#!/bin/sh\nwhile [ -e /run/hold ]; do sleep 0.2; done\n", "0755")
        self.run.guest(": >/run/hold")
        try:
            yield
        finally:
            self.run.guest(f"rm -f /run/hold {hook}")


ALL = (Networkd, NetworkManager, Netplan, Ifupdown)
