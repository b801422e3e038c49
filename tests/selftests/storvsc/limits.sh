#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Limits that user space may change: queue depth, transfer size, and many small and few large requests under them.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_scratch

depth_file=/sys/block/$disk/device/queue_depth
size_file=/sys/block/$disk/queue/max_sectors_kb
depth=$(cat "$depth_file")
size=$(cat "$size_file")

restore() {
	echo "$depth" >"$depth_file"
	echo "$size" >"$size_file"
}
trap restore EXIT

with_depth() { # depth
	echo "$1" >"$depth_file" || return 1
	[ "$(cat "$depth_file")" -eq "$1" ] || return 1
	./diskio verify --size 512K --block 4K --depth 64 --seed "4$1" "/dev/$disk"
}

with_size() { # KiB
	echo "$1" >"$size_file" || return 1
	./diskio verify --size 4M --block 1M --depth 4 --shape mixed --seed "5$1" "/dev/$disk"
}

ktap_set_plan 4
ktap_test_result "one command at a time" with_depth 1
ktap_test_result "three commands at a time" with_depth 3
ktap_test_result "transfers of 64 KiB" with_size 64
ktap_test_result "transfers as large as the host allows" with_size "$(cat "/sys/block/$disk/queue/max_hw_sectors_kb")"

ktap_finished
