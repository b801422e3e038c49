#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Device attributes: each one that the stock bus has is there, can be read, and makes sense.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

guid='^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$'
number='^[0-9]+$'

# Attributes of a device whose value must match. One process for all of them: a guest may be slow.
match() { # device, extended regular expression, names...
	match_device=$1
	match_pattern=$2
	shift 2
	for match_name in "$@"; do
		set -- "$@" "$match_device/$match_name"
		shift
	done
	match_wrong=$(grep -L -s -E "$match_pattern" "$@")
	match_missing=$(ls "$@" 2>&1 >/dev/null)
	[ -z "$match_wrong$match_missing" ] || echo "not as expected: $match_wrong $match_missing"
	[ -z "$match_wrong$match_missing" ]
}

# The class as the alias spells it: its bytes as they are on the wire.
wire_class() { # device
	sed -E 's/[{}]//g; s/^(..)(..)(..)(..)-(..)(..)-(..)(..)-(....)-/\4\3\2\1\6\5\8\7\9/' "$1/class_id"
}

identity() {
	match "$1" "$guid" class_id device_id &&
		match "$1" "$number" id state &&
		match "$1" '^vmbus:[0-9a-f]{32}$' modalias &&
		match "$1" '^0x[0-9a-f]+$' vendor device || return 1
	# The alias is the class, the directory is named after the instance.
	if [ "$(cat "$1/modalias")" != "vmbus:$(wire_class "$1")" ]; then
		echo "modalias of ${1##*/} is $(cat "$1/modalias"), its class $(wire_class "$1")"
		return 1
	fi
	if [ "$(tr -d '{}' <"$1/device_id")" != "${1##*/}" ]; then
		echo "device_id of ${1##*/} is not its name"
		return 1
	fi
}

is_open() { # device: has its driver opened the channel?
	cat "$1/out_read_index" >/dev/null 2>&1
}

# Ring attributes of a closed channel answer with an error, and that is fine.
rings() {
	is_open "$1" || return 0
	match "$1" "$number" in_intr_mask in_read_index in_write_index in_read_bytes_avail in_write_bytes_avail \
		out_intr_mask out_read_index out_write_index out_read_bytes_avail out_write_bytes_avail
}

mapping() {
	match "$1" '^[0-9]+:[0-9]+$' channel_vp_mapping
}

# With monitor pages the host fills these in; else they must be hidden or readable.
monitor() {
	wrong=$(cd "$1" && grep -L -s -E '^-?[0-9]+$' monitor_id server_monitor_* client_monitor_*)
	[ -z "$wrong" ] || echo "${1##*/}: $wrong"
	[ -z "$wrong" ]
}

override() {
	[ -e "$1/driver_override" ] && [ -w "$1/driver_override" ]
}

uevent() {
	grep -q "^MODALIAS=$(cat "$1/modalias")$" "$1/uevent"
}

devices=$(hv_devices)
[ -n "$devices" ] || ktap_exit_fail_msg "no device on the bus"

each() { # what, function
	for device in $devices; do
		if ! output=$("$2" "$device" 2>&1); then
			ktap_print_msg "${output:-${device##*/}}"
			ktap_test_fail "$1"
			return
		fi
	done
	ktap_test_pass "$1 ($(echo "$devices" | wc -l) devices)"
}

ktap_set_plan 7
each "identity of devices" identity
each "ring attributes of open devices" rings
each "channel_vp_mapping" mapping
each "monitor attributes" monitor
each "driver_override can be written" override
each "MODALIAS in uevent" uevent
ktap_test_result "bus attribute hibernation" grep -q -E '^[01]$' "$hv_bus/hibernation"

ktap_finished
