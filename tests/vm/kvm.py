# SPDX-License-Identifier: GPL-2.0-only
"""Can this machine's own KVM play Hyper-V? The device node alone says nothing: ask for the capability."""

import fcntl
import os

KVM_CHECK_EXTENSION = 0xAE03
KVM_CAP_HYPERV_SYNIC2 = 148


def has_hyperv():
    try:
        node = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return fcntl.ioctl(node, KVM_CHECK_EXTENSION, KVM_CAP_HYPERV_SYNIC2) > 0
    except OSError:
        return False
    finally:
        os.close(node)
