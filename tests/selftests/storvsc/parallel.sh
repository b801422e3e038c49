#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Many requests from many processes at once, on every scratch disk.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_scratch

jobs=4
disks=$(hv_scratch_disks)

# MiB, options. Each job has an area of its own, so that every byte can be judged.
run_jobs() {
	area=$(($1 << 20))
	shift
	pids=
	for name in $disks; do
		job=0
		while [ "$job" -lt "$jobs" ]; do
			./diskio verify --offset $((job * area)) --size "$area" --seed $((100 + job)) "$@" "/dev/$name" &
			pids="$pids $!"
			job=$((job + 1))
		done
	done
	failed=0
	for pid in $pids; do
		wait "$pid" || failed=$((failed + 1))
	done
	[ "$failed" -eq 0 ]
}

ktap_print_msg "$jobs jobs on each of: $(echo "$disks" | xargs)"
hv_log_mark
ktap_set_plan 5
ktap_test_result "4 KiB, 64 in flight each" run_jobs 1 --block 4K --depth 64 --random
ktap_test_result "64 KiB, 32 in flight each, any shape" run_jobs 2 --block 64K --depth 32 --shape mixed
ktap_test_result "1 MiB, 8 in flight each" run_jobs 4 --block 1M --depth 8
ktap_test_result "4 MiB requests, split by the kernel" run_jobs 8 --block 4M --depth 2
trouble=$(hv_log_trouble)
[ -z "$trouble" ] || ktap_print_msg "$trouble"
ktap_test_result "the kernel log is clean" test -z "$trouble"

ktap_finished
