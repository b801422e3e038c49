#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The daemons are installed, but the machine has no services for them, or is no Hyper-V guest at all: the system starts
# as if they were not there. (T114)

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
[ -d /run/systemd/system ] || ktap_skip_all "no systemd here"
systemctl cat hv-kvp.service >/dev/null 2>&1 || ktap_skip_all "our units are not installed"
for device in /dev/vmbus/hv_* /dev/ptp_hyperv; do
	[ ! -e "$device" ] || ktap_skip_all "this host has services: $device"
done

property() { # unit, name
	systemctl show -p "$2" --value "$1"
}

is_up() {
	state=$(systemctl is-system-running)
	[ "$state" = running ]
}

# "running" is said when there is no job any more and nothing has failed.
comes_up() {
	hv_wait 90 is_up && return
	echo "the system is $state"
	systemctl list-jobs --no-legend
	systemctl list-units --failed --plain --no-legend
	return 1
}

none_failed() {
	failed=$(systemctl list-units --failed --plain --no-legend)
	[ -z "$failed" ] || { echo "$failed"; return 1; }
}

no_job_waits() {
	waiting=$(systemctl list-jobs --no-legend)
	[ -z "$waiting" ] || { echo "$waiting"; return 1; }
}

# What has never left "inactive" cannot have held anything up.
was_never_started() { # unit
	for name in InactiveExitTimestampMonotonic ConditionTimestampMonotonic; do
		[ "$(property "$1" "$name")" = 0 ] || { echo "$1: $name is $(property "$1" "$name")"; return 1; }
	done
	[ "$(property "$1" ActiveState)" = inactive ] && [ -z "$(property "$1" Job | tr -d 0)" ]
}

# Nothing that the system starts by itself asks for them, or waits for them if they were asked for.
nobody_waits_for() { # unit
	wanted=$(property "$1" WantedBy; property "$1" RequiredBy)
	[ -z "$wanted" ] || { echo "$1 is wanted by $wanted"; return 1; }
}

# Fails as long as the boot is not over.
boot_has_ended() {
	systemd-analyze time
}

units="hv-kvp.service hv-kvp-address.socket hv-vss.service hv-fcopy.service hv-chrony.service"
ktap_set_plan 13
ktap_test_result "the system comes up" comes_up
ktap_test_result "its boot has ended" boot_has_ended
for unit in $units; do
	ktap_test_result "$unit was never started" was_never_started "$unit"
done
for unit in hv-kvp.service hv-vss.service hv-fcopy.service hv-chrony.service; do
	ktap_test_result "nobody waits for $unit" nobody_waits_for "$unit"
done
ktap_test_result "no unit has failed" none_failed
ktap_test_result "no job waits" no_job_waits

ktap_finished
