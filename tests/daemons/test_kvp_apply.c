// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/hyperv.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/kvp/helper/apply.h"
#include "tests/daemons/kvp_system.h"
#include "tests/unit/unit.h"

/* What the back ends write and run, and which of them is asked. */

static void networkd_gets_a_file(void **state)
{
	(void)state;
	have_networkd(LOG APPLY);
	assert_int_equal(set_static(), 0);
	assert_string_equal(why.text, "eth0, by systemd-networkd");
	assert_file("/etc/systemd/network/00-hyperv-eth0.network",
		    "# Written by hv_kvp: these addresses come from the Hyper-V host.\n"
		    "[Match]\nName=eth0\nMACAddress=00:15:5d:01:02:03\n\n[Network]\nDHCP=no\n"
		    "Address=192.0.2.5/24\nGateway=192.0.2.1\nDNS=192.0.2.2\nDNS=192.0.2.3\n");
	assert_file("/log", "networkctl reload\n");
}

/* DHCP for IPv4, and static addresses of IPv6: a host may want both. */
static int set_dhcp(void)
{
	struct hv_kvp_ipaddr_value *value = exact_block(sizeof(*value));
	int ret;

	strcpy((char *)value->adapter_id, "00:15:5D:01:02:03");
	strcpy((char *)value->dns_addr, "2001:db8::53");
	value->dhcp_enabled = 1;
	ret = apply(value, client, &why);
	free(value);
	return ret;
}

static void dhcp_is_switched_on(void **state)
{
	(void)state;
	have_networkd(LOG LEASE);
	assert_int_equal(set_dhcp(), 0);
	assert_file("/etc/systemd/network/00-hyperv-eth0.network",
		    "# Written by hv_kvp: these addresses come from the Hyper-V host.\n"
		    "[Match]\nName=eth0\nMACAddress=00:15:5d:01:02:03\n\n[Network]\nDHCP=ipv4\n"
		    "DNS=2001:db8::53\n\n[DHCPv4]\nUseDNS=no\n");
	kvp_program(&kvp, "/usr/sbin/netplan", LOG LEASE);
	kvp_file(&kvp, "/etc/netplan/a.yaml", "");
	assert_int_equal(set_dhcp(), 0);
	assert_non_null(strstr(kvp_read_file(&kvp, "/etc/netplan/95-hyperv-eth0.yaml"),
			       "dhcp4: true\n      dhcp4-overrides:\n        use-dns: false\n"));
	kvp_program(&kvp, "/scripts/hv_set_ifconfig", LOG);
	kvp_file(&kvp, "/var/lib/hyperv/x", "");
	assert_int_equal(set_dhcp(), 0);
	assert_file("/var/lib/hyperv/ifcfg-eth0", "HWADDR=00:15:5D:01:02:03\nDEVICE=eth0\n"
		    "BOOTPROTO=dhcp\nDNS1=2001:db8::53\n");
}

/* The host cannot be told "later": without a lease in time it is a failure, and all is as before. */
static void dhcp_needs_a_lease(void **state)
{
	const char *file = "/etc/systemd/network/00-hyperv-eth0.network";

	(void)state;
	have_networkd(LOG);
	assert_int_equal(set_dhcp(), -ETIMEDOUT);
	assert_string_equal(why.text, "eth0 did not get a lease");
	assert_null(kvp_read_file(&kvp, file));
	kvp_file(&kvp, "/old", "");
	have_networkd(LOG LEASE);
	assert_int_equal(set_dhcp(), -ETIMEDOUT);
	assert_string_equal(why.text, "eth0 still has the address 198.51.100.9/24");
	have_networkd(LOG LEASE "rm -f $root/old");
	assert_int_equal(set_dhcp(), 0);
}

/* A reservation at the DHCP server is often for the address that the machine had. */
static void lease_may_be_the_static_address(void **state)
{
	(void)state;
	kvp_file(&kvp, "/applied", "");
	have_networkd("rm -f $root/applied\n" LEASE);
	assert_int_equal(set_dhcp(), 0);
}

static void lease_is_no_static_address(void **state)
{
	(void)state;
	kvp_file(&kvp, "/leased", "");
	have_networkd(LOG);
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_string_equal(why.text, "eth0 did not get the address 192.0.2.5/24");
	have_networkd("rm -f $root/leased\n" APPLY);
	assert_int_equal(set_static(), 0);
}

/* Some clients set no lifetime, and some leases have none. */
static void lease_may_be_for_ever(void **state)
{
	(void)state;
	have_networkd(LOG APPLY);
	assert_int_equal(set_dhcp(), 0);
}

static void manager_gets_a_connection(void **state)
{
	struct stat status;
	char path[256];

	(void)state;
	kvp_file(&kvp, "/run/NetworkManager/devices/2", "[device]\nmanaged=true\n");
	kvp_file(&kvp, "/etc/NetworkManager/system-connections/x", "");
	kvp_program(&kvp, "/usr/bin/nmcli", LOG APPLY);
	assert_int_equal(set_static(), 0);
	assert_file("/etc/NetworkManager/system-connections/hyperv-eth0.nmconnection",
		    "[connection]\nid=hyperv-eth0\nuuid=68797065-7276-4b76-8070-00155d010203\n"
		    "type=ethernet\ninterface-name=eth0\nautoconnect-priority=999\n\n"
		    "[ethernet]\nmac-address=00:15:5D:01:02:03\n\n[ipv4]\nmethod=manual\n"
		    "address1=192.0.2.5/24\ngateway=192.0.2.1\ndns=192.0.2.2;192.0.2.3;\n"
		    "ignore-auto-dns=true\n\n[ipv6]\nmethod=auto\n");
	snprintf(path, sizeof(path),
		 "%s/etc/NetworkManager/system-connections/hyperv-eth0.nmconnection", root);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_non_null(strstr(kvp_read_file(&kvp, "/log"), "--wait 8 connection up uuid"));
}

static void netplan_forgets_the_old(void **state)
{
	(void)state;
	have_networkd(LOG);
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "other\n");
	kvp_program(&kvp, "/usr/sbin/netplan", LOG APPLY);
	assert_int_equal(set_static(), 0);
	assert_file("/log", "netplan apply\n");
	unlink_file("/log");
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	assert_int_equal(set_static(), 0);
	assert_file("/log", "netplan set ethernets.eth0=null\nnetplan apply\n");
	assert_file("/etc/netplan/95-hyperv-eth0.yaml",
		    "# Written by hv_kvp: these addresses come from the Hyper-V host.\n"
		    "network:\n  version: 2\n  ethernets:\n    eth0:\n      dhcp4: false\n"
		    "      addresses:\n        - \"192.0.2.5/24\"\n"
		    "      routes:\n        - to: \"0.0.0.0/0\"\n          via: \"192.0.2.1\"\n"
		    "      nameservers:\n        addresses:\n          - \"192.0.2.2\"\n"
		    "          - \"192.0.2.3\"\n");
}

static void ifupdown_gets_a_stanza(void **state)
{
	(void)state;
	have_ifupdown(LOG APPLY);
	assert_int_equal(set_static(), 0);
	assert_file("/etc/network/interfaces",
		    "source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n\n"
		    "allow-hotplug eth0\n#hv_kvp# iface eth0 inet dhcp\n"
		    "#hv_kvp# \thostname x \\\n#hv_kvp# \t  source\n\n# end\n"
		    "iface eth01 inet manual\n");
	assert_file("/etc/network/interfaces.d/lan", "#hv_kvp# iface eth0 inet6 auto\n");
	assert_file("/etc/network/interfaces.d/hyperv-eth0",
		    "# Written by hv_kvp: these addresses come from the Hyper-V host.\nauto eth0\n"
		    "iface eth0 inet static\n\taddress 192.0.2.5/24\n\tgateway 192.0.2.1\n"
		    "\tdns-nameservers 192.0.2.2 192.0.2.3\n");
	assert_file("/log", "ifdown --force eth0\nifup eth0\n");
}

/* What is secret stays so: interfaces may have passwords. */
static void ifupdown_keeps_modes(void **state)
{
	struct stat status;
	char path[256];

	(void)state;
	have_ifupdown(LOG APPLY);
	snprintf(path, sizeof(path), "%s/etc/network/interfaces", root);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(set_static(), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void ifupdown_keeps_owners(void **state)
{
	(void)state;
	have_ifupdown(LOG APPLY);
	kvp_file(&kvp, "/etc/resolv.conf", "nameserver 192.0.2.99\n");
	if (!change_rights("/etc/network/interfaces"))
		return;
	change_rights("/etc/network/interfaces.d/lan");
	change_rights("/etc/resolv.conf");
	assert_int_equal(set_static(), 0);
	assert_file("/etc/resolv.conf", "nameserver 192.0.2.2\nnameserver 192.0.2.3\n");
	assert_rights_changed("/etc/network/interfaces");
	assert_rights_changed("/etc/network/interfaces.d/lan");
	assert_rights_changed("/etc/resolv.conf");
}

static void ifupdown_reads(const char *line, const char *added)
{
	char before[128], after[192];

	snprintf(before, sizeof(before), "%s\nauto lo\n", line);
	snprintf(after, sizeof(after), "%s%s", before, added);
	have_ifupdown(LOG APPLY);
	kvp_file(&kvp, "/etc/network/interfaces", before);
	assert_int_equal(set_static(), 0);
	assert_file("/etc/network/interfaces", after);
	unlink_file("/applied");
}

/* Our file, and none that the administrator has left out. */
static void ifupdown_is_told_of_our_file(void **state)
{
	const char *ours = "\nsource /etc/network/interfaces.d/hyperv-eth0\n";

	(void)state;
	ifupdown_reads("source /etc/network/interfaces.d/*.cfg", ours);
	ifupdown_reads("source /etc/network/interfaces.d/lan", ours);
	ifupdown_reads("# source /etc/network/interfaces.d/*", ours);
	ifupdown_reads("source-directory /etc/network/other.d", ours);
	ifupdown_reads("source-directory /etc/network/interfaces.d/", "");
	ifupdown_reads("source /etc/other /etc/network/*.d/hyperv-*", "");
	ifupdown_reads("source interfaces.d/*", "");
}

static void ifupdown_takes_no_folder_for_a_file(void **state)
{
	(void)state;
	have_ifupdown(LOG APPLY);
	kvp_file(&kvp, "/etc/network/interfaces.d/kept/lan", "iface eth0 inet6 auto\n");
	assert_int_equal(set_static(), 0);
	assert_file("/etc/network/interfaces.d/kept/lan", "iface eth0 inet6 auto\n");
}

static void ifupdown_gets_its_folder(void **state)
{
	struct stat status;
	char path[256];

	(void)state;
	kvp_file(&kvp, "/etc/network/interfaces", interfaces);
	kvp_program(&kvp, "/sbin/ifup", LOG APPLY);
	kvp_program(&kvp, "/sbin/ifdown", LOG);
	assert_int_equal(set_static(), 0);
	assert_non_null(kvp_read_file(&kvp, "/etc/network/interfaces.d/hyperv-eth0"));
	snprintf(path, sizeof(path), "%s/etc/network/interfaces.d", root);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0755);
}

/* Only the last one: without those above, this is not the system that is meant. */
static void no_other_folder_is_made(void **state)
{
	(void)state;
	kvp_file(&kvp, "/run/systemd/netif/state", "");
	kvp_file(&kvp, "/run/systemd/netif/links/2", "");
	kvp_program(&kvp, "/usr/bin/networkctl", LOG APPLY);
	assert_int_equal(set_static(), -ENOENT);
	assert_null(kvp_read_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network"));
}

#define KEPT	"/var/lib/hv_kvp/before-eth0"

/* For who wants to undo it: the others' files before the first injection. */
static void old_files_are_kept(void **state)
{
	(void)state;
	have_ifupdown(LOG APPLY);
	kvp_file(&kvp, "/etc/network/interfaces.d/other", "iface eth1 inet dhcp\n");
	kvp_file(&kvp, "/etc/resolv.conf", "nameserver 192.0.2.99\n");
	assert_int_equal(set_static(), 0);
	assert_file(KEPT "/etc/network/interfaces", interfaces);
	assert_file(KEPT "/etc/network/interfaces.d/lan", "iface eth0 inet6 auto\n");
	assert_file(KEPT "/etc/resolv.conf", "nameserver 192.0.2.99\n");
	assert_null(kvp_read_file(&kvp, KEPT "/etc/network/interfaces.d/other"));
	assert_null(kvp_read_file(&kvp, KEPT "/etc/network/interfaces.d/hyperv-eth0"));
	/* The second one changes files again: that is not how it was. */
	kvp_file(&kvp, "/etc/resolv.conf", "nameserver 192.0.2.98\n");
	assert_int_equal(set_static(), 0);
	assert_file(KEPT "/etc/resolv.conf", "nameserver 192.0.2.99\n");
	assert_file(KEPT "/etc/network/interfaces", interfaces);
	/* Undone, and injected again: what is kept is of this time, and of no other. */
	unlink_file("/etc/network/interfaces.d/hyperv-eth0");
	kvp_file(&kvp, "/etc/network/interfaces.d/lan", "iface eth0 inet manual\n");
	assert_int_equal(set_static(), 0);
	assert_file(KEPT "/etc/network/interfaces.d/lan", "iface eth0 inet manual\n");
	assert_null(kvp_read_file(&kvp, KEPT "/etc/network/interfaces"));
}

/* A later injection may be the first that changes some file: it brings name servers. */
static void files_changed_later_are_kept(void **state)
{
	(void)state;
	have_ifupdown(LOG APPLY);
	kvp_program(&kvp, "/sbin/resolvconf", "");
	kvp_file(&kvp, "/etc/resolv.conf", "nameserver 192.0.2.99\n");
	assert_int_equal(set_static(), 0);
	assert_null(kvp_read_file(&kvp, KEPT "/etc/resolv.conf"));
	unlink_file("/sbin/resolvconf");
	assert_int_equal(set_static(), 0);
	assert_file(KEPT "/etc/resolv.conf", "nameserver 192.0.2.99\n");
	assert_file(KEPT "/etc/network/interfaces", interfaces);
}

/* Or the next one would keep what this one writes. */
static void files_that_were_not_there_are_noted(void **state)
{
	(void)state;
	have_ifupdown(LOG APPLY);
	assert_int_equal(set_static(), 0);
	assert_file(KEPT "/absent/etc/resolv.conf", "");
	kvp_file(&kvp, "/etc/resolv.conf", "nameserver 192.0.2.98\n");
	assert_int_equal(set_static(), 0);
	assert_null(kvp_read_file(&kvp, KEPT "/etc/resolv.conf"));
	assert_file(KEPT "/absent/etc/resolv.conf", "");
}

static void only_what_was_changed_is_kept(void **state)
{
	(void)state;
	kvp_file(&kvp, "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	kvp_file(&kvp, "/etc/netplan/60-other.yaml", "other\n");
	kvp_program(&kvp, "/usr/sbin/netplan", APPLY
		    "test $1 = set && rm $root/etc/netplan/50-cloud-init.yaml\nexit 0");
	assert_int_equal(set_static(), 0);
	assert_file(KEPT "/etc/netplan/50-cloud-init.yaml", "old: eth0\n");
	assert_null(kvp_read_file(&kvp, KEPT "/etc/netplan/60-other.yaml"));
	assert_null(kvp_read_file(&kvp, KEPT "/etc/netplan/95-hyperv-eth0.yaml"));
}

static void kept_files_keep_owners(void **state)
{
	(void)state;
	have_ifupdown(LOG APPLY);
	if (!change_rights("/etc/network/interfaces"))
		return;
	assert_int_equal(set_static(), 0);
	assert_rights_changed(KEPT "/etc/network/interfaces");
}

/* What fails is back already. */
static void failure_keeps_nothing(void **state)
{
	(void)state;
	have_ifupdown(LOG);
	assert_int_equal(set_static(), -ETIMEDOUT);
	assert_null(kvp_read_file(&kvp, KEPT "/etc/network/interfaces"));
}

/* Nobody reads dns-nameservers unless resolvconf is there, or somebody else looks after the file. */
static void ifupdown_names_servers(void **state)
{
	char link[256];

	(void)state;
	have_ifupdown(LOG APPLY);
	kvp_file(&kvp, "/etc/resolv.conf", "search a.example\nnameserver 192.0.2.99\noptions rotate");
	assert_int_equal(set_static(), 0);
	assert_file("/etc/resolv.conf", "search a.example\noptions rotate\n"
		    "nameserver 192.0.2.2\nnameserver 192.0.2.3\n");
	kvp_file(&kvp, "/etc/resolv.conf", "before\n");
	kvp_program(&kvp, "/sbin/resolvconf", "exit 0");
	assert_int_equal(set_static(), 0);
	assert_file("/etc/resolv.conf", "before\n");
	unlink_file("/sbin/resolvconf");
	unlink_file("/etc/resolv.conf");
	snprintf(link, sizeof(link), "%s/etc/resolv.conf", root);
	assert_int_equal(symlink("resolv.of-somebody", link), 0);
	kvp_file(&kvp, "/etc/resolv.of-somebody", "before\n");
	assert_int_equal(set_static(), 0);
	assert_file("/etc/resolv.of-somebody", "before\n");
	unlink_file("/etc/resolv.conf");
	kvp_file(&kvp, "/etc/resolv.conf", "before\n");
	kvp_program(&kvp, "/sbin/ifup", "grep -q 192.0.2.5 $root/etc/network/interfaces.d/* && exit 1");
	unlink_file("/etc/network/interfaces.d/hyperv-eth0");
	assert_int_equal(set_static(), -EPROTO);
	assert_file("/etc/resolv.conf", "before\n");
}

static void stock_script_comes_first(void **state)
{
	const char *log;

	(void)state;
	have_networkd(LOG);
	kvp_file(&kvp, "/var/lib/hyperv/x", "");
	kvp_program(&kvp, "/scripts/hv_set_ifconfig", LOG);
	assert_int_equal(set_static(), 0);
	assert_string_equal(why.text, "eth0, by hv_set_ifconfig");
	assert_file("/var/lib/hyperv/ifcfg-eth0",
		    "HWADDR=00:15:5D:01:02:03\nDEVICE=eth0\nBOOTPROTO=none\nIPADDR0=192.0.2.5\n"
		    "NETMASK0=255.255.255.0\nGATEWAY=192.0.2.1\nDNS1=192.0.2.2\nDNS2=192.0.2.3\n");
	assert_non_null(strstr(kvp_read_file(&kvp, "/var/lib/hyperv/eth0.nmconnection"),
			       "address1=192.0.2.5/24"));
	log = kvp_read_file(&kvp, "/log");
	assert_non_null(strstr(log, "/var/lib/hyperv/ifcfg-eth0 "));
	assert_non_null(strstr(log, "/var/lib/hyperv/eth0.nmconnection\n"));
	kvp_program(&kvp, "/scripts/hv_set_ifconfig", "exit 1");
	assert_int_equal(set_static(), -EPROTO);
}

static void nobody_to_ask_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(set_static(), -EOPNOTSUPP);
	assert_non_null(strstr(why.text, "no network configuration system for eth0"));
}

/* At boot: no state of anybody yet, and ifup is there because it is always installed. */
static void who_starts_later_is_asked(void **state)
{
	(void)state;
	kvp_file(&kvp, "/etc/network/interfaces", "auto lo\niface lo inet loopback\n");
	kvp_program(&kvp, "/sbin/ifup", LOG);
	kvp_program(&kvp, "/sbin/ifdown", LOG);
	kvp_program(&kvp, "/usr/bin/networkctl", LOG APPLY);
	kvp_file(&kvp, "/etc/systemd/network/20-wired.network", "[Match]\nName=eth0\n");
	kvp_file(&kvp, "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "");
	assert_int_equal(set_static(), 0);
	assert_string_equal(why.text, "eth0, by systemd-networkd");
	assert_null(kvp_read_file(&kvp, "/etc/network/interfaces.d/hyperv-eth0"));
}

/* What managers leave in /run behind them when they are stopped says nothing. */
static void who_was_stopped_is_not_asked(void **state)
{
	(void)state;
	have_networkd(LOG "exit 1");
	kvp_file(&kvp, "/run/NetworkManager/devices/2", "[device]\nmanaged=true\n");
	kvp_program(&kvp, "/usr/bin/nmcli", LOG "exit 1");
	have_ifupdown(LOG APPLY);
	kvp_file(&kvp, "/sys/fs/cgroup/system.slice/dbus.service/cgroup.procs", "");
	assert_int_equal(set_static(), 0);
	assert_string_equal(why.text, "eth0, by ifupdown");
	have_networkd(LOG APPLY);
	kvp_file(&kvp, "/sys/fs/cgroup/system.slice/systemd-networkd.service/cgroup.procs", "");
	assert_int_equal(set_static(), 0);
	assert_string_equal(why.text, "eth0, by systemd-networkd");
}

static void one_at_a_time(void **state)
{
	char path[128];
	int fd;

	(void)state;
	have_networkd(LOG APPLY);
	snprintf(path, sizeof(path), "%s/run/hv_kvp.lock", root);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(set_static(), -EBUSY);
	assert_null(kvp_read_file(&kvp, "/log"));
	close(fd);
	assert_int_equal(set_static(), 0);
}

static void strange_names_are_refused(void **state)
{
	(void)state;
	have_networkd(LOG APPLY);
	strcpy(link_eth0.name, "a$(id)b");
	kvp_file(&kvp, "/sys/class/net/a$(id)b/device/device_id",
		 "{f8615163-df3e-46c5-913f-f2d2f965ed0e}\n");
	assert_int_equal(set_static(), -EINVAL);
	assert_null(kvp_read_file(&kvp, "/log"));
	strcpy(link_eth0.name, "eth0");
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(networkd_gets_a_file),
		CASE(dhcp_is_switched_on),
		CASE(dhcp_needs_a_lease),
		CASE(lease_may_be_the_static_address),
		CASE(lease_is_no_static_address),
		CASE(lease_may_be_for_ever),
		CASE(manager_gets_a_connection),
		CASE(netplan_forgets_the_old),
		CASE(ifupdown_gets_a_stanza),
		CASE(ifupdown_keeps_modes),
		CASE(ifupdown_keeps_owners),
		CASE(ifupdown_is_told_of_our_file),
		CASE(ifupdown_takes_no_folder_for_a_file),
		CASE(ifupdown_gets_its_folder),
		CASE(no_other_folder_is_made),
		CASE(old_files_are_kept),
		CASE(files_changed_later_are_kept),
		CASE(files_that_were_not_there_are_noted),
		CASE(only_what_was_changed_is_kept),
		CASE(kept_files_keep_owners),
		CASE(failure_keeps_nothing),
		CASE(ifupdown_names_servers),
		CASE(stock_script_comes_first),
		CASE(nobody_to_ask_is_an_error),
		CASE(who_starts_later_is_asked),
		CASE(who_was_stopped_is_not_asked),
		CASE(one_at_a_time),
		CASE(strange_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
