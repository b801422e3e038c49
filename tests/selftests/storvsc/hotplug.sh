#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The host adds and removes disks: they come and go without a rescan by hand, and carry data meanwhile.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_host

with_serial() { # serial: name of the disk
	for name in $(hv_disks); do
		if [ "$(hv_serial "$name")" = "$1" ]; then
			echo "$name"
			return 0
		fi
	done
	return 1
}

is_there() {
	with_serial "$1" >/dev/null
}

is_gone() {
	! is_there "$1"
}

lun=40

add() { # serial, size
	hv_ctl disk add "ram=$2,controller=0,lun=$lun,serial=$1"
}

works() { # serial
	./diskio verify --size 4M --seed 31 "/dev/$(with_serial "$1")"
}

size_is() { # serial, bytes
	[ "$(hv_disk_bytes "$(with_serial "$1")")" -eq "$2" ]
}

remove() {
	hv_ctl disk remove "0:$lun"
}

count=$(hv_disks | wc -l)
hv_log_mark
ktap_set_plan 12
for round in 1 2; do
	serial=hot$round
	ktap_test_result "round $round: the host adds a disk" add "$serial" 16M
	ktap_test_result "round $round: it appears by itself" hv_wait 20 is_there "$serial"
	ktap_test_result "round $round: it has its size and works" eval 'size_is "$serial" 16777216 && works "$serial"'
	ktap_test_result "round $round: the host removes it" remove
	ktap_test_result "round $round: it disappears by itself" hv_wait 20 is_gone "$serial"
done
ktap_test_result "as many disks as before" test "$(hv_disks | wc -l)" -eq "$count"
trouble=$(hv_log_trouble)
[ -z "$trouble" ] || ktap_print_msg "$trouble"
ktap_test_result "the kernel log is clean" test -z "$trouble"

ktap_finished
