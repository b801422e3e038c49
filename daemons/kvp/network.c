// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/network.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Not in net/if.h, and linux/if.h quarrels with that. */
#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP	0x10000
#endif

#define TRIES		4	/* a dump that was changed underneath is repeated */
#define BUFFER_SIZE	32768

/* One more element at the end of an array, zeroed; NULL at the limit or without memory. */
static void *grow(void **array, size_t *count, size_t size)
{
	char *bytes = *array;

	if (*count >= NETWORK_LIMIT)
		return NULL;
	if (!(*count & (*count - 1))) {
		bytes = realloc(bytes, (*count ? 2 * *count : 1) * size);
		if (!bytes)
			return NULL;
		*array = bytes;
	}
	bytes += (*count)++ * size;
	memset(bytes, 0, size);
	return bytes;
}

/* --- messages ----------------------------------------------------------------- */

static int take_link(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct network *network = context;
	const struct nlattr *attribute;
	struct network_link *link;

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	link = grow((void **)&network->links, &network->link_count, sizeof(*link));
	if (!link)
		return MNL_CB_OK;
	link->index = info->ifi_index;
	link->loopback = info->ifi_flags & IFF_LOOPBACK;
	link->has_carrier = info->ifi_flags & IFF_LOWER_UP;
	mnl_attr_for_each(attribute, message, sizeof(*info)) {
		const void *value = mnl_attr_get_payload(attribute);
		size_t length = mnl_attr_get_payload_len(attribute);

		if (mnl_attr_get_type(attribute) == IFLA_IFNAME && length <= sizeof(link->name)) {
			memcpy(link->name, value, length);
			link->name[sizeof(link->name) - 1] = '\0';
		} else if (mnl_attr_get_type(attribute) == IFLA_ADDRESS &&
			   length == sizeof(link->mac) && info->ifi_type == ARPHRD_ETHER) {
			memcpy(link->mac, value, length);
			link->has_mac = true;
		} else if (mnl_attr_get_type(attribute) == IFLA_MASTER && length == 4) {
			link->master = (int)mnl_attr_get_u32(attribute);
		}
	}
	return MNL_CB_OK;
}

static bool take_ip(const struct nlattr *attribute, int family, struct ip_address *address)
{
	size_t length = family == AF_INET ? 4 : 16;

	if ((family != AF_INET && family != AF_INET6) ||
	    mnl_attr_get_payload_len(attribute) != length)
		return false;
	address->family = family;
	memcpy(address->bytes, mnl_attr_get_payload(attribute), length);
	return true;
}

static uint32_t creation(const struct nlattr *attribute)
{
	const struct ifa_cacheinfo *times = mnl_attr_get_payload(attribute);

	return mnl_attr_get_payload_len(attribute) < sizeof(*times) ? 0 : times->cstamp;
}

static int take_address(const struct nlmsghdr *message, void *context)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	struct network *network = context;
	struct ip_address local = { 0 }, peer = { 0 };
	const struct nlattr *attribute;
	struct network_address *address;
	uint32_t flags = info->ifa_flags, created = 0;

	if (message->nlmsg_type != RTM_NEWADDR)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*info)) {
		int type = mnl_attr_get_type(attribute);

		if (type == IFA_LOCAL)
			take_ip(attribute, info->ifa_family, &local);
		else if (type == IFA_ADDRESS)
			take_ip(attribute, info->ifa_family, &peer);
		else if (type == IFA_FLAGS && mnl_attr_get_payload_len(attribute) == 4)
			flags = mnl_attr_get_u32(attribute);
		else if (type == IFA_CACHEINFO)
			created = creation(attribute);
	}
	if (!local.family)
		local = peer;
	if (!local.family || info->ifa_prefixlen > 128)
		return MNL_CB_OK;
	address = grow((void **)&network->addresses, &network->address_count, sizeof(*address));
	if (!address)
		return MNL_CB_OK;
	address->index = (int)info->ifa_index;
	address->prefix.address = local;
	address->prefix.length = info->ifa_prefixlen;
	address->is_permanent = flags & IFA_F_PERMANENT;
	address->is_automatic = flags & (IFA_F_TEMPORARY | IFA_F_MANAGETEMPADDR |
					 IFA_F_STABLE_PRIVACY);
	address->is_usable = !(flags & IFA_F_DADFAILED);
	address->is_tentative = (flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) == IFA_F_TENTATIVE;
	address->created = created;
	return MNL_CB_OK;
}

static void add_gateway(struct network *network, int index, const struct ip_address *address,
			uint32_t metric)
{
	struct network_gateway *gateway;

	if (!index || !address->family)
		return;
	gateway = grow((void **)&network->gateways, &network->gateway_count, sizeof(*gateway));
	if (gateway)
		*gateway = (struct network_gateway){ index, *address, metric };
}

/* The next hops of one route; the kernel built them, the lengths are checked all the same. */
static void take_hops(struct network *network, const struct nlattr *hops, int family,
		      uint32_t metric)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(hops);
	size_t left = mnl_attr_get_payload_len(hops);

	while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= left) {
		struct ip_address address = { 0 };
		size_t step = NLMSG_ALIGN(hop->rtnh_len);
		struct nlattr *attr;

		mnl_attr_for_each_payload((void *)RTNH_DATA(hop), hop->rtnh_len - sizeof(*hop)) {
			if (mnl_attr_get_type(attr) == RTA_GATEWAY)
				take_ip(attr, family, &address);
		}
		add_gateway(network, hop->rtnh_ifindex, &address, metric);
		if (step >= left)
			break;
		left -= step;
		hop = (const void *)((const char *)hop + step);
	}
}

static int take_route(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute, *hops = NULL;
	struct ip_address gateway = { 0 };
	uint32_t metric = 0, table = info->rtm_table;
	int index = 0;

	if (message->nlmsg_type != RTM_NEWROUTE || info->rtm_dst_len ||
	    info->rtm_type != RTN_UNICAST || (info->rtm_flags & RTM_F_CLONED))
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*info)) {
		int type = mnl_attr_get_type(attribute);
		bool is_word = mnl_attr_get_payload_len(attribute) == 4;

		if (type == RTA_GATEWAY)
			take_ip(attribute, info->rtm_family, &gateway);
		else if (type == RTA_MULTIPATH)
			hops = attribute;
		else if (type == RTA_OIF && is_word)
			index = (int)mnl_attr_get_u32(attribute);
		else if (type == RTA_PRIORITY && is_word)
			metric = mnl_attr_get_u32(attribute);
		else if (type == RTA_TABLE && is_word)
			table = mnl_attr_get_u32(attribute);
	}
	if (table != RT_TABLE_MAIN)
		return MNL_CB_OK;
	add_gateway(context, index, &gateway, metric);
	if (hops)
		take_hops(context, hops, info->rtm_family, metric);
	return MNL_CB_OK;
}

/* --- dumps ---------------------------------------------------------------------- */

static int dump(struct mnl_socket *socket, uint16_t type, size_t head_size, mnl_cb_t take,
		struct network *network)
{
	static unsigned int sequence;
	char buffer[BUFFER_SIZE] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	ssize_t length;
	int ret;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = ++sequence;
	mnl_nlmsg_put_extra_header(request, head_size);
	if (type == RTM_GETLINK)
		mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	do {
		length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (length < 0)
			return -errno;
		ret = mnl_cb_run(buffer, (size_t)length, sequence, mnl_socket_get_portid(socket),
				 take, network);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -errno : 0;
}

static int read_once(struct network *network)
{
	struct timeval limit = { .tv_sec = 3 };
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int ret = 0;

	if (!socket)
		return -errno;
	setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		ret = -errno;
	if (!ret)
		ret = dump(socket, RTM_GETLINK, sizeof(struct ifinfomsg), take_link, network);
	if (!ret)
		ret = dump(socket, RTM_GETADDR, sizeof(struct ifaddrmsg), take_address, network);
	if (!ret)
		ret = dump(socket, RTM_GETROUTE, sizeof(struct rtmsg), take_route, network);
	mnl_socket_close(socket);
	return ret;
}

static int by_metric(const void *a, const void *b)
{
	const struct network_gateway *first = a, *second = b;

	return (first->metric > second->metric) - (first->metric < second->metric);
}

int network_read(struct network *network)
{
	unsigned int tries = TRIES;
	int ret;

	memset(network, 0, sizeof(*network));
	do {
		network_free(network);
		ret = read_once(network);
	} while (ret == -EINTR && --tries);
	if (ret) {
		network_free(network);
		return ret;
	}
	if (network->gateway_count)
		qsort(network->gateways, network->gateway_count, sizeof(*network->gateways),
		      by_metric);
	return 0;
}

void network_free(struct network *network)
{
	free(network->links);
	free(network->addresses);
	free(network->gateways);
	memset(network, 0, sizeof(*network));
}

const struct network_link *network_find(const struct network *network, const char *name)
{
	size_t i;

	for (i = 0; i < network->link_count; i++) {
		if (!strcmp(network->links[i].name, name))
			return &network->links[i];
	}
	return NULL;
}

bool network_has_address(const struct network *network, int index, int family)
{
	size_t i;

	for (i = 0; i < network->address_count; i++) {
		const struct network_address *address = &network->addresses[i];

		if (address->index == index &&
		    (!family || address->prefix.address.family == family))
			return true;
	}
	return false;
}
