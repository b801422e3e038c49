// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemons/kvp/helper/apply.h"
#include "daemons/kvp/helper/transaction.h"
#include "tests/daemons/kvp_system.h"
#include "tests/unit/unit.h"

/* What fails, is cut off or comes too late, and the way back. */

static void failing_program_rolls_back(void **state)
{
	(void)state;
	have_networkd(LOG "test -e $root/twice && exit 0\ntouch $root/twice; exit 4");
	assert_int_equal(set_static(), -EPROTO);
	assert_non_null(strstr(why.text, "networkctl exited with status 4"));
	assert_null(kvp_read_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network"));
}

/* Two that are slow share the time there is, so that there is some left for the way back. */
static void slow_programs_share_the_time(void **state)
{
	(void)state;
	transaction_limits.programs = 700;
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	kvp_program(&kvp, "/usr/sbin/netplan",
		    LOG "test -e $root/twice && exit 0; test $1 = set || touch $root/twice\nexec sleep 0.5");
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_non_null(strstr(why.text, "/usr/sbin/netplan did not end within"));
	assert_file("/log", "netplan set ethernets.eth0=null\nnetplan apply\nnetplan apply\n");
	assert_null(kvp_read_file(&kvp, "/etc/netplan/95-hyperv-eth0.yaml"));
}

static void missing_addresses_roll_back(void **state)
{
	(void)state;
	have_networkd(LOG);
	kvp_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network", "before\n");
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_string_equal(why.text, "eth0 did not get the address 192.0.2.5/24");
	assert_file("/etc/systemd/network/00-hyperv-eth0.network", "before\n");
	assert_file("/log", "networkctl reload\nnetworkctl reload\n");
}

static void old_addresses_have_to_go(void **state)
{
	(void)state;
	have_networkd(LOG APPLY);
	kvp_file(&kvp, "/old", "");
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_string_equal(why.text, "eth0 still has the address 198.51.100.9/24");
	have_networkd(LOG APPLY "rm -f $root/old");
	assert_int_equal(set_static(), 0);
	/* One that came meanwhile is of somebody else. */
	have_networkd(LOG APPLY "touch $root/old");
	assert_int_equal(set_static(), 0);
}

/* As who keeps a virtual address does: the back end removes it, it is back at once. */
static void address_that_comes_back_is_of_somebody_else(void **state)
{
	(void)state;
	have_networkd(LOG APPLY "touch $root/again");
	kvp_file(&kvp, "/old", "");
	assert_int_equal(set_static(), 0);
}

/* But not when it comes back because the back end was told so by somebody's file. */
static void old_address_in_a_file_fails(void **state)
{
	(void)state;
	kvp_file(&kvp, "/old", "");
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	kvp_file(&kvp, "/run/systemd/network/10-netplan-eth0.network",
		 "[Network]\nAddress=198.51.100.99/24\nAddress=198.51.100.9/24\n");
	kvp_program(&kvp, "/usr/sbin/netplan", APPLY "touch $root/again");
	assert_int_equal(set_static(), -EEXIST);
	assert_string_equal(why.text,
			    "netplan still gives eth0 the address 198.51.100.9/24");
	kvp_file(&kvp, "/run/systemd/network/10-netplan-eth0.network",
		 "[Network]\n#Address=198.51.100.9/24\nDNS=198.51.100.9\nAddress=198.51.100.99\n");
	unlink_file("/again");
	unlink_file("/applied");
	assert_int_equal(set_static(), 0);
}

/* A manager that sets all, drops it, and sets it anew has done it when it holds. */
static void what_does_not_hold_is_not_done(void **state)
{
	const char *file = "/etc/systemd/network/00-hyperv-eth0.network";

	(void)state;
	transaction_limits.read_back = 1500;
	transaction_limits.hold = 250;
	have_networkd(LOG APPLY);
	flap = 2;
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_null(kvp_read_file(&kvp, file));
	unlink_file("/applied");
	/* There, gone, there again for longer than it has to hold. */
	flap = 5;
	looks = 3;
	assert_int_equal(set_static(), 0);
	assert_true(looks >= 7);
	assert_non_null(kvp_read_file(&kvp, file));
}

static void address_of_another_machine_fails(void **state)
{
	(void)state;
	have_networkd(LOG APPLY "touch $root/tentative");
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_string_equal(why.text, "eth0 did not get the address 192.0.2.5/24");
	/* Without a carrier that is not to be found out. */
	kvp_file(&kvp, "/loose", "");
	assert_int_equal(set_static(), 0);
}

static void netplan_that_cannot_forget_fails(void **state)
{
	(void)state;
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	kvp_program(&kvp, "/usr/sbin/netplan", "test $1 = set && exit 1\n" APPLY);
	assert_int_equal(set_static(), -EPROTO);
	assert_null(kvp_read_file(&kvp, "/etc/netplan/95-hyperv-eth0.yaml"));
}

static void ifupdown_comes_back(void **state)
{
	(void)state;
	have_ifupdown(LOG "grep -q 192.0.2.5 $root/etc/network/interfaces.d/* && exit 1\nexit 0");
	assert_int_equal(set_static(), -EPROTO);
	assert_file("/etc/network/interfaces", interfaces);
	assert_file("/etc/network/interfaces.d/lan", "iface eth0 inet6 auto\n");
	assert_null(kvp_read_file(&kvp, "/etc/network/interfaces.d/hyperv-eth0"));
	assert_file("/log", "ifdown --force eth0\nifup eth0\nifdown --force eth0\nifup eth0\n");
}

static void changed_files_of_netplan_come_back(void **state)
{
	(void)state;
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	kvp_program(&kvp, "/usr/sbin/netplan",
		    "test $1 = set && echo new >$root/etc/netplan/50-cloud-init.yaml");
	assert_int_equal(set_static(), -EPROTO);
	assert_file("/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	assert_null(kvp_read_file(&kvp, "/etc/netplan/95-hyperv-eth0.yaml"));
	assert_non_null(strstr(why.text, "and the old configuration is not back"));
}

static void owners_come_back(void **state)
{
	(void)state;
	have_ifupdown("grep -q 192.0.2.5 $root/etc/network/interfaces.d/* && exec chown 0:0 "
		      "$root/etc/network/interfaces $root/etc/network/interfaces.d/lan\nexit 0");
	if (!change_rights("/etc/network/interfaces"))
		return;
	change_rights("/etc/network/interfaces.d/lan");
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_file("/etc/network/interfaces", interfaces);
	assert_rights_changed("/etc/network/interfaces");
	assert_rights_changed("/etc/network/interfaces.d/lan");
}

static ino_t inode_of(const char *path)
{
	struct stat status;
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(stat(full, &status), 0);
	return status.st_ino;
}

static void untouched_files_are_left_alone(void **state)
{
	const char *file = "/etc/netplan/60-other.yaml";
	ino_t inode;

	(void)state;
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	kvp_file(&kvp, file, "other\n");
	inode = inode_of(file);
	kvp_program(&kvp, "/usr/sbin/netplan",
		    "test $1 = set && echo new >$root/etc/netplan/50-cloud-init.yaml");
	assert_int_equal(set_static(), -EPROTO);
	assert_file("/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	assert_int_equal(inode_of(file), inode);
}

#define OLD_UUID	"11111111-2222-3333-4444-555555555555"
#define OWN_UUID	"68797065-7276-4b76-8070-00155d010203"
#define OWN_FILE	"/etc/NetworkManager/system-connections/hyperv-eth0.nmconnection"

/* @device: its state; NULL: the manager has said nothing of it yet. */
static void have_manager(const char *device, const char *script)
{
	if (device)
		kvp_file(&kvp, "/run/NetworkManager/devices/2", device);
	kvp_file(&kvp, "/etc/NetworkManager/system-connections/x", "");
	kvp_file(&kvp, "/etc/systemd/system/multi-user.target.wants/NetworkManager.service", "");
	kvp_program(&kvp, "/usr/bin/nmcli", script);
}

/* What was run when nothing came of an injection, behind what begins it. */
static const char *run_in_vain(const char *device)
{
	const char *begin = "nmcli --wait 8 connection up uuid " OWN_UUID " ifname eth0\n", *log;

	have_manager(device, LOG);
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_null(strstr(why.text, "not back"));
	log = strstr(kvp_read_file(&kvp, "/log"), begin);
	assert_non_null(log);
	unlink_file("/log");
	return log + strlen(begin);
}

/* It is not asked to choose a connection: it could take another one, or make one. */
static void manager_goes_back_to_what_was_active(void **state)
{
	(void)state;
	assert_string_equal(run_in_vain("[device]\nmanaged=true\nconnection-uuid=" OLD_UUID "\n"),
			    "nmcli connection reload\n"
			    "nmcli --wait 4 connection up uuid " OLD_UUID " ifname eth0\n");
	kvp_file(&kvp, OWN_FILE, "before\n");
	assert_string_equal(run_in_vain("[device]\nmanaged=true\nconnection-uuid=" OWN_UUID "\n"),
			    "nmcli connection reload\n"
			    "nmcli --wait 4 connection up uuid " OWN_UUID " ifname eth0\n");
	assert_file(OWN_FILE, "before\n");
	/* Nothing yet: it goes on with what it would activate by itself. */
	assert_string_equal(run_in_vain("[device]\nmanaged=true\n"),
			    "nmcli --wait 5 device disconnect eth0\nnmcli connection reload\n"
			    "nmcli device set eth0 autoconnect yes\n");
	/* Not known. */
	assert_string_equal(run_in_vain("[device]\nconnection-uuid=--help\n"),
			    "nmcli connection reload\nnmcli --wait 5 device reapply eth0\n");
}

static void manager_of_the_boot_chooses_itself(void **state)
{
	(void)state;
	assert_string_equal(run_in_vain(NULL),
			    "nmcli connection reload\nnmcli --wait 5 device reapply eth0\n");
}

static void manager_that_cannot_go_back_is_told(void **state)
{
	(void)state;
	have_manager("[device]\nconnection-uuid=" OLD_UUID "\n",
		     "case $* in *" OLD_UUID "*) exit 10;; esac");
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_non_null(strstr(why.text, "; and the old configuration is not back: "));
	assert_non_null(strstr(why.text, "/usr/bin/nmcli exited with status 10"));
}

/* A helper that was killed as soon as it had something done. */
static void leave_a_record(const char *device)
{
	int status;
	pid_t pid;

	have_manager(device, "kill -KILL $PPID; exit");
	pid = fork();
	if (!pid)
		_exit(set_static() ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_non_null(kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback"));
}

/* What was active is in the record: what is now, is the connection that is taken back. */
static void killed_manager_goes_back_to_what_was_active(void **state)
{
	(void)state;
	leave_a_record("[device]\nconnection-uuid=" OLD_UUID "\n");
	assert_non_null(kvp_read_file(&kvp, OWN_FILE));
	have_manager("[device]\nconnection-uuid=" OWN_UUID "\n", LOG);
	assert_int_equal(apply_recover(&why), 0);
	assert_null(kvp_read_file(&kvp, OWN_FILE));
	assert_file("/log", "nmcli connection reload\n"
		    "nmcli --wait 4 connection up uuid " OLD_UUID " ifname eth0\n");
}

/* Killed after it was disconnected or before: it activates by itself again. */
static void killed_manager_goes_on_by_itself(void **state)
{
	(void)state;
	leave_a_record("[device]\nmanaged=true\n");
	/* That it cannot be told so is no failure. */
	have_manager("[device]\nconnection-uuid=" OWN_UUID "\n", LOG "test $2 != set");
	assert_int_equal(apply_recover(&why), 0);
	assert_file("/log", "nmcli --wait 5 device disconnect eth0\nnmcli connection reload\n"
		    "nmcli device set eth0 autoconnect yes\n");
}

/* SIGKILL between the new files and the end: the next helper takes it back, programs and all. */
static void killed_helper_is_taken_back(void **state)
{
	struct err taken = { "" };
	int status;
	pid_t pid;

	(void)state;
	have_networkd("kill -KILL $PPID");
	kvp_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network", "before\n");
	pid = fork();
	if (!pid)
		_exit(set_static() ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_non_null(strstr(kvp_read_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network"),
			       "192.0.2.5"));
	have_networkd(LOG);
	assert_int_equal(apply_recover(&taken), 0);
	assert_non_null(strstr(taken.text, "eth0: a change that was interrupted"));
	assert_file("/etc/systemd/network/00-hyperv-eth0.network", "before\n");
	assert_file("/log", "networkctl reload\n");
	assert_null(kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback"));
	assert_int_equal(apply_recover(&taken), 0);
	assert_file("/log", "networkctl reload\n");
}

static void have_hidden_rest(const char *text)
{
	kvp_file(&kvp, "/etc/systemd/network/.00-hyperv-eth0.network.hv_kvp", text);
	kvp_file(&kvp, "/var/lib/hv_kvp/.rollback.hv_kvp", text);
}

static void assert_no_hidden_rest(void)
{
	assert_null(kvp_read_file(&kvp, "/etc/systemd/network/.00-hyperv-eth0.network.hv_kvp"));
	assert_null(kvp_read_file(&kvp, "/var/lib/hv_kvp/.rollback.hv_kvp"));
}

/* Killed while it wrote a file: the new one has not got its name yet. */
static void half_files_are_removed(void **state)
{
	const char *file = "/etc/systemd/network/00-hyperv-eth0.network";
	int status;
	pid_t pid;

	(void)state;
	have_networkd("kill -KILL $PPID");
	pid = fork();
	if (!pid)
		_exit(set_static() ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	have_hidden_rest("half");
	have_networkd(LOG APPLY);
	assert_int_equal(apply_recover(&why), 0);
	assert_null(kvp_read_file(&kvp, file));
	assert_no_hidden_rest();
	/* Without a record, too; and what is in the way of a new one goes. */
	have_hidden_rest("a text that is longer than what will be written there, and more than that");
	assert_int_equal(set_static(), 0);
	assert_no_hidden_rest();
	assert_non_null(strstr(kvp_read_file(&kvp, file), "DNS=192.0.2.3\n"));
}

/* A new request meets what an old one left behind: files that were not there go away again. */
static void next_request_takes_back_first(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	have_ifupdown("kill -KILL $PPID");
	pid = fork();
	if (!pid)
		_exit(set_static() ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_non_null(kvp_read_file(&kvp, "/etc/network/interfaces.d/hyperv-eth0"));
	have_networkd("exit 1");
	kvp_program(&kvp, "/sbin/ifup", LOG);
	unlink_file("/etc/network/interfaces.d/lan");
	assert_int_equal(set_static(), -EPROTO);
	assert_file("/etc/network/interfaces", interfaces);
	assert_file("/etc/network/interfaces.d/lan", "iface eth0 inet6 auto\n");
	assert_null(kvp_read_file(&kvp, "/etc/network/interfaces.d/hyperv-eth0"));
	assert_int_equal(strncmp(kvp_read_file(&kvp, "/log"), "ifdown --force eth0\n", 20), 0);
}

/* The connection of before is gone: no reason to refuse addresses that take its place. */
static void next_request_goes_on_with_the_files_back(void **state)
{
	(void)state;
	leave_a_record("[device]\nconnection-uuid=" OLD_UUID "\n");
	have_manager("[device]\nmanaged=true\n", "case $* in *" OLD_UUID "*) exit 10;; esac\n" APPLY);
	assert_int_equal(set_static(), 0);
	assert_null(kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback"));
	assert_non_null(strstr(kvp_read_file(&kvp, OWN_FILE), "192.0.2.5"));
}

/* But while a file is not back, the record is needed. */
static void next_request_waits_for_the_files(void **state)
{
	char path[256];

	(void)state;
	leave_a_record("[device]\nconnection-uuid=" OLD_UUID "\n");
	snprintf(path, sizeof(path), "%s" OWN_FILE, root);
	unlink_file(OWN_FILE);
	assert_int_equal(mkdir(path, 0755), 0);
	have_manager("[device]\nmanaged=true\n", APPLY);
	assert_true(set_static() < 0);
	assert_non_null(kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback"));
}

static void nothing_is_begun_without_a_record(void **state)
{
	(void)state;
	have_networkd(LOG APPLY);
	kvp_file(&kvp, "/var/lib/hv_kvp", "a file in its place\n");
	assert_int_equal(set_static(), -ENOTDIR);
	assert_null(kvp_read_file(&kvp, "/log"));
	assert_null(kvp_read_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network"));
}

static void strange_records_are_removed(void **state)
{
	(void)state;
	have_networkd(LOG APPLY);
	kvp_file(&kvp, "/var/lib/hv_kvp/rollback", "HVKVPRB1 and no more");
	assert_int_equal(apply_recover(&why), -EBADMSG);
	assert_int_equal(set_static(), 0);
}

/* The helper that was killed may be the one before an upgrade, whose records had no owners. */
static void records_of_the_first_version_are_read(void **state)
{
	struct {
		char magic[8], backend[24], interface[16];
		uint32_t count;
		char path[4096];
		uint32_t was_there, mode, length;
		char text[7];
	} __attribute__((packed)) record = {
		.magic = { 'H', 'V', 'K', 'V', 'P', 'R', 'B', '1' }, .backend = "systemd-networkd",
		.interface = "eth0", .count = 1, .was_there = 1, .mode = 0640, .length = 7,
		.text = { 'b', 'e', 'f', 'o', 'r', 'e', '\n' },
	};
	const char *file = "/etc/systemd/network/00-hyperv-eth0.network";
	char path[256];
	FILE *out;
	bool given;

	(void)state;
	have_networkd(LOG);
	kvp_file(&kvp, file, "ours\n");
	given = change_rights(file);
	snprintf(record.path, sizeof(record.path), "%s%s", root, file);
	kvp_file(&kvp, "/var/lib/hv_kvp/rollback", "");
	snprintf(path, sizeof(path), "%s/var/lib/hv_kvp/rollback", root);
	out = fopen(path, "we");
	assert_int_equal(fwrite(&record, sizeof(record), 1, out), 1);
	fclose(out);
	assert_int_equal(apply_recover(&why), 0);
	assert_file(file, "before\n");
	if (given)
		assert_rights_changed(file);
	assert_file("/log", "networkctl reload\n");
	assert_null(kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback"));
}

static void nothing_is_begun_for_nobody(void **state)
{
	int ends[2];

	(void)state;
	have_networkd(LOG APPLY);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	client = ends[0];
	close(ends[1]);
	assert_int_equal(set_static(), -ECANCELED);
	assert_null(kvp_read_file(&kvp, "/log"));
	assert_null(kvp_read_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network"));
	close(client);
	client = -1;
}

/* The host hears of a failure from the next daemon, or from the driver: so it is to be one. */
static void what_nobody_waits_for_is_taken_back(void **state)
{
	const char *file = "/etc/systemd/network/00-hyperv-eth0.network";
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	client = ends[0];
	/* Only a child has the other end, until the program says that all is applied. */
	if (!fork()) {
		while (!kvp_read_file(&kvp, "/begun"))
			usleep(1000);
		close(ends[1]);
		kvp_file(&kvp, "/closed", "");
		_exit(0);
	}
	close(ends[1]);
	have_networkd(LOG APPLY "touch $root/begun\nuntil test -e $root/closed; do sleep 0.01; done");
	kvp_file(&kvp, file, "before\n");
	assert_int_equal(set_static(), -ECANCELED);
	assert_string_equal(why.text, "nobody waits for it any more: it is taken back");
	assert_file(file, "before\n");
	assert_file("/log", "networkctl reload\nnetworkctl reload\n");
	assert_null(kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback"));
	wait(NULL);
	close(client);
	client = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(failing_program_rolls_back),
		CASE(slow_programs_share_the_time),
		CASE(missing_addresses_roll_back),
		CASE(old_addresses_have_to_go),
		CASE(address_that_comes_back_is_of_somebody_else),
		CASE(old_address_in_a_file_fails),
		CASE(what_does_not_hold_is_not_done),
		CASE(address_of_another_machine_fails),
		CASE(netplan_that_cannot_forget_fails),
		CASE(ifupdown_comes_back),
		CASE(changed_files_of_netplan_come_back),
		CASE(owners_come_back),
		CASE(untouched_files_are_left_alone),
		CASE(manager_goes_back_to_what_was_active),
		CASE(manager_of_the_boot_chooses_itself),
		CASE(manager_that_cannot_go_back_is_told),
		CASE(killed_manager_goes_back_to_what_was_active),
		CASE(killed_manager_goes_on_by_itself),
		CASE(killed_helper_is_taken_back),
		CASE(half_files_are_removed),
		CASE(next_request_takes_back_first),
		CASE(next_request_goes_on_with_the_files_back),
		CASE(next_request_waits_for_the_files),
		CASE(nothing_is_begun_without_a_record),
		CASE(strange_records_are_removed),
		CASE(records_of_the_first_version_are_read),
		CASE(nothing_is_begun_for_nobody),
		CASE(what_nobody_waits_for_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
