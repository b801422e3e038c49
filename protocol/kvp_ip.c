// SPDX-License-Identifier: GPL-2.0-only
/*
 * The messages about addresses: which form a version has, and who writes what.
 * Lists and addresses become each other in protocol/kvp_ip_list.c.
 */
#include "protocol/kvp_ip.h"

#define ADAPTER_SIZE	(2 * HVP_KVP_ADAPTER_UNITS)

static bool is_binary(struct hvp_ic_version version)
{
	return version.major >= 5;
}

static struct hvp_kvp_ip_binary *binary_of(void *body)
{
	return &((struct hvp_kvp_ip_binary_message *)body)->ip;
}

static struct hvp_kvp_ip_text *text_of(void *body)
{
	return &((struct hvp_kvp_ip_text_message *)body)->ip;
}

static const struct hvp_kvp_ip_binary *binary_in(const void *body)
{
	return &((const struct hvp_kvp_ip_binary_message *)body)->ip;
}

static const struct hvp_kvp_ip_text *text_in(const void *body)
{
	return &((const struct hvp_kvp_ip_text_message *)body)->ip;
}

static int set_families(struct hvp_kvp_ip *ip, u8 families, u8 dhcp)
{
	if (families & ~HVP_KVP_FAMILY_BOTH)
		return -EINVAL;
	ip->families = families;
	ip->dhcp = dhcp != 0;
	return 0;
}

/* --- reading ----------------------------------------------------------------- */

static int get_adapter(const void *adapter, struct hvp_kvp_ip *ip)
{
	int len = hvp_utf16_field(adapter, ADAPTER_SIZE, ip->adapter, sizeof(ip->adapter));

	if (len < 0)
		return len;
	return len ? 0 : -EINVAL;
}

static int get_text(const struct hvp_kvp_ip_text *text, struct hvp_kvp_ip *ip)
{
	const struct {
		const void *from;
		u32 size;
		char *to;
		u32 room;
	} lists[] = {
		{ text->addresses, sizeof(text->addresses), ip->addresses, sizeof(ip->addresses) },
		{ text->subnets, sizeof(text->subnets), ip->subnets, sizeof(ip->subnets) },
		{ text->gateways, sizeof(text->gateways), ip->gateways, sizeof(ip->gateways) },
		{ text->dns, sizeof(text->dns), ip->dns, sizeof(ip->dns) },
	};
	u32 i;

	for (i = 0; i < HVP_COUNT_OF(lists); i++) {
		int ret = hvp_utf16_field(lists[i].from, lists[i].size, lists[i].to, lists[i].room);

		if (ret < 0)
			return ret;
	}
	if (set_families(ip, text->families, text->dhcp))
		return -EINVAL;
	return hvp_kvp_ip_check(ip);
}

static int get_binary(const struct hvp_kvp_ip_binary *binary, struct hvp_kvp_ip *ip)
{
	if (set_families(ip, binary->families, binary->dhcp))
		return -EINVAL;
	return hvp_kvp_ip_unpack(binary, ip);
}

static int get_body(const void *body, struct hvp_ic_version version, struct hvp_kvp_ip *ip)
{
	return is_binary(version) ? get_binary(binary_in(body), ip) : get_text(text_in(body), ip);
}

static int get_target(const void *body, struct hvp_ic_version version, struct hvp_kvp_ip *ip)
{
	memset(ip, 0, sizeof(*ip));
	if (is_binary(version))
		return get_adapter(binary_in(body)->adapter, ip);
	return get_adapter(text_in(body)->adapter, ip);
}

int hvp_kvp_ip_read(const void *body, struct hvp_ic_version version, struct hvp_kvp_ip *ip)
{
	const struct hvp_kvp_head *head = body;
	int ret = get_target(body, version, ip);

	if (ret || head->op == HVP_KVP_GET_IP)
		return ret;
	return get_body(body, version, ip);
}

int hvp_kvp_ip_reply_check(const void *body, u32 len, struct hvp_ic_version version,
			   struct hvp_kvp_ip *ip)
{
	if (hvp_kvp_check(body, len, version) != HVP_KVP_GET_IP)
		return -EBADMSG;
	if (get_target(body, version, ip) || get_body(body, version, ip))
		return -EBADMSG;
	return 0;
}

/* --- writing ----------------------------------------------------------------- */

static int put_text(const struct hvp_kvp_ip *ip, bool cut, struct hvp_kvp_ip_text *text)
{
	text->families = ip->families;
	text->dhcp = ip->dhcp;
	return hvp_kvp_ip_widen(ip, cut, text);
}

static int put_binary(const struct hvp_kvp_ip *ip, bool cut, struct hvp_kvp_ip_binary *binary)
{
	binary->families = ip->families;
	binary->dhcp = ip->dhcp;
	return hvp_kvp_ip_pack(ip, cut, binary);
}

static int put_body(const struct hvp_kvp_ip *ip, bool cut, struct hvp_ic_version version,
		    void *body)
{
	if (ip->families & ~HVP_KVP_FAMILY_BOTH)
		return -EINVAL;
	return is_binary(version) ? put_binary(ip, cut, binary_of(body))
				  : put_text(ip, cut, text_of(body));
}

static void put_origins(struct hvp_kvp_ip_binary *binary, bool dhcp)
{
	u32 i;

	memset(binary->origins, 0, sizeof(binary->origins));
	for (i = 0; i < binary->ipv4_count; i++)
		binary->origins[i] = dhcp ? HVP_KVP_ORIGIN_OTHER : HVP_KVP_ORIGIN_STATIC;
}

int hvp_kvp_ip_reply(void *body, struct hvp_ic_version version, const struct hvp_kvp_ip *ip)
{
	int ret = put_body(ip, true, version, body);

	if (!ret && is_binary(version))
		put_origins(binary_of(body), ip->dhcp);
	return ret;
}

static int put_adapter(const struct hvp_kvp_ip *ip, void *adapter)
{
	int len = hvp_utf8_length(ip->adapter, sizeof(ip->adapter));
	int ret;

	if (len <= 0)
		return -EINVAL;
	ret = hvp_utf8_to_utf16(ip->adapter, len, adapter, ADAPTER_SIZE);
	return ret < 0 ? ret : 0;
}

int hvp_kvp_ip_build(void *body, struct hvp_ic_version version, enum hvp_kvp_op op,
		     const struct hvp_kvp_ip *ip)
{
	struct hvp_kvp_head *head = body;
	int ret;

	if (version.major < 4)
		return -EOPNOTSUPP;

	memset(body, 0, HVP_KVP_IP_MESSAGE_SIZE);
	head->op = op;
	head->pool = HVP_KVP_GUEST;
	if (is_binary(version))
		ret = put_adapter(ip, binary_of(body)->adapter);
	else
		ret = put_adapter(ip, text_of(body)->adapter);
	if (!ret && op == HVP_KVP_SET_IP)
		ret = put_body(ip, false, version, body);
	return ret ? ret : (int)HVP_KVP_IP_MESSAGE_SIZE;
}
