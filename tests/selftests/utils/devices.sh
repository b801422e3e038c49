#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The services' devices on the bus, each bound to its driver, and what they offer to user space.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

services="heartbeat shutdown timesync kvp vss fcopy"

bound() { # class
	for device in $(hv_devices "$1"); do
		hv_driver_of "$device" >/dev/null || return 1
	done
}

is_misc_device() { # name
	[ -c "/dev/vmbus/hv_$1" ] && [ -d "/sys/class/misc/vmbus!hv_$1" ] &&
		grep -q "DEVNAME=vmbus/hv_$1" "/sys/class/misc/vmbus!hv_$1/uevent"
}

for_root_only() { # name
	case $(stat -c %A "/dev/vmbus/hv_$1") in
	crw-------) return 0 ;;
	*) return 1 ;;
	esac
}

ktap_set_plan 12
for service in $services; do
	class=$(hv_service_class "$service")
	if [ -z "$(hv_devices "$class")" ]; then
		ktap_test_skip "$service: bound" "the host does not offer it"
	else
		ktap_test_result "$service: bound" bound "$class"
	fi
done
for service in kvp vss fcopy; do
	if [ -z "$(hv_devices "$(hv_service_class "$service")")" ]; then
		ktap_test_skip "$service: a char device" "the host does not offer it"
		ktap_test_skip "$service: for root only" "the host does not offer it"
	else
		ktap_test_result "$service: a char device" is_misc_device "$service"
		ktap_test_result "$service: for root only" for_root_only "$service"
	fi
done

ktap_finished
