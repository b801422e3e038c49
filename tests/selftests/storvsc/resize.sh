#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The host grows and shrinks a disk: the new size is seen without a rescan by hand, and data stays.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_host

serial=resize
lun=41
mib=1048576

find_disk() {
	for name in $(hv_disks); do
		if [ "$(hv_serial "$name")" = "$serial" ]; then
			echo "$name"
			return 0
		fi
	done
	return 1
}

is_there() {
	find_disk >/dev/null
}

hv_ctl disk add "ram=16M,controller=0,lun=$lun,serial=$serial" >/dev/null || ktap_exit_fail_msg "the host cannot add a disk"
trap 'hv_ctl disk remove "0:$lun" >/dev/null' EXIT
hv_wait 20 is_there || ktap_exit_fail_msg "the added disk does not appear"
disk=$(find_disk)

# The next command tells the guest of the change: reading is enough, no rescan.
size_is() { # bytes
	dd if="/dev/$disk" of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null ||
		./diskio read --size 4096 --block 4096 "/dev/$disk" >/dev/null 2>&1
	[ "$(hv_disk_bytes "$disk")" -eq "$1" ]
}

resized() { # MiB
	hv_ctl disk resize "0:$lun" "$1M" && hv_wait 30 size_is $(($1 * mib))
}

ktap_set_plan 6
ktap_test_result "data before" ./diskio write --size 8M --seed 61 "/dev/$disk"
ktap_test_result "growing from 16 to 48 MiB is seen" resized 48
ktap_test_result "data survives growing" ./diskio check --size 8M --seed 61 "/dev/$disk"
ktap_test_result "the new part works" ./diskio verify --offset 40M --size 8M --seed 62 "/dev/$disk"
ktap_test_result "shrinking to 8 MiB is seen" resized 8
ktap_test_result "data before the new end survives" ./diskio check --size 8M --seed 61 "/dev/$disk"

ktap_finished
