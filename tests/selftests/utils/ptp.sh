#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The host's time as a PTP clock named "hyperv": readable, near the system's clock, not to be set.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
[ -n "$(hv_devices "$(hv_service_class timesync)")" ] || ktap_skip_all "the host offers no time service"

find_clock() { # sets ptp
	for clock in /sys/class/ptp/ptp*; do
		if [ "$(cat "$clock/clock_name" 2>/dev/null)" = hyperv ]; then
			ptp=${clock##*/}
			return 0
		fi
	done
	return 1
}

# Stale samples make it unreadable: a host sends one every few seconds.
reads() {
	clocks=$(./clocks "/dev/$ptp" 2>&1)
}

value() { # name of a clock
	echo "$clocks" | sed -n "s/^$1 //p"
}

# A host may have jumped since the system's clock was set; not by more than a day.
is_sane() {
	echo "$clocks"
	days=$((($(value ptp) - $(value realtime)) / 86400000000000))
	[ "${days#-}" -le 1 ]
}

goes_on() {
	reads && first=$(value ptp) && sleep 1 && reads && second=$(value ptp) &&
		[ $((second - first)) -gt 900000000 ]
}

ktap_set_plan 6
ktap_test_result "a clock named hyperv" hv_wait 20 find_clock
find_clock || ktap_exit_fail_msg "no clock to look at"
ktap_test_result "it can be read" hv_wait 30 reads
reads
ktap_test_result "it is near the system's clock" is_sane
ktap_test_result "it goes on" goes_on
ktap_test_result "it cannot be set" eval '! ./clocks --settable "/dev/$ptp" 2>/dev/null'
if [ -d /run/udev ]; then
	ktap_test_result "/dev/ptp_hyperv" test "$(readlink -f /dev/ptp_hyperv)" = "/dev/$ptp"
else
	ktap_test_skip "/dev/ptp_hyperv" "no udev here"
fi

ktap_finished
