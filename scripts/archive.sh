# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # here and cache: see below
#
# Packages from the Debian archives that apt is configured with, through a private apt state below the cache: no file
# of the system changes. To be sourced; $here and $cache are the caller's, and so is die().

# An old release is frozen: its Valid-Until date passes although nothing is wrong with it.
private_apt() { # program, arguments
	program=$1
	shift
	"$program" -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none \
		-o Debug::NoLocking=true "$@"
}

prepare_apt() { # name of the state, suites
	apt=$cache/apt/$1
	shift
	mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
	: >"$apt/status"
	"$here/apt-sources" "$@" >"$apt/sources.list"
	private_apt apt-get update >"$apt/log" 2>&1 || { cat "$apt/log" >&2; die "cannot read the archive's index"; }
}
