#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Which modules run: path, version and srcversion are reported; loaded is not enough, devices must be bound.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

# "ours" or "stock", as HV_MODULES says; empty if it does not.
expected_origin() { # module
	case ${HV_MODULES-} in
	ours | stock) echo "$HV_MODULES" ;;
	*) echo "${HV_MODULES-}" | tr , '\n' | sed -n -e "s/^${1#hv_}=//p" -e "s/^$1=//p" ;;
	esac
}

# A version is what tells ours from stock: stock modules have none.
origin_of() { # module
	if [ -s "/sys/module/$1/version" ]; then
		echo ours
	else
		echo stock
	fi
}

check_module() { # module
	if [ ! -d "/sys/module/$1" ]; then
		ktap_test_fail "$1 is there"
		return
	fi
	ktap_print_msg "$1: version $(cat "/sys/module/$1/version" 2>/dev/null || echo none)," \
		"srcversion $(cat "/sys/module/$1/srcversion" 2>/dev/null || echo none)," \
		"file $(modinfo -n "$1" 2>/dev/null || echo unknown)"
	wanted=$(expected_origin "$1")
	if [ -z "$wanted" ] || [ "$(origin_of "$1")" = "$wanted" ]; then
		ktap_test_pass "$1 is ${wanted:-$(origin_of "$1")}"
	else
		ktap_test_fail "$1 is $(origin_of "$1"), not $wanted"
	fi
}

controllers_bound() {
	controllers=$(hv_devices "$hv_class_scsi")
	[ -n "$controllers" ] || return 1
	for controller in $controllers; do
		[ "$(hv_driver_of "$controller")" = hv_storvsc ] || return 1
	done
}

alias_names() {
	modprobe -D vmbus 2>/dev/null | grep -q 'hv_vmbus' ||
		grep -q '^alias vmbus hv_vmbus' "/lib/modules/$(uname -r)/modules.alias"
}

check_module hv_vmbus
check_module hv_storvsc
if [ -z "$(hv_devices "$hv_class_scsi")" ]; then
	ktap_test_skip "every SCSI controller is bound" "no SCSI controller on the bus"
else
	ktap_test_result "every SCSI controller is bound" controllers_bound
fi
if [ "$(origin_of hv_vmbus)" = stock ]; then
	ktap_test_skip "the alias vmbus names hv_vmbus" "the stock module has no such alias"
elif [ ! -e "/lib/modules/$(uname -r)" ]; then
	ktap_test_skip "the alias vmbus names hv_vmbus" "this root has no modules for the running kernel"
else
	ktap_test_result "the alias vmbus names hv_vmbus" alias_names
fi
ktap_test_result "max_version can be read" test -r /sys/module/hv_vmbus/parameters/max_version


refuses_nonsense() { # parameter, value that stays
	for value in "" 0 1 601 x -5; do
		if echo "$value" >"$1" 2>/dev/null; then
			echo "'$value' is taken"
			return 1
		fi
	done
	[ "$(cat "$1")" = "$2" ]
}

reply_timeout=/sys/module/hv_vmbus/parameters/reply_timeout
if [ -e "$reply_timeout" ]; then
	ktap_test_result "reply_timeout refuses nonsense" refuses_nonsense "$reply_timeout" "$(cat "$reply_timeout")"
else
	ktap_test_skip "reply_timeout refuses nonsense" "the stock module waits without bound"
fi

ktap_finished
