#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# While a daemon has a service's device, nobody else gets it; there is one daemon for each.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

holders() { # device: process ids
	for link in /proc/[0-9]*/fd/*; do
		[ "$(readlink "$link" 2>/dev/null)" = "$1" ] || continue
		process=${link#/proc/}
		echo "${process%%/*}"
	done | sort -u
}

busy() { # device
	# shellcheck disable=SC2094 # opened both ways on purpose
	! (: <>"$1") 2>/dev/null
}

ktap_set_plan 6
for service in kvp vss fcopy; do
	device=/dev/vmbus/hv_$service
	count=$(holders "$device" | wc -l)
	if [ ! -c "$device" ] || [ "$count" -eq 0 ]; then
		ktap_test_skip "$service: one daemon" "none has it"
		ktap_test_skip "$service: busy for others" "none has it"
	else
		ktap_test_result "$service: one daemon" test "$count" -eq 1
		ktap_test_result "$service: busy for others" busy "$device"
	fi
done

ktap_finished
