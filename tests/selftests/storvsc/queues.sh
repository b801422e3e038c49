#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Channels: as many as CPUs warrant, spread over CPUs, and commands from each CPU are served.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

disk=$(hv_disks | head -n 1)
[ -n "$disk" ] || ktap_skip_all "no synthetic disk"
controller=$(hv_controller_of "$disk")
cpus=$(hv_online_cpus | wc -l)
per_channel=$(cat /sys/module/hv_storvsc/parameters/storvsc_vcpus_per_sub_channel 2>/dev/null || echo 4)
channels=$(basename -a "$controller"/channels/* | wc -l)
ktap_print_msg "$cpus CPUs, $channels channels: $(xargs <"$controller/channel_vp_mapping")"

# One primary channel, and a sub-channel for each so many further CPUs, if the host gives them.
channels_expected() {
	[ "$channels" -eq $((1 + (cpus - 1) / per_channel)) ] || [ "$channels" -eq "$cpus" ]
}

read_on() { # CPU
	taskset -c "$1" dd if="/dev/$disk" of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null ||
		taskset "$(printf '%x' $((1 << $1)))" dd if="/dev/$disk" of=/dev/null bs=64k count=16 2>/dev/null
}

read_everywhere() {
	for cpu in $(hv_online_cpus); do
		read_on "$cpu" || return 1
	done
}

spread() {
	used=$(cat "$controller"/channels/*/cpu | sort -u | wc -l)
	[ "$used" -eq $((channels < cpus ? channels : cpus)) ] || {
		echo "$channels channels on $used CPUs"
		return 1
	}
}

ktap_set_plan 5
if [ "$channels" -eq 1 ] && [ "$cpus" -gt "$per_channel" ]; then
	ktap_test_skip "number of channels" "the host gives one channel only"
else
	ktap_test_result "number of channels" channels_expected
fi
ktap_test_result "channels are spread over CPUs" spread
if command -v taskset >/dev/null; then
	ktap_test_result "reads from every CPU" read_everywhere
else
	ktap_test_skip "reads from every CPU" "no taskset"
fi
ktap_test_result "hardware queues" test -d "/sys/block/$disk/mq/0"
ktap_test_result "parameters can be read" grep -q -E '^[0-9]+$' \
	/sys/module/hv_storvsc/parameters/storvsc_ringbuffer_size \
	/sys/module/hv_storvsc/parameters/storvsc_vcpus_per_sub_channel

ktap_finished
