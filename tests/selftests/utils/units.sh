#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The daemons' units under systemd: they start with their devices, come back when they die, stop when told, and hold
# nothing up.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus
[ -d /run/systemd/system ] || ktap_skip_all "no systemd here"
systemctl cat hv-kvp.service >/dev/null 2>&1 || ktap_skip_all "our units are not installed"

property() { # unit, name
	systemctl show -p "$2" --value "$1"
}

is_active() { # unit
	[ "$(property "$1" ActiveState)" = active ]
}

comes_back() { # unit
	before=$(property "$1" MainPID)
	kill -KILL "$before"
	hv_wait 30 is_another "$1" "$before"
}

is_another() { # unit, process
	is_active "$1" && [ "$(property "$1" MainPID)" != "$2" ]
}

stops_and_starts() { # unit
	systemctl stop "$1" && ! is_active "$1" && systemctl start "$1" && is_active "$1" &&
		systemctl restart "$1" && is_active "$1"
}

exposure() { # unit: tenths
	systemd-analyze security --no-pager "$1" 2>/dev/null |
		sed -n 's/.*Overall exposure level for [^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p'
}

is_sandboxed() { # unit, what `systemd-analyze security` may find at most, in tenths
	level=$(exposure "$1")
	echo "$1: exposure $level tenths, at most $2"
	[ "$level" -le "$2" ]
}

none_failed() {
	failed=$(systemctl list-units --failed --plain --no-legend "hv-*")
	[ -z "$failed" ] || { echo "$failed"; return 1; }
}

no_job_waits() {
	waiting=$(systemctl list-jobs --no-legend)
	[ -z "$waiting" ] || { echo "$waiting"; return 1; }
}

ktap_set_plan 20
ktap_test_result "no job waits for a device" hv_wait 60 no_job_waits
for service in kvp vss fcopy; do
	unit=hv-$service.service
	ktap_test_result "$unit runs" hv_wait 30 is_active "$unit"
	ktap_test_result "$unit tells when it is ready" test "$(property "$unit" Type)" = notify
	ktap_test_result "$unit stops, starts, restarts" stops_and_starts "$unit"
	ktap_test_result "$unit comes back when it is killed" comes_back "$unit"
done
# What sets addresses writes into /etc and has the programs for it do so; what freezes file systems has CAP_SYS_ADMIN.
for row in kvp:25 fcopy:25 shutdown@test:15 vss:40 kvp-address@test:45 chrony:20; do
	unit=hv-${row%:*}.service
	ktap_test_result "$unit is sandboxed" is_sandboxed "$unit" "${row#*:}"
done
ktap_test_result "no unit of ours has failed" none_failed

ktap_finished
