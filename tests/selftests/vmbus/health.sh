#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel is content: no taint beyond unsigned and out-of-tree modules, no warning in the log, sane slabs.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

# Bits 12 and 13: out-of-tree and unsigned modules.
tainted() {
	taint=$(($(cat /proc/sys/kernel/tainted) & ~((1 << 12) | (1 << 13))))
	[ "$taint" -eq 0 ] || echo "taint $taint"
	[ "$taint" -eq 0 ]
}

log_clean() {
	trouble=$(hv_log_trouble)
	[ -z "$trouble" ] || echo "$trouble"
	[ -z "$trouble" ]
}

# Errors that the drivers themselves logged.
drivers_content() {
	# What uio_hv_generic says in override.sh is no trouble.
	trouble=$(dmesg -r 2>/dev/null | grep -E '^<[0-3]>' | grep -E 'hv_vmbus|hv_storvsc' |
		grep -v 'probe failed for device .* (-524)')
	[ -z "$trouble" ] || echo "$trouble"
	[ -z "$trouble" ]
}

ktap_set_plan 3
ktap_test_result "no taint beyond out-of-tree and unsigned modules" tainted
ktap_test_result "no warning in the kernel log" log_clean
ktap_test_result "no error from bus or disk driver" drivers_content

ktap_finished
