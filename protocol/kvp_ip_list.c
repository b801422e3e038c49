// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of addresses: read and checked one address at a time, and put into one
 * of the two forms of the wire; and the binary form made lists again.
 */
#include "protocol/inet.h"
#include "protocol/kvp_ip.h"

enum list {
	LIST_ADDRESSES,
	LIST_GATEWAYS,
	LIST_DNS,
	LIST_COUNT
};

/* One address of a list; its texts lie in the list. */
struct entry {
	const char *text;
	u32 len;
	const char *subnet;	/* LIST_ADDRESSES */
	u32 subnet_len;
	bool is_ipv6;
	u8 address[16];
	u8 mask[4];		/* IPv4 */
	u8 prefix;		/* IPv6 */
};

typedef int (*visit_fn)(void *opaque, enum list list, const struct entry *entry);

/* --- reading lists ----------------------------------------------------------- */

struct reader {
	const char *at;
	const char *end;
};

static int reader_start(struct reader *reader, const char *field, u32 size)
{
	int len = hvp_utf8_length(field, size);

	if (len < 0)
		return len;
	reader->at = field;
	reader->end = field + len;
	return 0;
}

/* Nothing between two semicolons, and one at the end, means nothing. */
static bool next_token(struct reader *reader, const char **token, u32 *len)
{
	while (reader->at < reader->end && *reader->at == ';')
		reader->at++;
	*token = reader->at;
	while (reader->at < reader->end && *reader->at != ';')
		reader->at++;
	*len = reader->at - *token;
	return *len != 0;
}

static int parse_address(struct entry *entry)
{
	if (!hvp_ipv4_parse(entry->text, entry->len, entry->address))
		return 0;
	entry->is_ipv6 = true;
	return hvp_ipv6_parse(entry->text, entry->len, entry->address);
}

static int parse_subnet(struct entry *entry)
{
	int prefix;

	if (!entry->is_ipv6) {
		if (hvp_ipv4_parse(entry->subnet, entry->subnet_len, entry->mask))
			return -EINVAL;
		return hvp_ipv4_mask_length(entry->mask) < 0 ? -EINVAL : 0;
	}
	prefix = hvp_prefix_parse(entry->subnet, entry->subnet_len, 128);
	if (prefix < 0)
		return prefix;
	entry->prefix = prefix;
	return 0;
}

/*
 * @subnets is NULL for a list that has none. With @skip, what is no address is
 * passed over.
 */
static int visit_list(enum list list, struct reader *addresses, struct reader *subnets, bool skip,
		      visit_fn visit, void *opaque)
{
	struct entry entry = { .text = NULL };
	int ret;

	while (next_token(addresses, &entry.text, &entry.len)) {
		entry.is_ipv6 = false;
		if (parse_address(&entry)) {
			if (skip)
				continue;
			return -EINVAL;
		}
		if (subnets && (!next_token(subnets, &entry.subnet, &entry.subnet_len) ||
				parse_subnet(&entry)))
			return -EINVAL;
		ret = visit ? visit(opaque, list, &entry) : 0;
		if (ret)
			return ret;
	}
	return subnets && next_token(subnets, &entry.subnet, &entry.subnet_len) ? -EINVAL : 0;
}

static int visit_all(const struct hvp_kvp_ip *ip, bool cut, visit_fn visit, void *opaque)
{
	struct reader addresses, subnets, gateways, dns;
	int ret;

	if (reader_start(&addresses, ip->addresses, sizeof(ip->addresses)) ||
	    reader_start(&subnets, ip->subnets, sizeof(ip->subnets)) ||
	    reader_start(&gateways, ip->gateways, sizeof(ip->gateways)) ||
	    reader_start(&dns, ip->dns, sizeof(ip->dns)))
		return -EINVAL;

	ret = visit_list(LIST_ADDRESSES, &addresses, &subnets, false, visit, opaque);
	if (!ret)
		ret = visit_list(LIST_GATEWAYS, &gateways, NULL, cut, visit, opaque);
	if (!ret)
		ret = visit_list(LIST_DNS, &dns, NULL, cut, visit, opaque);
	return ret;
}

int hvp_kvp_ip_check(const struct hvp_kvp_ip *ip)
{
	return visit_all(ip, false, NULL, NULL);
}

/* --- lists of the wire ------------------------------------------------------- */

/* A list that grows in a field; what is valid here is ASCII. */
struct wide {
	u8 *field;
	u32 units;
	u32 used;		/* units */
};

struct widener {
	bool cut;
	struct wide lists[LIST_COUNT];
	struct wide subnets;
};

static bool wide_fits(const struct wide *wide, u32 len)
{
	/* a semicolon in front, a NUL behind */
	return wide->used + !!wide->used + len + 1 <= wide->units;
}

static void wide_put(struct wide *wide, char c)
{
	wide->field[2 * wide->used] = c;
	wide->field[2 * wide->used + 1] = 0;
	wide->used++;
}

static void wide_add(struct wide *wide, const char *text, u32 len)
{
	if (wide->used)
		wide_put(wide, ';');
	while (len--)
		wide_put(wide, *text++);
}

static int widen_entry(void *opaque, enum list list, const struct entry *entry)
{
	struct widener *widener = opaque;
	struct wide *wide = &widener->lists[list];

	if (!wide_fits(wide, entry->len) ||
	    (list == LIST_ADDRESSES && !wide_fits(&widener->subnets, entry->subnet_len)))
		return widener->cut ? 0 : -EMSGSIZE;
	wide_add(wide, entry->text, entry->len);
	if (list == LIST_ADDRESSES)
		wide_add(&widener->subnets, entry->subnet, entry->subnet_len);
	return 0;
}

static struct wide wide_start(void *field, u32 size)
{
	memset(field, 0, size);
	return (struct wide){ .field = field, .units = size / 2 };
}

int hvp_kvp_ip_widen(const struct hvp_kvp_ip *ip, bool cut, struct hvp_kvp_ip_text *text)
{
	struct widener widener = {
		.cut = cut,
		.lists = {
			[LIST_ADDRESSES] = wide_start(text->addresses, sizeof(text->addresses)),
			[LIST_GATEWAYS] = wide_start(text->gateways, sizeof(text->gateways)),
			[LIST_DNS] = wide_start(text->dns, sizeof(text->dns)),
		},
		.subnets = wide_start(text->subnets, sizeof(text->subnets)),
	};

	return visit_all(ip, cut, widen_entry, &widener);
}

/* --- binary ------------------------------------------------------------------ */

struct packer {
	bool cut;
	struct hvp_kvp_ip_binary *to;
};

static int pack_ipv4(struct hvp_kvp_ip_binary *to, enum list list, const struct entry *entry)
{
	switch (list) {
	case LIST_ADDRESSES:
		if (to->ipv4_count == HVP_KVP_IPS_MAX)
			return -E2BIG;
		memcpy(to->ipv4_masks[to->ipv4_count].b, entry->mask, sizeof(struct hvp_ipv4));
		memcpy(to->ipv4[to->ipv4_count++].b, entry->address, sizeof(struct hvp_ipv4));
		return 0;
	case LIST_GATEWAYS:
		if (to->ipv4_gateway_count == HVP_KVP_GATEWAYS_MAX)
			return -E2BIG;
		memcpy(to->ipv4_gateways[to->ipv4_gateway_count++].b, entry->address,
		       sizeof(struct hvp_ipv4));
		return 0;
	default:
		if (to->ipv4_dns_count == HVP_KVP_IPS_MAX)
			return -E2BIG;
		memcpy(to->ipv4_dns[to->ipv4_dns_count++].b, entry->address,
		       sizeof(struct hvp_ipv4));
		return 0;
	}
}

static int pack_ipv6(struct hvp_kvp_ip_binary *to, enum list list, const struct entry *entry)
{
	switch (list) {
	case LIST_ADDRESSES:
		if (to->ipv6_count == HVP_KVP_IPS_MAX)
			return -E2BIG;
		to->ipv6_prefixes[to->ipv6_count] = entry->prefix;
		memcpy(to->ipv6[to->ipv6_count++].b, entry->address, sizeof(struct hvp_ipv6));
		return 0;
	case LIST_GATEWAYS:
		if (to->ipv6_gateway_count == HVP_KVP_GATEWAYS_MAX)
			return -E2BIG;
		memcpy(to->ipv6_gateways[to->ipv6_gateway_count++].b, entry->address,
		       sizeof(struct hvp_ipv6));
		return 0;
	default:
		if (to->ipv6_dns_count == HVP_KVP_IPS_MAX)
			return -E2BIG;
		memcpy(to->ipv6_dns[to->ipv6_dns_count++].b, entry->address,
		       sizeof(struct hvp_ipv6));
		return 0;
	}
}

static int pack_entry(void *opaque, enum list list, const struct entry *entry)
{
	struct packer *packer = opaque;
	int ret = entry->is_ipv6 ? pack_ipv6(packer->to, list, entry)
				 : pack_ipv4(packer->to, list, entry);

	return packer->cut && ret == -E2BIG ? 0 : ret;
}

/* Field by field: the adapter between them, and the origins behind them, stay. */
static void clear(struct hvp_kvp_ip_binary *binary)
{
	binary->ipv4_count = 0;
	binary->ipv6_count = 0;
	binary->ipv4_gateway_count = 0;
	binary->ipv6_gateway_count = 0;
	binary->ipv4_dns_count = 0;
	binary->ipv6_dns_count = 0;
	memset(binary->ipv4, 0, sizeof(binary->ipv4));
	memset(binary->ipv6, 0, sizeof(binary->ipv6));
	memset(binary->ipv4_masks, 0, sizeof(binary->ipv4_masks));
	memset(binary->ipv6_prefixes, 0, sizeof(binary->ipv6_prefixes));
	memset(binary->ipv4_gateways, 0, sizeof(binary->ipv4_gateways));
	memset(binary->ipv6_gateways, 0, sizeof(binary->ipv6_gateways));
	memset(binary->ipv4_dns, 0, sizeof(binary->ipv4_dns));
	memset(binary->ipv6_dns, 0, sizeof(binary->ipv6_dns));
}

int hvp_kvp_ip_pack(const struct hvp_kvp_ip *ip, bool cut, struct hvp_kvp_ip_binary *binary)
{
	struct packer packer = { .cut = cut, .to = binary };

	clear(binary);
	return visit_all(ip, cut, pack_entry, &packer);
}

/* --- binary to lists --------------------------------------------------------- */

struct narrow {
	char *field;
	u32 room;
	u32 used;
};

static int narrow_add(struct narrow *narrow, const char *text, u32 len)
{
	u32 separator = narrow->used ? 1 : 0;

	if (narrow->used + separator + len + 1 > narrow->room)
		return -EMSGSIZE;
	if (separator)
		narrow->field[narrow->used++] = ';';
	memcpy(narrow->field + narrow->used, text, len);
	narrow->used += len;
	narrow->field[narrow->used] = '\0';
	return 0;
}

static int add_ipv4s(struct narrow *narrow, const struct hvp_ipv4 *addresses, u32 count)
{
	char text[HVP_IPV4_STRLEN];
	int ret = 0;
	u32 i;

	for (i = 0; i < count && !ret; i++)
		ret = narrow_add(narrow, text, hvp_ipv4_format(addresses[i].b, text));
	return ret;
}

static int add_ipv6s(struct narrow *narrow, const struct hvp_ipv6 *addresses, u32 count)
{
	char text[HVP_IPV6_STRLEN];
	int ret = 0;
	u32 i;

	for (i = 0; i < count && !ret; i++)
		ret = narrow_add(narrow, text, hvp_ipv6_format(addresses[i].b, text));
	return ret;
}

static int add_subnets(struct narrow *narrow, const struct hvp_kvp_ip_binary *binary)
{
	char text[21];
	int ret;
	u32 i;

	for (i = 0; i < binary->ipv4_count; i++)
		if (hvp_ipv4_mask_length(binary->ipv4_masks[i].b) < 0)
			return -EINVAL;
	ret = add_ipv4s(narrow, binary->ipv4_masks, binary->ipv4_count);
	for (i = 0; i < binary->ipv6_count && !ret; i++) {
		if (binary->ipv6_prefixes[i] > 128)
			return -EINVAL;
		ret = narrow_add(narrow, text, hvp_number_format(binary->ipv6_prefixes[i], text));
	}
	return ret;
}

static bool counts_ok(const struct hvp_kvp_ip_binary *binary)
{
	return binary->ipv4_count <= HVP_KVP_IPS_MAX &&
	       binary->ipv6_count <= HVP_KVP_IPS_MAX &&
	       binary->ipv4_gateway_count <= HVP_KVP_GATEWAYS_MAX &&
	       binary->ipv6_gateway_count <= HVP_KVP_GATEWAYS_MAX &&
	       binary->ipv4_dns_count <= HVP_KVP_IPS_MAX &&
	       binary->ipv6_dns_count <= HVP_KVP_IPS_MAX;
}

static struct narrow narrow_start(char *field, u32 room)
{
	field[0] = '\0';
	return (struct narrow){ .field = field, .room = room };
}

int hvp_kvp_ip_unpack(const struct hvp_kvp_ip_binary *binary, struct hvp_kvp_ip *ip)
{
	struct narrow addresses = narrow_start(ip->addresses, sizeof(ip->addresses));
	struct narrow gateways = narrow_start(ip->gateways, sizeof(ip->gateways));
	struct narrow subnets = narrow_start(ip->subnets, sizeof(ip->subnets));
	struct narrow dns = narrow_start(ip->dns, sizeof(ip->dns));
	int ret;

	if (!counts_ok(binary))
		return -EINVAL;

	ret = add_subnets(&subnets, binary);
	if (!ret)
		ret = add_ipv4s(&addresses, binary->ipv4, binary->ipv4_count);
	if (!ret)
		ret = add_ipv6s(&addresses, binary->ipv6, binary->ipv6_count);
	if (!ret)
		ret = add_ipv4s(&gateways, binary->ipv4_gateways, binary->ipv4_gateway_count);
	if (!ret)
		ret = add_ipv6s(&gateways, binary->ipv6_gateways, binary->ipv6_gateway_count);
	if (!ret)
		ret = add_ipv4s(&dns, binary->ipv4_dns, binary->ipv4_dns_count);
	if (!ret)
		ret = add_ipv6s(&dns, binary->ipv6_dns, binary->ipv6_dns_count);
	return ret;
}
