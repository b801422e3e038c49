# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# KTAP output for shell tests, with the names that kselftest uses. Works in busybox sh.
#
#	ktap_print_header
#	ktap_set_plan 2
#	ktap_test_pass "name"            or fail, skip "name # SKIP"-less text, xfail
#	ktap_test_result "name" command  passes if the command does
#	ktap_finished                    totals, exit status

export KSFT_PASS=0
export KSFT_FAIL=1
export KSFT_XFAIL=2
export KSFT_XPASS=3
export KSFT_SKIP=4

KTAP_TESTNO=1
KTAP_PLAN=
KTAP_CNT_PASS=0
KTAP_CNT_FAIL=0
KTAP_CNT_XFAIL=0
KTAP_CNT_SKIP=0

ktap_print_header() {
	echo "TAP version 13"
}

ktap_print_msg() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

ktap_set_plan() {
	KTAP_PLAN=$1
	echo "1..$1"
}

ktap_skip_all() {
	echo "1..0 # SKIP $*"
	exit "$KSFT_SKIP"
}

ktap_line() { # "ok" or "not ok", text
	echo "$1 $KTAP_TESTNO $2"
	KTAP_TESTNO=$((KTAP_TESTNO + 1))
}

ktap_test_pass() {
	ktap_line ok "$*"
	KTAP_CNT_PASS=$((KTAP_CNT_PASS + 1))
}

ktap_test_fail() {
	ktap_line "not ok" "$*"
	KTAP_CNT_FAIL=$((KTAP_CNT_FAIL + 1))
}

# Name, reason.
ktap_test_skip() {
	ktap_line ok "$1 # SKIP${2:+ $2}"
	KTAP_CNT_SKIP=$((KTAP_CNT_SKIP + 1))
}

# Name, reason: known to fail, and why.
ktap_test_xfail() {
	ktap_line "not ok" "$1 # XFAIL${2:+ $2}"
	KTAP_CNT_XFAIL=$((KTAP_CNT_XFAIL + 1))
}

# Name, command and arguments. What the command prints becomes diagnostics.
ktap_test_result() {
	ktap_name=$1
	shift
	ktap_output=$("$@" 2>&1)
	ktap_status=$?
	[ -z "$ktap_output" ] || ktap_print_msg "$ktap_output"
	if [ "$ktap_status" -eq 0 ]; then
		ktap_test_pass "$ktap_name"
	else
		ktap_test_fail "$ktap_name"
	fi
}

ktap_print_totals() {
	echo "# Totals: pass:$KTAP_CNT_PASS fail:$KTAP_CNT_FAIL xfail:$KTAP_CNT_XFAIL xpass:0" \
		"skip:$KTAP_CNT_SKIP error:0"
}

ktap_exit_fail_msg() {
	echo "Bail out! $*"
	ktap_print_totals
	exit "$KSFT_FAIL"
}

ktap_finished() {
	ktap_ran=$((KTAP_TESTNO - 1))
	[ -n "$KTAP_PLAN" ] || ktap_set_plan "$ktap_ran"
	ktap_print_totals
	if [ "$KTAP_CNT_FAIL" -gt 0 ] || [ "$ktap_ran" -ne "$KTAP_PLAN" ]; then
		exit "$KSFT_FAIL"
	fi
	[ "$KTAP_CNT_SKIP" -ne "$ktap_ran" ] || exit "$KSFT_SKIP"
	exit "$KSFT_PASS"
}
