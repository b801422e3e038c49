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

# Reads an attribute; its value must match.
attribute_matches() { # device, name, extended regular expression
	if [ ! -r "$1/$2" ]; then
		echo "$1/$2 is not there"
		return 1
	fi
	if ! value=$(cat "$1/$2" 2>&1); then
		echo "$2 of ${1##*/} cannot be read: $value"
		return 1
	fi
	if ! printf '%s\n' "$value" | grep -q -E "$3"; then
		echo "$2 of ${1##*/} is '$value'"
		return 1
	fi
}

identity() {
	attribute_matches "$1" id "$number" &&
		attribute_matches "$1" class_id "$guid" &&
		attribute_matches "$1" device_id "$guid" &&
		attribute_matches "$1" modalias '^vmbus:[0-9a-f]{32}$' &&
		attribute_matches "$1" state "$number" &&
		attribute_matches "$1" vendor '^0x[0-9a-f]+$' &&
		attribute_matches "$1" device '^0x[0-9a-f]+$' || return 1
	# The alias is the class without dashes, the directory is named after the instance.
	if [ "$(cat "$1/modalias")" != "vmbus:$(tr -d '{}-' <"$1/class_id")" ]; then
		echo "modalias of ${1##*/} is not its class"
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
	for side in in out; do
		for name in intr_mask read_index write_index read_bytes_avail write_bytes_avail; do
			attribute_matches "$1" "${side}_$name" "$number" || return 1
		done
	done
}

mapping() {
	attribute_matches "$1" channel_vp_mapping '^[0-9]+:[0-9]+$'
}

# With monitor pages the host fills these in; else they must be hidden or readable.
monitor() {
	for name in monitor_id server_monitor_pending client_monitor_pending server_monitor_latency \
		client_monitor_latency server_monitor_conn_id client_monitor_conn_id; do
		[ ! -e "$1/$name" ] || attribute_matches "$1" "$name" '^-?[0-9]+$' || return 1
	done
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
