#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Disks are there, bound to hv_storvsc, with sane sizes, limits and timeouts.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

disks=$(hv_disks)
[ -n "$disks" ] || ktap_skip_all "no synthetic disk"
for name in $disks; do
	ktap_print_msg "$name: $(($(hv_disk_bytes "$name") >> 20)) MiB," \
		"sectors of $(cat "/sys/block/$name/queue/logical_block_size")," \
		"serial '$(hv_serial "$name")', controller $(basename "$(hv_controller_of "$name")")"
done

each() { # what, test command with $name
	for name in $disks; do
		if ! eval "$2"; then
			ktap_print_msg "$name"
			ktap_test_fail "$1"
			return
		fi
	done
	ktap_test_pass "$1"
}

# Is a number, at least $2.
at_least() {
	value=$(cat "$1" 2>&1)
	[ "$value" -ge "$2" ] 2>/dev/null || { ktap_print_msg "$1: $value"; false; }
}

sectors() {
	case $(cat "$1/queue/logical_block_size") in
	512 | 4096) return 0 ;;
	*) return 1 ;;
	esac
}

# The driver's default is 180; udev may have made it longer.
timeout_long() {
	at_least "$1/device/timeout" 180
}

ends_readable() { # name: the first and the last block
	bytes=$(hv_disk_bytes "$1")
	dd if="/dev/$1" of=/dev/null bs=4096 count=1 2>/dev/null &&
		dd if="/dev/$1" of=/dev/null bs=4096 skip=$((bytes / 4096 - 1)) count=1 2>/dev/null
}

ktap_set_plan 8
each "every disk is driven by hv_storvsc" '[ "$(hv_driver_of "$(hv_controller_of "$name")")" = hv_storvsc ]'
each "every disk has a size" 'at_least "/sys/block/$name/size" 1'
each "sectors of 512 or 4096 bytes" 'sectors "/sys/block/$name"'
each "transfers of 64 KiB and more" 'at_least "/sys/block/$name/queue/max_hw_sectors_kb" 64'
each "several segments" 'at_least "/sys/block/$name/queue/max_segments" 16'
each "queue depth" 'at_least "/sys/block/$name/device/queue_depth" 2'
each "a timeout of 180 s or more" 'timeout_long "/sys/block/$name"'
each "first and last block can be read" 'ends_readable "$name"'

ktap_finished
