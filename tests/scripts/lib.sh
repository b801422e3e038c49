# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For scripts on the host's side. hvctl is in PATH, HVCTL_SOCKET and HV_TIME_SCALE are set; exit status 0 passes, 1
# fails, 4 skips ("SKIP: why" on a line of its own).

guest() {
	hvctl exec -- "$@"
}

fail() {
	echo "FAIL: $*"
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit 4
}

scaled() { # seconds on a quiet machine: seconds here
	awk -v seconds="$1" -v scale="${HV_TIME_SCALE:-1}" 'BEGIN { printf "%d\n", seconds * scale + 0.999 }'
}

# A number from hvctl's JSON: the value of the last key of that name in what VERB answers.
number() { # VERB KEY
	hvctl --json "$1" | grep -o "\"$2\":[ ]*[0-9]*" | tail -n 1 | grep -o '[0-9]*$'
}

# Name of the disk with that serial number, once it is there with that size; or waits until it is "gone".
wait_disk() { # serial, bytes or gone
	guest /run/openlis/wait-disk "$1" "$2" "$(scaled 30)" || fail "disk $1 does not become $2"
}

# Runs on in the guest after its shell has gone; output in /tmp/NAME.log, exit status in /tmp/NAME.rc
guest_background() { # NAME COMMAND-LINE
	guest sh -c "(setsid sh -c '$2' >/tmp/$1.log 2>&1 </dev/null; echo \$? >/tmp/$1.rc) >/dev/null 2>&1 &" ||
		fail "cannot start $1 in the guest"
}

# Waits for a background command of the guest; prints its exit status.
guest_wait() { # NAME SECONDS
	guest sh -c "tries=$(($(scaled "$2") * 5)); until [ -e /tmp/$1.rc ]; do tries=\$((tries - 1));
		[ \$tries -gt 0 ] || exit 1; sleep 0.2; done; cat /tmp/$1.rc"
}
