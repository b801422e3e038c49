// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/daemons/kvp.h"
#include "tests/unit/unit.h"

/*
 * Addresses from the host to a real interface: daemon, helper, back end, kernel,
 * and back. In a network namespace with an interface of its own; networkctl is this
 * program again, which gives the interface what stands in its .network file.
 */

#define GUID	"{f8615163-df3e-46c5-913f-f2d2f965ed0e}"
#define MAC	"00:15:5D:01:02:03"

static struct kvp kvp;
static char self[256];

/* --- the stand-in for networkctl ------------------------------------------------- */

static void set_ioctl(int fd, unsigned long request, const char *address)
{
	struct sockaddr_in *in;
	struct ifreq change = { .ifr_name = "eth0" };

	in = (struct sockaddr_in *)(void *)&change.ifr_addr;
	in->sin_family = AF_INET;
	inet_pton(AF_INET, address, &in->sin_addr);
	if (ioctl(fd, request, &change))
		exit(1);
}

static void set_gateway(int fd, const char *address)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in gateway = { .sin_family = AF_INET };

	inet_pton(AF_INET, address, &gateway.sin_addr);
	memcpy(&route.rt_gateway, &gateway, sizeof(gateway));
	route.rt_dst.sa_family = AF_INET;
	route.rt_genmask.sa_family = AF_INET;
	if (ioctl(fd, SIOCADDRT, &route) && errno != EEXIST)
		exit(1);
}

static int play_networkctl(const char *root)
{
	char path[256], text[1024], address[32];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *at;
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "%s/etc/systemd/network/00-hyperv-eth0.network", root);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return 0;
	length = read(file, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	at = strstr(text, "Address=1");
	if (!at || sscanf(at, "Address=%31[0-9.]/24", address) != 1)
		return 1;
	set_ioctl(fd, SIOCSIFADDR, address);
	set_ioctl(fd, SIOCSIFNETMASK, "255.255.255.0");
	at = strstr(text, "Gateway=");
	if (at && sscanf(at, "Gateway=%31[0-9.]", address) == 1)
		set_gateway(fd, address);
	return 0;
}

/* --- the namespace ----------------------------------------------------------------- */

static int create_link(const char *kind)
{
	static const unsigned char mac[6] = { 0, 0x15, 0x5d, 1, 2, 3 };
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buffer[4096] __attribute__((aligned(8)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;
	struct nlattr *nest;
	int ret = -1;

	message->nlmsg_type = RTM_NEWLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	message->nlmsg_seq = 1;
	info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	info->ifi_flags = IFF_UP;
	info->ifi_change = IFF_UP;
	mnl_attr_put_strz(message, IFLA_IFNAME, "eth0");
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(mac), mac);
	nest = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(message, nest);
	if (socket && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) >= 0 &&
	    mnl_socket_sendto(socket, message, message->nlmsg_len) > 0) {
		ssize_t length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		ret = length < 0 ? -1 : mnl_cb_run(buffer, (size_t)length, 1, 0, NULL, NULL);
	}
	if (socket)
		mnl_socket_close(socket);
	return ret;
}

static bool make_namespace(void)
{
	int flags = CLONE_NEWNET | CLONE_NEWUTS;

	if (unshare(flags) && unshare(CLONE_NEWUSER | flags))
		return false;
	/* Any Ethernet interface will do; kernels differ in what they offer. */
	return create_link("dummy") >= 0 || create_link("bridge") >= 0;
}

static int setup(void **state)
{
	char script[512];

	(void)state;
	kvp_setup(&kvp);
	kvp_file(&kvp, "/sys/class/net/eth0/device/device_id", GUID "\n");
	kvp_file(&kvp, "/run/systemd/netif/state", "");
	kvp_file(&kvp, "/etc/systemd/network/x.network", "");
	kvp_file(&kvp, "/etc/resolv.conf", "nameserver 192.0.2.2\n");
	snprintf(script, sizeof(script), "%s --networkctl $root", self);
	kvp_program(&kvp, "/usr/bin/networkctl", script);
	kvp_start(&kvp);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kvp_teardown(&kvp);
	return 0;
}

static void ask_for(const char *adapter, const char *address, const char *gateway)
{
	kvp_ip(&kvp, KVP_OP_SET_IP_INFO, adapter);
	strcpy((char *)kvp_ip_value(&kvp)->ip_addr, address);
	strcpy((char *)kvp_ip_value(&kvp)->sub_net, "255.255.255.0");
	strcpy((char *)kvp_ip_value(&kvp)->gate_way, gateway);
	strcpy((char *)kvp_ip_value(&kvp)->dns_addr, "192.0.2.2");
}

static void injected_addresses_are_read_back(void **state)
{
	(void)state;
	ask_for(GUID, "192.0.2.77", "192.0.2.1");
	assert_int_equal(kvp_ask(&kvp), HV_S_OK);
	kvp_ip(&kvp, KVP_OP_GET_IP_INFO, MAC);
	assert_int_equal(kvp_ask(&kvp), HV_S_OK);
	assert_non_null(strstr((char *)kvp_ip_value(&kvp)->ip_addr, "192.0.2.77"));
	assert_non_null(strstr((char *)kvp_ip_value(&kvp)->sub_net, "255.255.255.0"));
	assert_string_equal((char *)kvp_ip_value(&kvp)->gate_way, "192.0.2.1");
	assert_string_equal((char *)kvp_ip_value(&kvp)->dns_addr, "192.0.2.2");
	assert_int_equal(kvp_ip_value(&kvp)->dhcp_enabled, 0);
	assert_true(kvp_ip_value(&kvp)->addr_family & ADDR_FAMILY_IPV4);
	assert_string_equal((char *)kvp_ip_value(&kvp)->adapter_id, MAC);
	assert_int_equal(kvp_get(&kvp, 2, "NetworkAddressIPv4"), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "192.0.2.77");
}

static void name_follows_the_host_name(void **state)
{
	static const char *const names[] = { "one.example.org", "two.example.net" };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(sethostname(names[i], strlen(names[i])), 0);
		assert_int_equal(kvp_at(&kvp, 2, 0), HV_S_OK);
		assert_string_equal(kvp_value(&kvp), names[i]);
	}
	/* Nobody knows it, and no resolver is to be reached from here. */
	assert_int_equal(sethostname("no-such-host-here", 17), 0);
	assert_int_equal(kvp_at(&kvp, 2, 0), HV_S_OK);
	assert_string_equal(kvp_value(&kvp), "");
}

static void wrong_requests_are_answered(void **state)
{
	(void)state;
	ask_for("{00000000-df3e-46c5-913f-f2d2f965ed0e}", "192.0.2.78", "");
	assert_int_equal(kvp_ask(&kvp), HV_GUID_NOTFOUND);
	ask_for(GUID, "192.0.2.78; reboot", "");
	assert_int_equal(kvp_ask(&kvp), HV_INVALIDARG);
	kvp_ip(&kvp, KVP_OP_GET_IP_INFO, "00:00:00:00:00:01");
	assert_int_equal(kvp_ask(&kvp), HV_GUID_NOTFOUND);
	kvp_ip(&kvp, KVP_OP_GET_IP_INFO, "");
	assert_int_equal(kvp_ask(&kvp), HV_INVALIDARG);
}

/* The stock scripts, once there is the one that sets. */
static void stock_scripts_are_asked(void **state)
{
	(void)state;
	kvp_program(&kvp, "/scripts/hv_get_dns_info",
		    "test $1 = eth0 && echo 192.0.2.98 && echo junk && echo 2001:db8::98");
	kvp_program(&kvp, "/scripts/hv_get_dhcp_info", "test $1 = eth0 && echo Enabled");
	kvp_ip(&kvp, KVP_OP_GET_IP_INFO, MAC);
	assert_int_equal(kvp_ask(&kvp), HV_S_OK);
	assert_string_equal((char *)kvp_ip_value(&kvp)->dns_addr, "192.0.2.2");
	kvp_program(&kvp, "/scripts/hv_set_ifconfig", "exit 0");
	kvp_ip(&kvp, KVP_OP_GET_IP_INFO, MAC);
	assert_int_equal(kvp_ask(&kvp), HV_S_OK);
	assert_string_equal((char *)kvp_ip_value(&kvp)->dns_addr, "192.0.2.98;2001:db8::98");
	assert_int_equal(kvp_ip_value(&kvp)->dhcp_enabled, 1);
}

static void failing_back_end_is_told(void **state)
{
	(void)state;
	kvp_program(&kvp, "/usr/bin/networkctl", "exit 1");
	ask_for(GUID, "192.0.2.79", "");
	assert_int_equal(kvp_ask(&kvp), HV_E_FAIL);
	assert_true(fake_has_logged(&kvp.device, "networkctl exited with status 1"));
	/* Once, by the daemon: it has a limit. */
	assert_int_equal(fake_count_logged(&kvp.device, "the old configuration is not back"), 1);
	assert_null(kvp_read_file(&kvp, "/etc/systemd/network/00-hyperv-eth0.network"));
}

/* Killed while the helper works: a new daemon answers, and the helper takes back what nobody waits for. */
static void kill_in_the_middle(void **state)
{
	const char *file = "/etc/systemd/network/00-hyperv-eth0.network";
	struct timespec step = { 0, 10000000 };
	char script[512];
	int i;

	(void)state;
	kvp_file(&kvp, file, "[Network]\nAddress=192.0.2.83/24\n");
	snprintf(script, sizeof(script), "echo >$root/begun; sleep 0.3; %s --networkctl $root",
		 self);
	kvp_program(&kvp, "/usr/bin/networkctl", script);
	ask_for(GUID, "192.0.2.80", "");
	fake_send(&kvp.device, &kvp.message, sizeof(kvp.message));
	for (i = 0; !kvp_read_file(&kvp, "/begun") && i < 500; i++)
		nanosleep(&step, NULL);
	fake_kill(&kvp.device);
	kvp_start(&kvp);
	assert_int_equal(kvp_at(&kvp, 2, 5), HV_S_OK);
	for (i = 0; kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback") && i < 500; i++)
		nanosleep(&step, NULL);
	assert_true(i < 500);
	assert_string_equal(kvp_read_file(&kvp, file), "[Network]\nAddress=192.0.2.83/24\n");
	kvp_ip(&kvp, KVP_OP_GET_IP_INFO, MAC);
	assert_int_equal(kvp_ask(&kvp), HV_S_OK);
	assert_non_null(strstr((char *)kvp_ip_value(&kvp)->ip_addr, "192.0.2.83"));
}

/* As at a shutdown: what was begun is ended. */
static void stopped_helper_ends_its_work(void **state)
{
	char script[512];

	(void)state;
	snprintf(script, sizeof(script), "kill -TERM $PPID; sleep 0.1; %s --networkctl $root",
		 self);
	kvp_program(&kvp, "/usr/bin/networkctl", script);
	ask_for(GUID, "192.0.2.81", "");
	assert_int_equal(kvp_ask(&kvp), HV_S_OK);
}

static void killed_helper_is_made_good(void **state)
{
	struct timespec step = { 0, 10000000 };
	const char *file = "/etc/systemd/network/00-hyperv-eth0.network";
	int i;

	(void)state;
	kvp_file(&kvp, file, "before\n");
	kvp_program(&kvp, "/usr/bin/networkctl",
		    "test -e $root/killed && exit 0; touch $root/killed; kill -KILL $PPID");
	ask_for(GUID, "192.0.2.82", "");
	assert_int_equal(kvp_ask(&kvp), HV_E_FAIL);
	for (i = 0; kvp_read_file(&kvp, "/var/lib/hv_kvp/rollback") && i < 500; i++)
		nanosleep(&step, NULL);
	assert_true(i < 500);
	assert_string_equal(kvp_read_file(&kvp, file), "before\n");
}

static void no_namespace(void **state)
{
	(void)state;
	/* Passes: the runner of these tests knows no skips. */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(injected_addresses_are_read_back),
		CASE(name_follows_the_host_name),
		CASE(wrong_requests_are_answered),
		CASE(stock_scripts_are_asked),
		CASE(failing_back_end_is_told),
		CASE(kill_in_the_middle),
		CASE(stopped_helper_ends_its_work),
		CASE(killed_helper_is_made_good),
	};
	const struct CMUnitTest none[] = { cmocka_unit_test(no_namespace) };

	if (argc == 3)
		return play_networkctl(argv[2]);
	if (!realpath(argv[0], self))
		return 1;
	if (!make_namespace()) {
		print_message("no network namespace with an interface of its own here\n");
		return cmocka_run_group_tests(none, NULL, NULL);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
