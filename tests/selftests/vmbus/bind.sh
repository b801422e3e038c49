#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Unbind and bind: a driver lets go of its device, closes the channel, and takes it again.
#
# Devices: the heartbeat service, and SCSI controllers none of whose disks is in use.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

in_use() { # block device name
	grep -q -E "^/dev/$1[0-9]* " /proc/mounts /proc/swaps && return 0
	for holder in "/sys/block/$1"/holders/* "/sys/block/$1/$1"*/holders/*; do
		[ ! -e "$holder" ] || return 0
	done
	# The root may hide behind another name.
	[ "$(stat -c %d / 2>/dev/null)" = "$(stat -c %t:%T "/dev/$1" 2>/dev/null)" ]
}

controller_in_use() {
	for name in $(hv_disks); do
		if [ "$(hv_controller_of "$name")" = "$(readlink -f "$1")" ] && in_use "$name"; then
			return 0
		fi
	done
	return 1
}

candidates() {
	hv_devices "$hv_class_heartbeat"
	for controller in $(hv_devices "$hv_class_scsi"); do
		controller_in_use "$controller" || echo "$controller"
	done
}

is_bound() { # device, driver
	[ "$(hv_driver_of "$1")" = "$2" ]
}

is_unbound() {
	[ ! -e "$1/driver" ]
}

cycle() { # device, driver
	name=${1##*/}
	for round in 1 2 3; do
		echo "$name" >"$hv_bus/drivers/$2/unbind" || return 1
		is_unbound "$1" || return 1
		echo "$name" >"$hv_bus/drivers/$2/bind" || return 1
		hv_wait 30 is_bound "$1" "$2" || return 1
		echo "round $round: unbound and bound"
	done
}

# A controller's disks come back.
disks_of() {
	for name in $(hv_disks); do
		[ "$(hv_controller_of "$name")" != "$(readlink -f "$1")" ] || echo "$name"
	done | wc -l
}

same_disks() { # device, number
	[ "$(disks_of "$1")" -eq "$2" ]
}

hv_log_mark
tested=0
for device in $(candidates); do
	driver=$(hv_driver_of "$device") || continue
	disks=$(disks_of "$device")
	ktap_test_result "$driver leaves and takes ${device##*/}" cycle "$device" "$driver"
	ktap_test_result "${device##*/} has its $disks disks again" hv_wait 30 same_disks "$device" "$disks"
	tested=$((tested + 1))
done
[ "$tested" -gt 0 ] || ktap_skip_all "no bound device that is not in use"
trouble=$(hv_log_trouble)
[ -z "$trouble" ] || ktap_print_msg "$trouble"
ktap_test_result "the kernel log is clean" test -z "$trouble"

ktap_finished
