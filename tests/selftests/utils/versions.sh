#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The log names the versions that the services agreed on, in the words that tools look for.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
[ -d /sys/module/hv_utils ] || ktap_skip_all "hv_utils is not loaded"

said() { # words of the log
	dmesg | grep -q "hv_utils: $1 IC version [0-9.]*"
}

services="Heartbeat:heartbeat Shutdown:shutdown TimeSync:timesync"
for service in $services; do
	if [ -z "$(hv_devices "$(hv_service_class "${service#*:}")")" ]; then
		ktap_test_skip "${service#*:}" "the host does not offer it"
	else
		ktap_test_result "${service#*:}" hv_wait 20 said "${service%:*}"
	fi
done

ktap_finished
