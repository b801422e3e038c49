#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Discard: announced, carried out, and what was next to it stays.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
hv_require_scratch

queue=/sys/block/$disk/queue
[ "$(cat "$queue/discard_max_bytes")" -gt 0 ] || ktap_skip_all "$disk does not announce discard"
command -v blkdiscard >/dev/null || ktap_skip_all "no blkdiscard"

write_all() {
	./diskio write --size 8M --seed 21 "/dev/$disk"
}

discard_middle() {
	blkdiscard -o 2097152 -l 4194304 "/dev/$disk"
}

neighbours_stay() {
	./diskio check --size 2M --seed 21 "/dev/$disk" && ./diskio check --offset 6M --size 2M --seed 21 "/dev/$disk"
}

# A disk may say that discarded blocks read as zeros; ours does, real ones need not.
middle_is_gone() {
	! ./diskio check --offset 2M --size 4M --seed 21 "/dev/$disk" 2>/dev/null
}

rewrite() {
	./diskio verify --offset 2M --size 4M --seed 22 "/dev/$disk"
}

ktap_print_msg "granularity $(cat "$queue/discard_granularity"), at most $(cat "$queue/discard_max_bytes") bytes"
ktap_set_plan 5
ktap_test_result "data is there" write_all
ktap_test_result "discard of an area" discard_middle
ktap_test_result "its neighbours stay" neighbours_stay
ktap_test_result "its data is gone" middle_is_gone
ktap_test_result "it can be written again" rewrite

ktap_finished
