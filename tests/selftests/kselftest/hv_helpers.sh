# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the tests for Hyper-V devices share. Works in busybox sh and on a Debian system.
#
# Environment, all optional:
#	HV_CTL          command that talks to the test host's control socket (hvctl); without it, tests that need the
#	                host to act are skipped, so that the suite also runs on a real Hyper-V
#	HV_TIME_SCALE   how much slower than a quiet machine this one is
#	HV_SCRATCH      disks whose contents may be destroyed ("/dev/sdb /dev/sdc")
#	HV_VMBUS_VERSION  the version that must have been negotiated
#	HV_MODULES      the module set under test: "ours", "stock" or "vmbus=ours,storvsc=stock"

hv_bus=/sys/bus/vmbus

# The scripts that source this use them.
# shellcheck disable=SC2034
{
hv_class_scsi=ba6163d9-04a1-4d29-b605-72e2ffb1dc7f
hv_class_heartbeat=57164f39-9115-4e78-ab55-382f3bd5422d
hv_class_shutdown=0e0b6031-5213-4934-818b-38d90ced39db
}

# The class of an integration service, by the name that the host program gives it.
hv_service_class() {
	case $1 in
	heartbeat) echo "$hv_class_heartbeat" ;;
	shutdown) echo "$hv_class_shutdown" ;;
	timesync) echo 9527e630-d0ae-497b-adce-e80ab0175caf ;;
	kvp) echo a9a0f4e7-5a45-4d96-b827-8a841e8c03e6 ;;
	vss) echo 35fa2e29-ea23-4236-96ae-3a6ebacba440 ;;
	fcopy) echo 34d14be3-dee4-41c8-9ae7-6b174977c192 ;;
	esac
}

# Every test needs root and the bus.
hv_require_bus() {
	[ "$(id -u)" -eq 0 ] || ktap_skip_all "must run as root"
	[ -d "$hv_bus/devices" ] || ktap_skip_all "no VMBus here"
}

# For tests in which the host has to act.
hv_require_host() {
	[ -n "${HV_CTL-}" ] || ktap_skip_all "no control channel to the host (HV_CTL)"
	hv_ctl status >/dev/null 2>&1 || ktap_skip_all "the host's control channel does not answer"
}

hv_ctl() {
	# shellcheck disable=SC2086 # a command with arguments, perhaps
	$HV_CTL "$@"
}

# Seconds on a quiet machine: seconds here.
hv_scaled() {
	awk -v seconds="$1" -v scale="${HV_TIME_SCALE:-1}" 'BEGIN { printf "%d\n", seconds * scale + 0.999 }'
}

# Seconds (scaled), command: runs it until it succeeds. Fails when the time is over.
hv_wait() {
	hv_tries=$(($(hv_scaled "$1") * 10))
	shift
	until "$@"; do
		hv_tries=$((hv_tries - 1))
		[ "$hv_tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# A guest under an emulated CPU starts few processes a second: what follows uses the shell's own means.

hv_class_of() { # device directory: sets hv_class, without braces
	hv_class=
	read -r hv_class 2>/dev/null <"$1/class_id" || return 1
	hv_class=${hv_class#\{}
	hv_class=${hv_class%\}}
} 2>/dev/null

# Devices of a class (default: all), as directories.
hv_devices() {
	for hv_device in "$hv_bus"/devices/*; do
		if hv_class_of "$hv_device" && [ "${1:-$hv_class}" = "$hv_class" ]; then
			echo "$hv_device"
		fi
	done
}

hv_driver_of() { # device directory
	hv_driver=$(readlink "$1/driver") || return 1
	echo "${hv_driver##*/}"
}

# The bus device above a block device name ("sda"), if it is a SCSI controller of the bus.
hv_controller_of() {
	hv_path=$(readlink -f "/sys/block/$1/device") || return 1
	while [ -n "$hv_path" ]; do
		if hv_class_of "$hv_path"; then
			[ "$hv_class" = "$hv_class_scsi" ] || return 1
			echo "$hv_path"
			return 0
		fi
		hv_path=${hv_path%/*}
	done
	return 1
}

# Names of all synthetic disks ("sda").
hv_disks() {
	for hv_block in /sys/block/sd*; do
		[ -e "$hv_block" ] || continue
		if hv_controller_of "${hv_block##*/}" >/dev/null; then
			echo "${hv_block##*/}"
		fi
	done
}

# The serial number of a disk, as its VPD page 0x80 says.
hv_serial() {
	dd if="/sys/block/$1/device/vpd_pg80" bs=1 skip=4 2>/dev/null | tr -d '\0 '
}

# Disks that may be overwritten: those of HV_SCRATCH, or those whose serial number says so.
hv_scratch_disks() {
	if [ -n "${HV_SCRATCH-}" ]; then
		for hv_name in $HV_SCRATCH; do
			echo "${hv_name##*/}"
		done
		return
	fi
	for hv_name in $(hv_disks); do
		case $(hv_serial "$hv_name") in
		scratch*) echo "$hv_name" ;;
		esac
	done
}

# Sets $disk to the first scratch disk, or skips the test.
hv_require_scratch() {
	disk=$(hv_scratch_disks | head -n 1)
	[ -n "$disk" ] || ktap_skip_all "no disk that may be overwritten (serial number scratch*, or HV_SCRATCH)"
}

hv_disk_bytes() {
	read -r hv_sectors <"/sys/block/$1/size" && echo $((hv_sectors * 512))
}

# The kernel log since boot, or since hv_log_mark.
hv_log() {
	dmesg | tail -n "+$((${hv_log_lines:-0} + 1))"
}

hv_log_mark() {
	hv_log_lines=$(dmesg | wc -l)
}

hv_log_trouble() {
	hv_log | grep -E '\bBUG\b|WARNING:|Oops|Call Trace|general protection|soft lockup|hung task|blocked for more than|refcount_t|list_(add|del) corruption|KFENCE|UBSAN'
}

# One for each "online" CPU.
hv_online_cpus() {
	tr , '\n' </sys/devices/system/cpu/online | while IFS=- read -r hv_first hv_last; do
		seq "$hv_first" "${hv_last:-$hv_first}"
	done
}

# The version that the bus driver logged, "5.3".
hv_bus_version() {
	dmesg | sed -n 's/.*Vmbus version:\([0-9.]*\).*/\1/p' | tail -n 1
}

# Is version $1 at least $2?
hv_version_at_least() {
	awk -v a="$1" -v b="$2" 'BEGIN { split(a, x, "."); split(b, y, "."); exit !(x[1] * 1000 + x[2] >= y[1] * 1000 + y[2]) }'
}
