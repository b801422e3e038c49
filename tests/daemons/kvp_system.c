// SPDX-License-Identifier: GPL-2.0-only
#include "tests/daemons/kvp_system.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/kvp/helper/apply.h"
#include "daemons/kvp/helper/transaction.h"
#include "daemons/kvp/network.h"
#include "daemons/kvp/paths.h"
#include "daemons/kvp/scripts.h"
#include "tests/unit/unit.h"

struct kvp kvp;
char root[96];
unsigned int flap, looks;
struct err why;
int client = -1;
static char scripts[128];

struct network_link link_eth0 = {
	.index = 2, .name = "eth0", .has_mac = true, .mac = { 0, 0x15, 0x5d, 1, 2, 3 },
};

static void add_address(struct network *network, struct ip_address ip, bool is_permanent)
{
	network->addresses[network->address_count++] = (struct network_address){
		.index = 2, .prefix = { ip, 24 }, .is_permanent = is_permanent, .is_usable = true,
		.is_tentative = kvp_read_file(&kvp, "/tentative"),
		.created = kvp_read_file(&kvp, "/again") ? 200 : 100,
	};
}

int network_read(struct network *network)
{
	const struct ip_address set = { AF_INET, { .bytes = { 192, 0, 2, 5 } } };
	const struct ip_address old = { AF_INET, { .bytes = { 198, 51, 100, 9 } } };

	*network = (struct network) { .link_count = 1 };
	network->links = exact_copy(&link_eth0, sizeof(link_eth0));
	network->links[0].has_carrier = !kvp_read_file(&kvp, "/loose");
	network->addresses = calloc(4, sizeof(*network->addresses));
	if (kvp_read_file(&kvp, "/old"))
		add_address(network, old, true);
	if (kvp_read_file(&kvp, "/leased"))
		add_address(network, set, false);
	if (!kvp_read_file(&kvp, "/applied") || (flap && looks++ % flap == flap - 1))
		return 0;
	add_address(network, set, true);
	network->gateways = exact_block(sizeof(*network->gateways));
	network->gateways[0] = (struct network_gateway){ 2, { AF_INET, { .bytes = {
		192, 0, 2, 1 } } }, 0 };
	network->gateway_count = 1;
	return 0;
}

void network_free(struct network *network)
{
	free(network->links);
	free(network->addresses);
	free(network->gateways);
	*network = (struct network) { 0 };
}

const struct network_link *network_find(const struct network *network, const char *name)
{
	return strcmp(name, "eth0") ? NULL : &network->links[0];
}

bool network_has_address(const struct network *network, int index, int family)
{
	(void)family;
	return network->address_count && index == 2;
}

int system_setup(void **state)
{
	(void)state;
	kvp_setup(&kvp);
	snprintf(root, sizeof(root), "%s/root", kvp.device.folder);
	snprintf(scripts, sizeof(scripts), "%s/root/scripts", kvp.device.folder);
	paths_set_root(root);
	scripts_set_folder(scripts);
	kvp_file(&kvp, "/run/x", "");
	flap = 0;
	looks = 0;
	transaction_limits = (struct transaction_limits){ .lock = 300, .programs = 3000,
							  .command = 3000, .read_back = 300,
							  .hold = 50 };
	kvp_file(&kvp, "/sys/class/net/eth0/device/device_id",
		 "{f8615163-df3e-46c5-913f-f2d2f965ed0e}\n");
	return 0;
}

int system_teardown(void **state)
{
	(void)state;
	kvp_teardown(&kvp);
	return 0;
}

void have_networkd(const char *script)
{
	kvp_file(&kvp, "/run/systemd/netif/state", "OPER_STATE=routable\n");
	kvp_file(&kvp, "/run/systemd/netif/links/2", "ADMIN_STATE=configured\n");
	kvp_file(&kvp, "/etc/systemd/network/20-wired.network", "[Match]\nName=eth0\n");
	kvp_program(&kvp, "/usr/bin/networkctl", script);
}

int set_static(void)
{
	struct hv_kvp_ipaddr_value *value = exact_block(sizeof(*value));
	int ret;

	strcpy((char *)value->adapter_id, "{F8615163-DF3E-46C5-913F-F2D2F965ED0E}");
	strcpy((char *)value->ip_addr, "192.0.2.5");
	strcpy((char *)value->sub_net, "255.255.255.0");
	strcpy((char *)value->gate_way, "192.0.2.1");
	strcpy((char *)value->dns_addr, "192.0.2.2;192.0.2.3");
	memset(&why, 0, sizeof(why));
	ret = apply(value, client, &why);
	free(value);
	return ret;
}

void unlink_file(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(unlink(full), 0);
}

bool change_rights(const char *path)
{
	char full[256];

	if (geteuid()) {
		print_message("only root can give a file to somebody else\n");
		return false;
	}
	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(chown(full, 4242, 4343), 0);
	assert_int_equal(chmod(full, 0640), 0);
	return true;
}

void assert_rights_changed(const char *path)
{
	struct stat status;
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(stat(full, &status), 0);
	assert_int_equal(status.st_uid, 4242);
	assert_int_equal(status.st_gid, 4343);
	assert_int_equal(status.st_mode & 07777, 0640);
}

void assert_file(const char *path, const char *expected)
{
	const char *text = kvp_read_file(&kvp, path);

	assert_non_null(text);
	assert_string_equal(text, expected);
}
const char interfaces[] =
	"source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n\n"
	"allow-hotplug eth0\niface eth0 inet dhcp\n\thostname x \\\n\t  source\n\n# end\n"
	"iface eth01 inet manual\n";

void have_ifupdown(const char *ifup)
{
	kvp_file(&kvp, "/etc/network/interfaces", interfaces);
	kvp_file(&kvp, "/etc/network/interfaces.d/lan", "iface eth0 inet6 auto\n");
	kvp_program(&kvp, "/sbin/ifup", ifup);
	kvp_program(&kvp, "/sbin/ifdown", LOG "rm -f $root/applied");
}
