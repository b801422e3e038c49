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
sector=$(cat "/sys/block/$disk/queue/logical_block_size")
# So much is written in each round; a guest under an emulated CPU moves some 20 MiB/s.
area=$((${HV_AREA_MIB:-4} << 20))
small=$((area / 8))
ktap_print_msg "$disk, rounds of $((area >> 20)) MiB and $((small >> 10)) KiB"

# Size, options. A seed of its own for each round shows what an earlier one left.
seed=1
verify() {
	size=$1
	shift
	./diskio verify --size "$size" --seed "$seed" "$@" "/dev/$disk"
}

round() { # name, size, options...
	seed=$((seed + 1))
	name=$1
	shift
	ktap_test_result "$name" verify "$@"
}

# The end of the disk, and an area that no block size divides.
verify_end() {
	./diskio verify --offset $((bytes - 1048576 - 4096)) --size $((1048576 + 4096)) --block 64K --seed 90 "/dev/$disk"
}

# Another pattern is found out: the comparison can fail.
wrong_seed_found() {
	./diskio verify --size 1M --seed 91 "/dev/$disk" && ! ./diskio check --size 1M --seed 92 "/dev/$disk" 2>/dev/null
}

ktap_test_result "the check can fail" wrong_seed_found
round "flat, 4K" "$small" --block 4K
round "flat, 12K" "$small" --block 12K
for block in 60K 64K 256K 512K 1M; do
	round "flat, $block" "$area" --block "$block" --depth 8
done
for block in 16K 64K 256K 1M; do
	round "mixed, $block, random order" "$area" --block "$block" --shape mixed --random --depth 8
done
if [ "$sector" -eq 512 ]; then
	round "flat, 512 bytes" $((small / 4)) --block 512 --depth 32
	round "odd, 512 bytes" $((small / 4)) --block 512 --shape odd --depth 32
	round "odd, 4K" "$small" --block 4K --shape odd
	round "odd, 64K" "$area" --block 64K --shape odd
	round "odd, 1M" "$area" --block 1M --shape odd
	round "sectors, 4K" "$small" --block 4K --shape sectors
	round "sectors, 64K" "$small" --block 64K --shape sectors
	round "sectors, 256K" "$area" --block 256K --shape sectors
else
	ktap_test_skip "segments below a page" "sectors of $sector bytes"
fi
round "odd bytes through the page cache" "$small" --block 64K --shape bytes --buffered
ktap_test_result "the end of the disk" verify_end

ktap_finished
