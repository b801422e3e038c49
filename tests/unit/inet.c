// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/inet.h"

#include <arpa/inet.h>

#include "tests/unit/random.h"
#include "tests/unit/unit.h"

static int parse(int family, const char *text, u8 *address)
{
	u32 len = strlen(text);
	char *exact = exact_copy(text, len);
	int ret = family == AF_INET ? hvp_ipv4_parse(exact, len, address)
				    : hvp_ipv6_parse(exact, len, address);

	free(exact);
	return ret;
}

/* The C library is the judge of what is an address. */
static void agrees_with_libc(void **state)
{
	static const struct {
		int family;
		const char *text;
	} cases[] = {
		{ AF_INET, "0.0.0.0" }, { AF_INET, "255.255.255.255" }, { AF_INET, "10.1.200.99" },
		{ AF_INET, "" }, { AF_INET, "1" }, { AF_INET, "1.2.3" }, { AF_INET, "1.2.3." },
		{ AF_INET, ".1.2.3" }, { AF_INET, "1..2.3" }, { AF_INET, "1.2.3.4." },
		{ AF_INET, "1.2.3.4.5" }, { AF_INET, "1.2.3.256" }, { AF_INET, "256.2.3.4" },
		{ AF_INET, "1.2.3.1000" }, { AF_INET, "1.2.3.04" }, { AF_INET, "01.2.3.4" },
		{ AF_INET, "1.2.3.00" }, { AF_INET, "1.2.3.4 " }, { AF_INET, " 1.2.3.4" },
		{ AF_INET, "1.2.3.x" }, { AF_INET, "1.2.3.a" }, { AF_INET, "1.2.3.-4" },
		{ AF_INET, "1.2.3.4294967297" },
		{ AF_INET, "0x1.2.3.4" }, { AF_INET, "ra" }, { AF_INET, "$(reboot)" },
		{ AF_INET6, "::" }, { AF_INET6, "::1" }, { AF_INET6, "1::" }, { AF_INET6, "fe80::1" },
		{ AF_INET6, "1:2:3:4:5:6:7:8" }, { AF_INET6, "1:2:3:4:5:6:7::" },
		{ AF_INET6, "::2:3:4:5:6:7:8" }, { AF_INET6, "1::3:4:5:6:7:8" },
		{ AF_INET6, "ABCD:ef01::9" }, { AF_INET6, "FFFF::f" }, { AF_INET6, "::ffff:1.2.3.4" },
		{ AF_INET6, "1:2:3:4:5:6:1.2.3.4" }, { AF_INET6, "64:ff9b::192.0.2.1" },
		{ AF_INET6, "0001:0:00:000:0000:1:1:1" },
		{ AF_INET6, "" }, { AF_INET6, ":" }, { AF_INET6, ":::" }, { AF_INET6, "1:::2" },
		{ AF_INET6, ":1" }, { AF_INET6, "1:" }, { AF_INET6, ":1::" }, { AF_INET6, "::1:" },
		{ AF_INET6, "1::2::3" }, { AF_INET6, "1:2:3:4:5:6:7" },
		{ AF_INET6, "1:2:3:4:5:6:7:8:9" }, { AF_INET6, "1:2:3:4:5:6:7:8::" },
		{ AF_INET6, "1:2:3:4:5:6:7:8:" },
		{ AF_INET6, "::1:2:3:4:5:6:7:8" }, { AF_INET6, "1:2:3:4::5:6:7:8" },
		{ AF_INET6, "12345::" }, { AF_INET6, "00001::" }, { AF_INET6, "g::" },
		{ AF_INET6, "1.2.3.4" }, { AF_INET6, "1.2.3.4::" }, { AF_INET6, "::1.2.3" },
		{ AF_INET6, "::1.2.3.4.5" }, { AF_INET6, "::1.2.3.4:5" }, { AF_INET6, "::1.2.3.256" },
		{ AF_INET6, "1:2:3:4:5:6:7:1.2.3.4" }, { AF_INET6, "1:2:3:4:5:1.2.3.4" },
		{ AF_INET6, "fe80::1%eth0" }, { AF_INET6, "::1 " }, { AF_INET6, " ::1" },
		{ AF_INET6, "[::1]" }, { AF_INET6, "::1/64" }, { AF_INET6, "ra" },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u32 len = cases[i].family == AF_INET ? 4 : 16;
		u8 ours[16], theirs[16];
		int good;

		memset(ours, 0x5a, sizeof(ours));
		memset(theirs, 0x5a, sizeof(theirs));
		good = inet_pton(cases[i].family, cases[i].text, theirs) == 1;
		if (parse(cases[i].family, cases[i].text, ours) != (good ? 0 : -EINVAL))
			fail_msg("%s: libc says %d", cases[i].text, good);
		assert_case(i, good ? !memcmp(ours, theirs, len) : ours[0] == 0x5a);
	}
}

static const u8 zeros[16];

/* All shapes of zeros, against inet_ntop(). */
static void formats_as_libc(void **state)
{
	struct random random = random_start("inet");

	(void)state;
	for (u32 round = 0; round < 4096; round++) {
		char *ours = exact_block(HVP_IPV6_STRLEN), theirs[INET6_ADDRSTRLEN];
		u8 address[16] = { 0 }, again[16];

		for (u32 group = 0; group < 8; group++)
			if (round >> group & 1)
				address[2 * group + 1] = 1 + random_next(&random) % 255;
		if (round & 0x100)
			address[0] = 0xfe;
		if (round & 0x200)
			address[14] = 0x10;
		/* libc writes these two forms with an IPv4 address in them */
		if (memcmp(address, zeros, 10) == 0)
			address[0] = 0x20;
		inet_ntop(AF_INET6, address, theirs, sizeof(theirs));
		assert_case(round, hvp_ipv6_format(address, ours) == strlen(theirs));
		assert_string_equal(ours, theirs);
		assert_case(round, hvp_ipv6_parse(ours, strlen(ours), again) == 0);
		assert_memory_equal(again, address, 16);
		free(ours);
	}
}

static void edges_of_formats(void **state)
{
	static const u8 full[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const u8 ten[4] = { 10, 0, 100, 1 };
	char *text = exact_block(HVP_IPV6_STRLEN), *ipv4 = exact_block(HVP_IPV4_STRLEN);

	(void)state;
	assert_int_equal(hvp_ipv6_format(zeros, text), 2);
	assert_string_equal(text, "::");
	assert_int_equal(hvp_ipv6_format(full, text), 39);
	assert_string_equal(text, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_int_equal(hvp_ipv4_format(full, ipv4), 15);
	assert_string_equal(ipv4, "255.255.255.255");
	assert_int_equal(hvp_ipv4_format(ten, ipv4), 10);
	assert_string_equal(ipv4, "10.0.100.1");
	free(ipv4);
	free(text);
}

static void prefixes(void **state)
{
	static const struct {
		const char *text;
		u32 max;
		int result;
	} cases[] = {
		{ "0", 128, 0 }, { "64", 128, 64 }, { "/64", 128, 64 }, { "128", 128, 128 },
		{ "129", 128, -EINVAL }, { "33", 32, -EINVAL }, { "/32", 32, 32 }, { "", 128, -EINVAL },
		{ "/", 128, -EINVAL }, { "//64", 128, -EINVAL }, { "064", 128, -EINVAL },
		{ "64 ", 128, -EINVAL }, { "-1", 128, -EINVAL }, { "1000", 1000, -EINVAL },
		{ "6a", 128, -EINVAL }, { "255.255.255.0", 128, -EINVAL },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		u32 len = strlen(cases[i].text);
		char *text = exact_copy(cases[i].text, len);

		assert_case(i, hvp_prefix_parse(text, len, cases[i].max) == cases[i].result);
		free(text);
	}
}

static void masks(void **state)
{
	static const u8 low[4] = { 0, 255, 255, 255 }, hole[4] = { 255, 0, 255, 0 };

	(void)state;
	for (u32 length = 0; length <= 32; length++) {
		u32 bits = length ? ~0u << (32 - length) : 0;
		u8 mask[4] = { bits >> 24, bits >> 16 & 0xff, bits >> 8 & 0xff, bits & 0xff };

		assert_case(length, hvp_ipv4_mask_length(mask) == (int)length);
		mask[3] ^= 1;		/* the last bit alone makes a hole of the others */
		if (length < 31)
			assert_case(length, hvp_ipv4_mask_length(mask) == -EINVAL);
	}
	assert_int_equal(hvp_ipv4_mask_length(low), -EINVAL);
	assert_int_equal(hvp_ipv4_mask_length(hole), -EINVAL);
}

static void numbers(void **state)
{
	char *text = exact_block(21);

	(void)state;
	assert_int_equal(hvp_number_format(0, text), 1);
	assert_string_equal(text, "0");
	assert_int_equal(hvp_number_format(4294967296, text), 10);
	assert_string_equal(text, "4294967296");
	assert_int_equal(hvp_number_format(~0ull, text), 20);
	assert_string_equal(text, "18446744073709551615");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_libc),
		cmocka_unit_test(formats_as_libc),
		cmocka_unit_test(edges_of_formats),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(masks),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests_name("inet", tests, NULL, NULL);
}
