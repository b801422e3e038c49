#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The negotiated version is in the log, in the form that tools look for, and is one we know.

cd "$(dirname "$0")" || exit 1
. ../kselftest/ktap_helpers.sh
. ../kselftest/hv_helpers.sh

ktap_print_header
hv_require_bus

# Long after boot the line may be gone.
log_is_complete() {
	dmesg | grep -q 'Linux version'
}

log_is_complete || ktap_skip_all "the kernel log no longer reaches back to the boot"

version=$(hv_bus_version)
ktap_print_msg "Vmbus version:$version"
ktap_set_plan 4

ktap_test_result "the log has 'Vmbus version:X.Y'" test -n "$version"

case $version in
0.13 | 1.1 | 2.4 | 3.0 | 4.0 | 4.1 | 5.0 | 5.1 | 5.2 | 5.3 | 6.0) ktap_test_pass "the version is a known one" ;;
*) ktap_test_fail "the version is a known one" ;;
esac

# The kernel's own line about the hypervisor comes from elsewhere.
if dmesg | grep 'Vmbus version:' | grep -q 'hv_vmbus'; then
	ktap_test_pass "the line names hv_vmbus"
else
	ktap_test_fail "the line names hv_vmbus"
fi

if [ -z "${HV_VMBUS_VERSION-}" ]; then
	ktap_test_skip "the version is the expected one" "HV_VMBUS_VERSION is not set"
else
	ktap_test_result "the version is $HV_VMBUS_VERSION" test "$version" = "$HV_VMBUS_VERSION"
fi

ktap_finished
