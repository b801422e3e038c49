#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What is written is read back, in all shapes that a request can have in memory.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_scratch

bytes=$(hv_disk_bytes "$disk")
area=$((bytes < 33554432 ? bytes : 33554432))
sector=$(cat "/sys/block/$disk/queue/logical_block_size")
ktap_print_msg "$disk, $((area >> 20)) MiB"

verify() { # seed, options...: a seed of its own shows what an earlier round left
	seed=$1
	shift
	./diskio verify --size "$area" --seed "$seed" "$@" "/dev/$disk"
}

# The end of the disk, and an area that no block size divides.
verify_end() {
	./diskio verify --offset $((bytes - 1048576 - 4096)) --size $((1048576 + 4096)) --block 64K --seed 90 "/dev/$disk"
}

# Another pattern is found out: the comparison can fail.
wrong_seed_found() {
	./diskio verify --size 1M --seed 91 "/dev/$disk" && ! ./diskio check --size 1M --seed 92 "/dev/$disk" 2>/dev/null
}

seed=1
ktap_test_result "the check can fail" wrong_seed_found
for block in 4K 8K 60K 64K 256K 512K 1M; do
	ktap_test_result "flat, $block" verify "$seed" --block "$block" --depth 8
	seed=$((seed + 1))
done
for block in 16K 64K 256K 1M; do
	ktap_test_result "mixed, $block, random order" verify "$seed" --block "$block" --shape mixed --random --depth 8
	seed=$((seed + 1))
done
if [ "$sector" -eq 512 ]; then
	area=$((area / 8))
	ktap_test_result "flat, 512 bytes" verify "$seed" --block 512 --depth 32
	ktap_test_result "odd, 512 bytes" verify $((seed + 1)) --block 512 --shape odd --depth 32
	area=$((area * 8))
	for block in 4K 64K 1M; do
		ktap_test_result "odd, $block" verify $((seed + 2)) --block "$block" --shape odd
		seed=$((seed + 1))
	done
	for block in 4K 64K 256K; do
		ktap_test_result "sectors, $block" verify $((seed + 5)) --block "$block" --shape sectors
		seed=$((seed + 1))
	done
else
	ktap_test_skip "segments below a page" "sectors of $sector bytes"
fi
ktap_test_result "odd bytes through the page cache" verify 80 --block 64K --shape bytes --buffered
ktap_test_result "the end of the disk" verify_end

ktap_finished
