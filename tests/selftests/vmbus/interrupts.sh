#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Interrupts are counted: in /proc/interrupts and for each channel, and disk I/O makes them rise.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

# The sum over all CPUs of the hypervisor callback line.
callback_interrupts() {
	awk '$1 == "HYP:" { for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum + 0 }' /proc/interrupts
}

channel_interrupts() { # controller
	cat "$1"/channels/*/interrupts | awk '{ sum += $1 } END { print sum + 0 }'
}

channel_events() {
	cat "$1"/channels/*/events | awk '{ sum += $1 } END { print sum + 0 }'
}

disk=$(hv_disks | head -n 1)
[ -n "$disk" ] || ktap_skip_all "no synthetic disk"
controller=$(hv_controller_of "$disk")

ktap_set_plan 3
callbacks=$(callback_interrupts)
interrupts=$(channel_interrupts "$controller")
events=$(channel_events "$controller")
echo 3 >/proc/sys/vm/drop_caches
dd if="/dev/$disk" of=/dev/null bs=64k count=32 2>/dev/null
ktap_test_result "HYP of /proc/interrupts rises" test "$(callback_interrupts)" -gt "$callbacks"
ktap_test_result "interrupts of the channel rise" test "$(channel_interrupts "$controller")" -gt "$interrupts"
ktap_test_result "events of the channel rise" test "$(channel_events "$controller")" -gt "$events"

ktap_finished
