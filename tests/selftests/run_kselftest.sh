#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs installed selftests, with the options of the kernel's run_kselftest.sh. Works in busybox sh.

usage() {
	cat <<END
usage: run_kselftest.sh [OPTIONS]
  -s, --summary             one line for each test; everything else goes to output.log
  -p, --per-test-log DIR    each test's output into a file of its own below DIR
  -t, --test COLL:TEST      run this test (repeatable)
  -S, --skip COLL:TEST      do not run this test (repeatable)
  -c, --collection COLL     run all tests of this collection (repeatable)
  -l, --list                list the tests
  -d, --dry-run             say what would run
  -o, --override-timeout N  seconds for each test, instead of its settings file
  -f, --no-error-on-fail    exit 0 even if a test failed
  -h, --help
END
	exit "$1"
}

base=$(cd "$(dirname "$0")" && pwd)
list=$base/kselftest-list.txt
summary='' logs='' wanted='' skipped='' dry='' override='' no_error=''

need_value() {
	[ $# -ge 2 ] || usage 2 >&2
}

while [ $# -gt 0 ]; do
	case $1 in
	-s | --summary) summary=$PWD/output.log; : >"$summary" ;;
	-p | --per-test-log) need_value "$@"; logs=$2; shift; mkdir -p "$logs" ;;
	-t | --test) need_value "$@"; wanted="$wanted $2"; shift ;;
	-c | --collection) need_value "$@"; wanted="$wanted $2:*"; shift ;;
	-S | --skip) need_value "$@"; skipped="$skipped $2"; shift ;;
	-o | --override-timeout) need_value "$@"; override=$2; shift ;;
	-l | --list) cat "$list"; exit 0 ;;
	-d | --dry-run) dry=1 ;;
	-f | --no-error-on-fail) no_error=1 ;;
	-h | --help) usage 0 ;;
	*) usage 2 >&2 ;;
	esac
	shift
done

matches() { # test, patterns
	candidate=$1
	shift
	for pattern in "$@"; do
		# shellcheck disable=SC2254 # a pattern on purpose
		case $candidate in
		$pattern) return 0 ;;
		esac
	done
	return 1
}

select_tests() {
	set -f
	while read -r test; do
		# shellcheck disable=SC2086 # lists of words
		if [ -z "$wanted" ] || matches "$test" $wanted; then
			matches "$test" $skipped || echo "$test"
		fi
	done <"$list"
	set +f
}

tests=$(select_tests)
if [ -z "$tests" ]; then
	echo "run_kselftest.sh: no such test (see -l)" >&2
	exit 2
fi

time_limit() { # collection: seconds, 0 for none
	limit=45
	if [ -r "$base/$1/settings" ]; then
		limit=$(sed -n 's/^timeout=//p' "$base/$1/settings")
	fi
	limit=${override:-${limit:-45}}
	awk -v limit="$limit" -v scale="${HV_TIME_SCALE:-1}" 'BEGIN { printf "%d\n", limit * scale }'
}

# At a time, a signal for all that a program has started. Its own output is not the test's: that has to end.
guard() { # seconds, signal, process group
	# shellcheck disable=SC2016 # for the shell that waits; once it begins, it is through with it
	setsid sh -c 'sleep "$1" && trap "" TERM && kill "-$2" "-$3"' - "$@" >/dev/null 2>&1 3>&- 4>&- &
}

unguard() { # of guard(); its status is 0 if it has done its work
	kill -TERM "$1" "-$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# 124 at the limit, as timeout(1) has it. That one, of busybox, ends the program alone: children of a test that hangs
# would keep the runner waiting for the end of their output.
run_limited() { # seconds, program
	if [ "$1" -eq 0 ] || ! command -v setsid >/dev/null; then
		"$2"
		return
	fi
	setsid "$2" &
	program=$!
	guard "$1" TERM "$program"
	polite=$!
	guard $(($1 + 10)) KILL "$program"
	strict=$!
	wait "$program" 2>/dev/null
	ended=$?
	unguard "$strict"
	if unguard "$polite"; then
		kill -KILL "-$program" 2>/dev/null
		ended=124
	fi
	return "$ended"
}

run_test() { # collection, file: its output as diagnostics, its status as the result
	limit=$(time_limit "$1")
	(
		cd "$base/$1" || exit 1
		# Our status goes past the pipe's last command.
		exec 3>&1
		status=$( { { run_limited "$limit" "./$2" 2>&1; echo $? >&4; } | sed 's/^/# /' >&3; } 4>&1)
		exit "$status"
	)
}

say() {
	echo "$1"
	[ -z "$summary" ] || echo "$1" >>"$summary"
}

# shellcheck disable=SC2086 # a list of words
set -- $tests
pass=0 fail=0 xfail=0 xpass=0 skip=0 number=0
say "TAP version 13"
say "1..$#"
for test in "$@"; do
	collection=${test%%:*}
	file=${test#*:}
	number=$((number + 1))
	name="selftests: $collection: $file"
	if [ -n "$dry" ]; then
		say "ok $number $name # SKIP dry run"
		skip=$((skip + 1))
		continue
	fi
	# Marks the kernel log, so that trouble can be told apart by test.
	[ ! -w /dev/kmsg ] || echo "kselftest: $name" >/dev/kmsg
	if [ -n "$logs" ]; then
		run_test "$collection" "$file" >"$logs/$collection:$file.log" 2>&1
	elif [ -n "$summary" ]; then
		run_test "$collection" "$file" >>"$summary" 2>&1
	else
		echo "# $name"
		run_test "$collection" "$file"
	fi
	status=$?
	case $status in
	0) say "ok $number $name"; pass=$((pass + 1)) ;;
	2) say "not ok $number $name # XFAIL"; xfail=$((xfail + 1)) ;;
	3) say "not ok $number $name # XPASS"; xpass=$((xpass + 1)); fail=$((fail + 1)) ;;
	4) say "ok $number $name # SKIP"; skip=$((skip + 1)) ;;
	124) say "not ok $number $name # TIMEOUT $limit seconds"; fail=$((fail + 1)) ;;
	*) say "not ok $number $name # exit=$status"; fail=$((fail + 1)) ;;
	esac
done
say "# Totals: pass:$pass fail:$((fail - xpass)) xfail:$xfail xpass:$xpass skip:$skip error:0"
[ "$fail" -eq 0 ] || [ -n "$no_error" ] || exit 1
