#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Syncing: data is there after fsync, and where the host can be asked, flushes reached it.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_scratch

cache=$(cat "/sys/block/$disk/queue/write_cache")
ktap_print_msg "$disk: $cache"

sync_often() {
	./diskio verify --size 2M --block 64K --sync 4 --seed 11 "/dev/$disk"
}

sync_buffered() {
	./diskio verify --size 2M --block 64K --sync 8 --buffered --seed 12 "/dev/$disk"
}

# Field 16 of the statistics counts flush requests.
flushes() {
	awk '{ print $16 + 0 }' "/sys/block/$disk/stat"
}

ktap_set_plan 3
before=$(flushes)
ktap_test_result "sync after every few direct writes" sync_often
ktap_test_result "sync after every few cached writes" sync_buffered
if [ "$cache" = "write back" ]; then
	ktap_test_result "the disk was told to flush" test "$(flushes)" -gt "$before"
else
	ktap_test_skip "the disk was told to flush" "the disk has no write cache"
fi

ktap_finished
