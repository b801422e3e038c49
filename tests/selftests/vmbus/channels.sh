#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Channel attributes, the channel-to-CPU map, and moving a channel to another CPU.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

# Present for every open channel, whatever the host offers.
attributes="cpu in_mask out_mask read_avail write_avail interrupts events intr_in_full intr_out_empty out_full_first
	out_full_total subchannel_id"

open_channels() {
	for channel in "$hv_bus"/devices/*/channels/*; do
		if [ -e "$channel/cpu" ] && cat "$channel/write_avail" >/dev/null 2>&1; then
			echo "$channel"
		fi
	done
}

channels=$(open_channels)
[ -n "$channels" ] || ktap_exit_fail_msg "no open channel"
ktap_print_msg "$(echo "$channels" | wc -l) open channels"

# One process for each channel: a guest may be slow.
all_readable() {
	for channel in $channels; do
		# shellcheck disable=SC2086 # a list of words
		wrong=$(cd "$channel" && grep -L -E '^[0-9]+$' $attributes 2>&1)
		if [ -n "$wrong" ]; then
			echo "$channel: $wrong"
			return 1
		fi
	done
}

cpus_online() {
	online=$(hv_online_cpus | xargs)
	for channel in $channels; do
		case " $online " in
		*" $(cat "$channel/cpu") "*) ;;
		*) return 1 ;;
		esac
	done
}

# One line "relid:vp" for each channel of the device.
mapping_agrees() {
	for device in $(hv_devices); do
		mapped=$(cut -d : -f 1 "$device/channel_vp_mapping" | sort -n | xargs)
		listed=$(basename -a "$device"/channels/* | sort -n | xargs)
		if [ "$mapped" != "$listed" ]; then
			echo "${device##*/}: channel_vp_mapping has $mapped, channels/ has $listed"
			return 1
		fi
	done
}

# The primary channel has sub-channel index 0, no index comes twice.
indices_unique() {
	for device in $(hv_devices); do
		seen=$(cat "$device"/channels/*/subchannel_id 2>/dev/null | sort -n)
		[ "$(echo "$seen" | uniq -d | wc -l)" -eq 0 ] || return 1
		[ "$(echo "$seen" | head -n 1)" -eq 0 ] || return 1
	done
}

# The first SCSI channel: its disk lets us prove that interrupts arrive after the move.
movable_channel() {
	for device in $(hv_devices "$hv_class_scsi"); do
		for candidate in "$device"/channels/*; do
			[ ! -w "$candidate/cpu" ] || echo "$candidate"
		done
	done | head -n 1
}

disk_of() { # controller directory
	for name in $(hv_disks); do
		if [ "$(hv_controller_of "$name")" = "$(readlink -f "$1")" ]; then
			echo "$name"
			return
		fi
	done
}

read_some() { # block device name
	dd if="/dev/$1" of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null ||
		dd if="/dev/$1" of=/dev/null bs=64k count=16 2>/dev/null
}

move_there_and_back() {
	home=$(cat "$channel/cpu")
	for cpu in $(hv_online_cpus) "$home"; do
		echo "$cpu" >"$channel/cpu" || return 1
		[ "$(cat "$channel/cpu")" -eq "$cpu" ] || return 1
		[ -z "$disk" ] || read_some "$disk" || return 1
	done
}

refuses() { # value
	before=$(cat "$channel/cpu")
	if echo "$1" 2>/dev/null >"$channel/cpu"; then
		echo "cpu took '$1'"
		return 1
	fi 2>/dev/null
	[ "$(cat "$channel/cpu")" = "$before" ]
}

ktap_set_plan 7
ktap_test_result "attributes of open channels" all_readable
ktap_test_result "channels are on online CPUs" cpus_online
ktap_test_result "channel_vp_mapping lists the channels" mapping_agrees
ktap_test_result "sub-channel indices are unique and start at 0" indices_unique

channel=$(movable_channel)
if [ -z "$channel" ]; then
	ktap_test_skip "a channel moves to each CPU and back" "no SCSI channel"
	ktap_test_skip "a CPU that does not exist is refused" "no SCSI channel"
	ktap_test_skip "garbage is refused" "no SCSI channel"
	ktap_finished
fi
disk=$(disk_of "$(dirname "$(dirname "$channel")")")
version=$(hv_bus_version)
if [ -n "$version" ] && ! hv_version_at_least "$version" 4.1; then
	ktap_test_skip "a channel moves to each CPU and back" "VMBus $version cannot move channels"
else
	ktap_test_result "a channel moves to each CPU and back" move_there_and_back
fi
ktap_test_result "a CPU that does not exist is refused" refuses 8191
ktap_test_result "garbage is refused" refuses moon

ktap_finished
