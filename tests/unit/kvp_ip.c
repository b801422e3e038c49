// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/kvp_ip.h"

#include <stdio.h>

#include "tests/unit/unit.h"

static const struct hvp_ic_version v3 = { 3, 0 }, v4 = { 4, 0 }, v5 = { 5, 0 };

static struct hvp_kvp_ip *ip, *found;		/* on the heap: nothing is behind them */
static u8 *body;

static int prepare(void **state)
{
	(void)state;
	ip = exact_block(sizeof(*ip));
	found = exact_block(sizeof(*found));
	body = exact_block(HVP_KVP_IP_MESSAGE_SIZE);
	strcpy(ip->adapter, "{1c9A0F4E-0000-4D96-B827-8A841E8C03E6}");
	ip->families = HVP_KVP_FAMILY_BOTH;
	strcpy(ip->addresses, "192.0.2.10;2001:db8::10");
	strcpy(ip->subnets, "255.255.255.0;64");
	strcpy(ip->gateways, "192.0.2.1;fe80::1");
	strcpy(ip->dns, "192.0.2.53");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	free(body);
	free(found);
	free(ip);
	return 0;
}

static u32 message_size(struct hvp_ic_version version)
{
	return version.major >= 5 ? 3716 : 7428;
}

static struct hvp_kvp_ip_binary *binary(void)
{
	return &((struct hvp_kvp_ip_binary_message *)body)->ip;
}

static struct hvp_kvp_ip_text *text(void)
{
	return &((struct hvp_kvp_ip_text_message *)body)->ip;
}

static void set_in_both_forms(void **state)
{
	(void)state;
	for (u16 major = 4; major <= 5; major++) {
		struct hvp_ic_version version = { major, 0 };

		memset(body, 0xcc, HVP_KVP_IP_MESSAGE_SIZE);
		memset(found, 0xcc, sizeof(*found));
		ip->dhcp = major == 5;
		assert_int_equal(hvp_kvp_ip_build(body, version, HVP_KVP_SET_IP, ip), 7428);
		assert_int_equal(hvp_kvp_check(body, message_size(version), version), HVP_KVP_SET_IP);
		assert_int_equal(hvp_kvp_ip_read(body, version, found), 0);
		assert_memory_equal(found, ip, sizeof(*ip));
	}
}

/* Text begins at byte 2 of the message, binary at byte 4. */
static void wire_forms(void **state)
{
	(void)state;
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_SET_IP, ip), 7428);
	assert_memory_equal(body, "\5\1{\0001\0c\0", 8);
	assert_int_equal(body[2 + 256], 3);			/* both families */
	assert_memory_equal(body + 2 + 258, "1\0009\0002\0.\0", 8);
	assert_memory_equal(body + 2 + 258 + 2048, "2\0005\0005\0.\0", 8);
	assert_memory_equal(body + 2 + 258 + 4096 + 1024, "1\0009\0002\0.\0", 8);

	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), 7428);
	assert_memory_equal(body, "\5\1\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0{\0001\0", 32);
	assert_int_equal(body[4 + 24 + 256], 3);
	assert_memory_equal(body + 4 + 284, "\xc0\0\2\12\0\0\0\0", 8);
	assert_memory_equal(body + 4 + 540, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x10", 16);
	assert_memory_equal(body + 4 + 1564, "\xff\xff\xff\0\0\0\0\0", 8);
	assert_memory_equal(body + 4 + 1820, "\x40\0\0\0\0\0\0\0", 8);
	assert_memory_equal(body + 4 + 2076, "\xc0\0\2\1\0\0\0\0", 8);
	assert_memory_equal(body + 4 + 2096, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	assert_memory_equal(body + 4 + 2176, "\xc0\0\2\65\0\0\0\0", 8);
	assert_int_equal(body[4 + 3712 - 256], 0);		/* origins: not said */
}

static void get_carries_the_adapter_only(void **state)
{
	static const u8 nothing[1024];

	(void)state;
	strcpy(ip->adapter, "00:15:5D:00:00:01");
	for (u16 major = 4; major <= 5; major++) {
		struct hvp_ic_version version = { major, 0 };

		assert_int_equal(hvp_kvp_ip_build(body, version, HVP_KVP_GET_IP, ip), 7428);
		assert_memory_equal(body + 4 + 284, nothing, sizeof(nothing));
		/* What a host leaves in the rest is not looked at. */
		if (major == 5)
			memset(body + 4, 0xff, 24);
		memset(body + (major == 5 ? 284 : 258), 0xff, 3000);
		assert_int_equal(hvp_kvp_ip_read(body, version, found), 0);
		assert_string_equal(found->adapter, ip->adapter);
		assert_string_equal(found->addresses, "");
		assert_int_equal(found->families, 0);
	}
	assert_int_equal(hvp_kvp_ip_build(body, v3, HVP_KVP_GET_IP, ip), -EOPNOTSUPP);
}

static void answer_in_both_forms(void **state)
{
	(void)state;
	strcpy(ip->subnets, "255.255.255.0;/64");		/* as stock daemons write it */
	for (u16 major = 4; major <= 5; major++) {
		struct hvp_ic_version version = { major, 0 };

		ip->dhcp = major == 4;
		assert_int_equal(hvp_kvp_ip_build(body, version, HVP_KVP_GET_IP, ip), 7428);
		memset(body + 4 + 282, 0xff, message_size(version) - 4 - 282);
		assert_int_equal(hvp_kvp_ip_reply(body, version, ip), 0);
		assert_int_equal(hvp_kvp_ip_reply_check(body, message_size(version), version, found),
				 0);
		assert_string_equal(found->adapter, ip->adapter);
		assert_int_equal(found->families, ip->families);
		assert_int_equal(found->dhcp, ip->dhcp);
		assert_string_equal(found->addresses, ip->addresses);
		assert_string_equal(found->subnets, major == 4 ? ip->subnets : "255.255.255.0;64");
		assert_string_equal(found->gateways, ip->gateways);
		assert_string_equal(found->dns, ip->dns);
	}
}

static void origins(void **state)
{
	(void)state;
	strcpy(ip->addresses, "10.0.0.1;::1;10.0.0.2");
	strcpy(ip->subnets, "255.0.0.0;128;255.0.0.0");
	for (u32 dhcp = 0; dhcp < 2; dhcp++) {
		u16 expected[4] = { 2 - dhcp, 2 - dhcp, 0, 0 };

		ip->dhcp = dhcp;
		memset(body, 0xff, HVP_KVP_IP_MESSAGE_SIZE);
		assert_int_equal(hvp_kvp_ip_reply(body, v5, ip), 0);
		assert_memory_equal(body + 4 + 3456, expected, sizeof(expected));
	}
}

/* Junk in any list is refused; only an answer of the guest leaves out gateways and servers. */
static void bad_lists(void **state)
{
	static const struct {
		const char *addresses, *subnets, *gateways, *dns;
		int result;
	} cases[] = {
		{ "", "", "", "", 0 },
		{ "10.0.0.1", "255.0.0.0", "", "", 0 },
		{ "10.0.0.1;", "255.0.0.0;", ";", ";;", 0 },
		{ ";10.0.0.1;;10.0.0.2", "255.0.0.0;255.0.0.0", "", "", 0 },
		{ "10.0.0.1;10.0.0.2", "255.0.0.0", "", "", -EINVAL },
		{ "10.0.0.1", "255.0.0.0;255.0.0.0", "", "", -EINVAL },
		{ "", "255.0.0.0", "", "", -EINVAL },
		{ "10.0.0.1", "", "", "", -EINVAL },
		{ "10.0.0.1", "255.0.255.0", "", "", -EINVAL },
		{ "10.0.0.1", "8", "", "", -EINVAL },
		{ "10.0.0.1", "/8", "", "", -EINVAL },
		{ "::1", "128", "", "", 0 },
		{ "::1", "/0", "", "", 0 },
		{ "::1", "129", "", "", -EINVAL },
		{ "::1", "255.0.0.0", "", "", -EINVAL },
		{ "::1;10.0.0.1", "255.0.0.0;128", "", "", -EINVAL },
		{ "10.0.0.1 ", "255.0.0.0", "", "", -EINVAL },
		{ "10.0.0.1,10.0.0.2", "255.0.0.0", "", "", -EINVAL },
		{ "10.0.0.1\n", "255.0.0.0", "", "", -EINVAL },
		{ "$(reboot)", "255.0.0.0", "", "", -EINVAL },
		{ "fe80::1%eth0", "64", "", "", -EINVAL },
		{ "", "", "ra", "", -EINVAL },
		{ "", "", "10.0.0.1;ra", "", -EINVAL },
		{ "", "", "", "ns.example", -EINVAL },
		{ "", "", "10.0.0.256", "", -EINVAL },
		{ "", "", "", "\xc3\xa4", -EINVAL },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		int sent = cases[i].result ? cases[i].result : 7428, replied;

		strcpy(ip->addresses, cases[i].addresses);
		strcpy(ip->subnets, cases[i].subnets);
		strcpy(ip->gateways, cases[i].gateways);
		strcpy(ip->dns, cases[i].dns);
		assert_case(i, hvp_kvp_ip_check(ip) == cases[i].result);
		assert_case(i, hvp_kvp_ip_build(body, v4, HVP_KVP_SET_IP, ip) == sent);
		assert_case(i, hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip) == sent);
		replied = cases[i].gateways[0] || cases[i].dns[0] ? 0 : cases[i].result;
		assert_case(i, hvp_kvp_ip_reply(body, v4, ip) == replied);
		assert_case(i, hvp_kvp_ip_reply(body, v5, ip) == replied);
	}
}

static void answer_leaves_out_what_is_no_address(void **state)
{
	(void)state;
	strcpy(ip->gateways, "192.0.2.1;ra;fe80::1");
	strcpy(ip->dns, "fe80::1%eth0;192.0.2.53");
	for (u16 major = 4; major <= 5; major++) {
		struct hvp_ic_version version = { major, 0 };

		assert_int_equal(hvp_kvp_ip_build(body, version, HVP_KVP_GET_IP, ip), 7428);
		assert_int_equal(hvp_kvp_ip_reply(body, version, ip), 0);
		assert_int_equal(hvp_kvp_ip_reply_check(body, 7428, version, found), 0);
		assert_string_equal(found->addresses, ip->addresses);
		assert_string_equal(found->gateways, "192.0.2.1;fe80::1");
		assert_string_equal(found->dns, "192.0.2.53");
	}
}

/* The host's lists are parsed before a daemon sees them. */
static void bad_text_on_the_wire(void **state)
{
	(void)state;
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_SET_IP, ip), 7428);
	text()->dns[3] = ' ';
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), -EINVAL);
	text()->dns[3] = 0xd800;
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), -EILSEQ);
	memset(text()->dns, '1', sizeof(text()->dns));
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), -EINVAL);
	memset(text()->dns, 0, sizeof(text()->dns));
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), 0);
	for (u32 i = 0; i < 512; i++)
		text()->gateways[i] = ';';
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), -EINVAL);	/* has no end */
	text()->gateways[511] = 0;
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), 0);
	text()->families = 4;
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), -EINVAL);
	text()->families = 0;
	text()->dhcp = 0xff;
	assert_int_equal(hvp_kvp_ip_read(body, v4, found), 0);
	assert_int_equal(found->dhcp, 1);
}

static void bad_adapters(void **state)
{
	(void)state;
	for (u16 major = 4; major <= 5; major++) {
		struct hvp_ic_version version = { major, 0 };
		u8 *adapter = body + (major == 4 ? 2 : 28);

		assert_int_equal(hvp_kvp_ip_build(body, version, HVP_KVP_GET_IP, ip), 7428);
		adapter[1] = 0xdc;
		assert_int_equal(hvp_kvp_ip_read(body, version, found), -EILSEQ);
		adapter[0] = adapter[1] = 0;
		assert_int_equal(hvp_kvp_ip_read(body, version, found), -EINVAL);
		memset(adapter, 'x', 256);
		assert_int_equal(hvp_kvp_ip_read(body, version, found), -EINVAL);
		memset(adapter + 254, 0, 2);
		assert_int_equal(hvp_kvp_ip_read(body, version, found), -EMSGSIZE);
		for (u32 i = 1; i < 254; i += 2)
			adapter[i] = 0;
		assert_int_equal(hvp_kvp_ip_read(body, version, found), 0);
		assert_int_equal(strlen(found->adapter), 127);
	}
	ip->adapter[0] = '\0';
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_GET_IP, ip), -EINVAL);
	memset(ip->adapter, 'x', sizeof(ip->adapter));
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_GET_IP, ip), -EINVAL);
	ip->adapter[128] = '\0';
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_GET_IP, ip), -EMSGSIZE);
	ip->adapter[127] = '\0';
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_GET_IP, ip), 7428);
	ip->adapter[0] = (char)0xff;
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_GET_IP, ip), -EILSEQ);
}

static void bad_binary(void **state)
{
	static const u32 limits[] = { 64, 64, 5, 5, 64, 64 };

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(limits); i++) {
		static const u32 beyond[] = { 1, 0xffffffff };
		u32 count = limits[i];

		memset(body, 0, HVP_KVP_IP_MESSAGE_SIZE);
		binary()->adapter[0] = 'x';
		body[0] = HVP_KVP_SET_IP;
		memcpy(body + 4 + 4 * i, &count, 4);
		assert_case(i, hvp_kvp_ip_read(body, v5, found) == 0);
		for (u32 b = 0; b < HVP_COUNT_OF(beyond); b++) {
			count = b ? beyond[b] : limits[i] + beyond[b];
			memcpy(body + 4 + 4 * i, &count, 4);
			assert_case(i, hvp_kvp_ip_read(body, v5, found) == -EINVAL);
		}
	}
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), 7428);
	binary()->ipv6_prefixes[0] = 129;
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), -EINVAL);
	binary()->ipv6_prefixes[0] = 128;
	binary()->ipv6_prefixes[1] = 129;		/* beyond the count */
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), 0);
	binary()->ipv4_masks[0].b[0] = 1;
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), -EINVAL);
	binary()->ipv4_masks[0].b[0] = 0xff;
	binary()->families = 7;
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), -EINVAL);
}

/* 64 addresses of a family fit the message, 64 of the longest IPv6 no daemon's list. */
static void longest_binary(void **state)
{
	(void)state;
	memset(body, 0xff, HVP_KVP_IP_MESSAGE_SIZE);
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), 7428);
	memset(binary()->ipv6, 0xff, sizeof(binary()->ipv6));
	binary()->ipv4_count = 0;
	binary()->ipv6_count = 51;			/* 51 * 40 <= 2048 */
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), 0);
	assert_int_equal(strlen(found->addresses), 51 * 40 - 1);
	binary()->ipv6_count = 52;
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), -EMSGSIZE);
	binary()->ipv6_count = 0;
	memset(binary()->ipv6_dns, 0xff, sizeof(binary()->ipv6_dns));
	binary()->ipv6_dns_count = 64;
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), -EMSGSIZE);
}

static void append(char *list, const char *format, u32 number)
{
	sprintf(list + strlen(list), format, *list ? ";" : "", number);
}

static u32 count(const char *list)
{
	u32 found_so_far = *list ? 1 : 0;

	for (; *list; list++)
		found_so_far += *list == ';';
	return found_so_far;
}

/* What does not fit is an error of the host and a cut of the guest. */
static void more_than_fits(void **state)
{
	(void)state;
	ip->addresses[0] = ip->subnets[0] = ip->gateways[0] = ip->dns[0] = '\0';
	for (u32 i = 0; i < 65; i++) {
		append(ip->addresses, "%s10.0.0.%u", i);
		append(ip->subnets, "%s255.255.255.252", i);
		append(ip->dns, "%s10.0.1.%u", i);
	}
	for (u32 i = 0; i < 6; i++)
		append(ip->gateways, "%s10.0.2.%u", i);

	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), -E2BIG);
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_SET_IP, ip), -EMSGSIZE);
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_GET_IP, ip), 7428);
	assert_int_equal(hvp_kvp_ip_reply(body, v5, ip), 0);
	assert_int_equal(hvp_kvp_ip_reply_check(body, 7428, v5, found), 0);
	assert_int_equal(count(found->addresses), 64);
	assert_int_equal(count(found->subnets), 64);
	assert_int_equal(count(found->gateways), 5);
	assert_int_equal(count(found->dns), 64);

	/* 1024 units: 63 masks of 15 and their semicolons fit 1008, 64 would be 1023 and a NUL */
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_GET_IP, ip), 7428);
	assert_int_equal(hvp_kvp_ip_reply(body, v4, ip), 0);
	assert_int_equal(hvp_kvp_ip_reply_check(body, 7428, v4, found), 0);
	assert_int_equal(count(found->subnets), 64);
	assert_int_equal(count(found->addresses), 64);
	assert_int_equal(strlen(found->subnets), 1023);
	assert_int_equal(count(found->gateways), 6);
	assert_int_equal(count(found->dns), 65);
}

/* The same for IPv6, list by list. */
static void more_ipv6_than_fits(void **state)
{
	(void)state;
	ip->addresses[0] = ip->subnets[0] = ip->gateways[0] = ip->dns[0] = '\0';
	for (u32 i = 0; i < 65; i++) {
		append(ip->addresses, "%s2001:db8::%x", i);
		append(ip->subnets, "%s%u", 64);
	}
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), -E2BIG);
	ip->addresses[0] = ip->subnets[0] = '\0';
	for (u32 i = 0; i < 6; i++)
		append(ip->gateways, "%sfe80::%x", i);
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), -E2BIG);
	ip->gateways[0] = '\0';
	for (u32 i = 1; i <= 65; i++)
		append(ip->dns, "%s2001:db8::%x", i);
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), -E2BIG);
	*strrchr(ip->dns, ';') = '\0';
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), 7428);
	assert_int_equal(hvp_kvp_ip_read(body, v5, found), 0);
	assert_string_equal(found->dns, ip->dns);
}

static void more_ipv4_than_fits(void **state)
{
	(void)state;
	ip->addresses[0] = ip->subnets[0] = ip->gateways[0] = ip->dns[0] = '\0';
	for (u32 i = 0; i < 6; i++)
		append(ip->gateways, "%s10.0.2.%u", i);
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), -E2BIG);
	ip->gateways[0] = '\0';
	for (u32 i = 0; i < 65; i++)
		append(ip->dns, "%s10.0.1.%u", i);
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), -E2BIG);
	assert_int_equal(hvp_kvp_ip_build(body, v4, HVP_KVP_SET_IP, ip), 7428);
}

static void lists_without_an_end(void **state)
{
	char *const lists[] = { ip->addresses, ip->subnets, ip->gateways, ip->dns };
	static const u32 sizes[] = { 2048, 2048, 1024, 2048 };

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(lists); i++) {
		memset(lists[i], ';', sizes[i]);
		assert_case(i, hvp_kvp_ip_check(ip) == -EINVAL);
		assert_case(i, hvp_kvp_ip_reply(body, v5, ip) == -EINVAL);
		memset(lists[i], 0, sizes[i]);
	}
	assert_int_equal(hvp_kvp_ip_check(ip), 0);
}

static void families_that_do_not_exist(void **state)
{
	(void)state;
	ip->families = 4;
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), -EINVAL);
	assert_int_equal(hvp_kvp_ip_reply(body, v4, ip), -EINVAL);
	ip->families = HVP_KVP_FAMILY_NONE;
	assert_int_equal(hvp_kvp_ip_build(body, v5, HVP_KVP_SET_IP, ip), 7428);
}

static void answers_that_cannot_be(void **state)
{
	(void)state;
	for (u16 major = 4; major <= 5; major++) {
		struct hvp_ic_version version = { major, 0 };
		u32 size = message_size(version);
		void *short_one;

		hvp_kvp_ip_build(body, version, HVP_KVP_GET_IP, ip);
		assert_int_equal(hvp_kvp_ip_reply(body, version, ip), 0);
		short_one = exact_copy(body, size - 1);
		assert_int_equal(hvp_kvp_ip_reply_check(short_one, size - 1, version, found), -EBADMSG);
		assert_int_equal(hvp_kvp_ip_reply_check(short_one, 0, version, found), -EBADMSG);
		free(short_one);
		body[0] = HVP_KVP_SET_IP;
		assert_int_equal(hvp_kvp_ip_reply_check(body, size, version, found), -EBADMSG);
		body[0] = HVP_KVP_GET_IP;
		assert_int_equal(hvp_kvp_ip_reply_check(body, size, version, found), 0);
		body[(major == 4 ? 2 : 28) + 1] = 0xdc;		/* adapter */
		assert_int_equal(hvp_kvp_ip_reply_check(body, size, version, found), -EBADMSG);
	}
	hvp_kvp_ip_build(body, v4, HVP_KVP_GET_IP, ip);
	hvp_kvp_ip_reply(body, v4, ip);
	text()->addresses[0] = 'x';
	assert_int_equal(hvp_kvp_ip_reply_check(body, 7428, v4, found), -EBADMSG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(set_in_both_forms),
		TEST(wire_forms),
		TEST(get_carries_the_adapter_only),
		TEST(answer_in_both_forms),
		TEST(origins),
		TEST(bad_lists),
		TEST(answer_leaves_out_what_is_no_address),
		TEST(bad_text_on_the_wire),
		TEST(bad_adapters),
		TEST(bad_binary),
		TEST(longest_binary),
		TEST(more_than_fits),
		TEST(more_ipv6_than_fits),
		TEST(more_ipv4_than_fits),
		TEST(lists_without_an_end),
		TEST(families_that_do_not_exist),
		TEST(answers_that_cannot_be),
	};

	return cmocka_run_group_tests_name("kvp_ip", tests, NULL, NULL);
}
