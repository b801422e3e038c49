#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What our hv_utils tells of each service: the folder service/ of its device.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

folder_of() { # service: sets folder
	device=$(hv_devices "$(hv_service_class "$1")" | head -n 1)
	folder=$device/service
	[ -n "$device" ] && [ -d "$folder" ]
}

folder_of heartbeat || ktap_skip_all "this hv_utils has no folder service/"

is_number() { # file
	grep -q -x -E '[0-9]+' "$1"
}

word() { # file, extended regular expression
	grep -q -x -E "$2" "$folder/$1" || { echo "$1 is $(cat "$folder/$1")"; return 1; }
}

agreed() {
	word state ready && word framework '[1-9][0-9]*\.[0-9]+' && word message '[1-9][0-9]*\.[0-9]+'
}

counts() {
	is_number "$folder/received" && is_number "$folder/answered" &&
		[ "$(cat "$folder/answered")" -le "$(cat "$folder/received")" ]
}

services="heartbeat shutdown timesync"
ktap_set_plan 13
for service in $services kvp vss fcopy; do
	if ! folder_of "$service"; then
		ktap_test_skip "$service: its name" "the host does not offer it"
		ktap_test_skip "$service: counters" "the host does not offer it"
		continue
	fi
	ktap_test_result "$service: its name" word name "$service"
	ktap_test_result "$service: counters" counts
done
agreed_all() {
	for service in $services; do
		folder_of "$service" && hv_wait 20 agreed || return 1
	done
}
ktap_test_result "services without a daemon agree on versions" agreed_all

ktap_finished
