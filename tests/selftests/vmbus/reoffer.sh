#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The host withdraws a device and offers it again: it goes and comes in sysfs, under a new relid or the old one.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_host

device=$(hv_devices "$hv_class_heartbeat" | head -n 1)
[ -n "$device" ] || ktap_skip_all "no heartbeat device"
driver=$(hv_driver_of "$device") || ktap_skip_all "the heartbeat device has no driver"

is_gone() {
	[ ! -e "$device" ]
}

is_back() {
	[ "$(hv_driver_of "$device")" = "$driver" ]
}

rescinded() {
	hv_ctl rescind heartbeat && hv_wait 20 is_gone
}

offered() {
	hv_ctl offer heartbeat && hv_wait 20 is_back
}

hv_log_mark
ktap_set_plan 7
for round in 1 2 3; do
	ktap_test_result "round $round: the device goes" rescinded
	ktap_test_result "round $round: the device comes back bound" offered
done
trouble=$(hv_log_trouble)
[ -z "$trouble" ] || ktap_print_msg "$trouble"
ktap_test_result "the kernel log is clean" test -z "$trouble"

ktap_finished
