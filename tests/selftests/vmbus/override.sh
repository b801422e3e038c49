#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# driver_override and new_id: another driver (uio_hv_generic) takes a device, and gives it back.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

uio=uio_hv_generic
uio_dir=$hv_bus/drivers/$uio

modprobe "$uio" 2>/dev/null
[ -d "$uio_dir" ] || ktap_skip_all "no module $uio"
device=$(hv_devices "$hv_class_heartbeat" | head -n 1)
[ -n "$device" ] || ktap_skip_all "no heartbeat device to try it on"
name=${device##*/}
driver=$(hv_driver_of "$device") || ktap_skip_all "the heartbeat device has no driver"

override_is() {
	[ "$(cat "$device/driver_override")" = "$1" ]
}

override_set() {
	echo "$1" >"$device/driver_override" && override_is "$1"
}

override_cleared() {
	echo >"$device/driver_override" && override_is "(null)"
}

let_go() {
	echo "$name" >"$device/driver/unbind" && [ ! -e "$device/driver" ]
}

take() { # driver
	echo "$name" >"$hv_bus/drivers/$1/bind" && [ "$(hv_driver_of "$device")" = "$1" ]
}

refused() { # driver
	if take "$1" 2>/dev/null; then
		echo "$1 took a device that is not for it"
		return 1
	fi
	return 0
}

id_added() {
	echo "$hv_class_heartbeat" >"$uio_dir/new_id"
}

id_removed() {
	echo "$hv_class_heartbeat" >"$uio_dir/remove_id"
}

bad_id_refused() {
	if echo "not-a-guid" 2>/dev/null >"$uio_dir/new_id"; then
		return 1
	fi 2>/dev/null
	return 0
}

restore() {
	override_cleared
	id_removed 2>/dev/null
	[ "$(hv_driver_of "$device")" = "$driver" ] || { let_go; take "$driver"; }
} 2>/dev/null
trap restore EXIT

hv_log_mark
ktap_set_plan 12
ktap_test_result "driver_override takes a name" override_set "$driver"
ktap_test_result "driver_override is cleared by an empty line" override_cleared
ktap_test_result "$driver lets go" let_go
ktap_test_result "$uio does not match by itself" refused "$uio"
ktap_test_result "$uio takes it by new_id" id_added
# A new id makes the bus probe at once. The driver wants a channel with a monitor page, and says so with ENOTSUPP.
if hv_log | grep -q "probe failed for device $name (-524)"; then
	ktap_test_skip "$uio is bound" "it was asked, and wants a monitor page, which this host does not offer"
	ktap_test_skip "$uio lets go" "not bound"
else
	ktap_test_result "$uio is bound" test "$(hv_driver_of "$device")" = "$uio"
	ktap_test_result "$uio lets go" let_go
fi
ktap_test_result "remove_id" id_removed
ktap_test_result "$uio does not match any more" refused "$uio"
ktap_test_result "a wrong id is refused" bad_id_refused
override_set moon
ktap_test_result "an override keeps $driver away" refused "$driver"
override_cleared
ktap_test_result "$driver takes it back" take "$driver"

ktap_finished
