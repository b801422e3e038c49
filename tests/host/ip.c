// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/ip.h"

#include "tests/host/kvp_guest.h"

/* Addresses: what people write, both forms on the wire, answers without sense. */

static struct ip_outcome outcome;
static struct hvp_kvp_ip got;
static unsigned int ended;

static void done(void *opaque, const struct ip_outcome *result)
{
	assert_ptr_equal(opaque, &outcome);
	outcome = *result;
	if (result->ip)
		got = *result->ip;
	ended++;
}

static void open_version(u16 major)
{
	ended = 0;
	open_with(major, 0);
	let_the_host_settle();
}

/* ---- what people write ---- */

static void macs_are_written_in_two_ways(void **state)
{
	static const char *const bad[] = {
		"", "00:15:5d:01:02", "00:15:5d:01:02:0g", "00:15:5d:01:02:03:04", "0015.5d01.0203",
		"00:15:5d:01:02:3", "00155d010203",
	};
	struct hvp_kvp_ip ip = { .families = 0 };
	struct err err;
	size_t i;

	(void)state;
	assert_int_equal(ip_put_mac(&ip, "00:15:5d:ab:Cd:03", &err), 0);
	assert_string_equal(ip.adapter, "00:15:5D:AB:CD:03");
	assert_int_equal(ip_put_mac(&ip, "00-15-5d-01-02-03", &err), 0);
	assert_string_equal(ip.adapter, "00:15:5D:01:02:03");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_case(i, ip_put_mac(&ip, bad[i], &err) == -EINVAL &&
			    strstr(err.text, "no MAC address"));
}

static void devices_are_guids(void **state)
{
	struct hvp_kvp_ip ip = { .families = 0 };
	struct err err;

	(void)state;
	assert_int_equal(ip_put_device(&ip, "F8615163-DF3E-46C5-913F-F2D2F965ED0E", &err), 0);
	assert_string_equal(ip.adapter, "{f8615163-df3e-46c5-913f-f2d2f965ed0e}");
	assert_int_equal(ip_put_device(&ip, "{f8615163-df3e-46c5-913f-f2d2f965ed0e}", &err), 0);
	assert_string_equal(ip.adapter, "{f8615163-df3e-46c5-913f-f2d2f965ed0e}");
	assert_int_equal(ip_put_device(&ip, "eth0", &err), -EINVAL);
	assert_non_null(strstr(err.text, "'eth0' is no GUID"));
}

static void addresses_have_prefixes(void **state)
{
	static const char *const bad[] = {
		"", "192.0.2.1", "192.0.2.1/", "192.0.2.1/33", "192.0.2.1/-1", "192.0.2.1/24x",
		"192.0.2/24", "192.0.2.256/24", "2001:db8::1/129", "2001:db8::1", "::g/64", "/24",
		"192.0.2.1/ 24", "192.0.2.1;10.0.0.1/24",
	};
	struct hvp_kvp_ip ip = { .families = 0 };
	struct err err;
	size_t i;

	(void)state;
	assert_int_equal(ip_add_address(&ip, "192.0.2.1/24", &err), 0);
	assert_int_equal(ip_add_address(&ip, "198.51.100.7/0", &err), 0);
	assert_int_equal(ip.families, HVP_KVP_FAMILY_IPV4);
	assert_int_equal(ip_add_address(&ip, "2001:db8::1/64", &err), 0);
	assert_int_equal(ip.families, HVP_KVP_FAMILY_BOTH);
	assert_string_equal(ip.addresses, "192.0.2.1;198.51.100.7;2001:db8::1");
	assert_string_equal(ip.subnets, "255.255.255.0;0.0.0.0;64");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_case(i, ip_add_address(&ip, bad[i], &err) == -EINVAL &&
			    strstr(err.text, "not of the form ADDRESS/PREFIX"));
	assert_string_equal(ip.addresses, "192.0.2.1;198.51.100.7;2001:db8::1");
	assert_int_equal(ip_add_gateway(&ip, "192.0.2.254", &err), 0);
	assert_int_equal(ip_add_gateway(&ip, "192.0.2.254/24", &err), -EINVAL);
	assert_int_equal(ip_add_dns(&ip, "2001:db8::53", &err), 0);
	assert_int_equal(ip_add_dns(&ip, "resolver", &err), -EINVAL);
	assert_non_null(strstr(err.text, "'resolver' is no IP address"));
}

static void a_list_has_an_end(void **state)
{
	struct hvp_kvp_ip ip = { .families = 0 };
	struct err err;
	int i, ret = 0;

	(void)state;
	for (i = 0; i < 1000 && !ret; i++)
		ret = ip_add_address(&ip, "255.255.255.250/32", &err);
	assert_int_equal(ret, -E2BIG);
	assert_true(strlen(ip.addresses) < HVP_KVP_LIST_UNITS);
}

/* ---- set ---- */

static void fill(struct hvp_kvp_ip *ip)
{
	struct err err;

	memset(ip, 0, sizeof(*ip));
	assert_int_equal(ip_put_device(ip, "f8615163-df3e-46c5-913f-f2d2f965ed0e", &err), 0);
	assert_int_equal(ip_add_address(ip, "192.0.2.10/24", &err), 0);
	assert_int_equal(ip_add_address(ip, "2001:db8::10/64", &err), 0);
	assert_int_equal(ip_add_gateway(ip, "192.0.2.1", &err), 0);
	assert_int_equal(ip_add_dns(ip, "192.0.2.53", &err), 0);
}

static void addresses_are_set_in_both_forms(void **state)
{
	static const u16 majors[] = { 4, 5 };
	struct hvp_kvp_ip ip, seen;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct hvp_ic_version version = { majors[i], 0 };

		open_version(majors[i]);
		fill(&ip);
		assert_int_equal(ip_set(kvp, &ip, done, &outcome), 0);
		take_request();
		assert_int_equal(header->size, HVP_KVP_IP_MESSAGE_SIZE);
		assert_int_equal(hvp_kvp_check(body, header->size, version), HVP_KVP_SET_IP);
		assert_int_equal(hvp_kvp_ip_read(body, version, &seen), 0);
		assert_string_equal(seen.adapter, ip.adapter);
		assert_string_equal(seen.addresses, "192.0.2.10;2001:db8::10");
		assert_string_equal(seen.gateways, "192.0.2.1");
		assert_string_equal(seen.dns, "192.0.2.53");
		answer(HVP_HR_OK);
		assert_int_equal(ended, 1);
		assert_int_equal(outcome.error, 0);
		assert_int_equal(outcome.status, 0);
		guest_close(channel);
	}
	assert_int_equal(complaints(), 0);
}

/* What the guest reads of a text: exactly what a person wrote, with the NUL behind it. */
static void the_text_form_is_what_guests_expect(void **state)
{
	const struct hvp_kvp_ip_text_message *text = body;
	struct hvp_kvp_ip ip;

	(void)state;
	open_version(4);
	fill(&ip);
	ip_set(kvp, &ip, done, &outcome);
	take_request();
	assert_memory_equal(text->ip.adapter, u"{f8615163-df3e-46c5-913f-f2d2f965ed0e}", 78);
	assert_memory_equal(text->ip.addresses, u"192.0.2.10;2001:db8::10", 48);
	assert_memory_equal(text->ip.subnets, u"255.255.255.0;64", 34);
	assert_int_equal(text->ip.families, HVP_KVP_FAMILY_BOTH);
	assert_int_equal(text->ip.dhcp, 0);
	answer(HVP_HR_GUID_NOT_FOUND);
	assert_int_equal(outcome.status, HVP_HR_GUID_NOT_FOUND);
	ip_set(kvp, &ip, done, &outcome);
	take_request();
	((struct hvp_kvp_head *)body)->op = HVP_KVP_GET_IP;
	answer(0);
	assert_int_equal(outcome.error, -EBADMSG);
	assert_int_equal(complaints(), 1);
}

/* ---- get ---- */

static void ask_for(const char *mac)
{
	struct hvp_kvp_ip ip = { .families = 0 };
	struct err err;

	assert_int_equal(ip_put_mac(&ip, mac, &err), 0);
	assert_int_equal(ip_get(kvp, &ip, done, &outcome), 0);
	take_request();
}

static void addresses_are_read_in_both_forms(void **state)
{
	static const struct hvp_kvp_ip reply = {
		.families = HVP_KVP_FAMILY_BOTH, .dhcp = 1,
		.addresses = "192.0.2.10;2001:db8::10;", .subnets = "255.255.255.0;/64;",
		.gateways = "192.0.2.1;", .dns = "192.0.2.53;",
	};
	static const u16 majors[] = { 4, 5 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct hvp_ic_version version = { majors[i], 0 };

		open_version(majors[i]);
		ask_for("00:15:5d:01:02:03");
		assert_int_equal(hvp_kvp_ip_reply(body, version, &reply), 0);
		answer(0);
		assert_int_equal(outcome.error, 0);
		assert_non_null(outcome.ip);
		assert_string_equal(got.adapter, "00:15:5D:01:02:03");
		assert_memory_equal(got.addresses, "192.0.2.10;2001:db8::10", 23);
		assert_int_equal(got.dhcp, 1);
		guest_close(channel);
	}
	assert_int_equal(complaints(), 0);
}

/* A daemon that puts "ra" among the gateways is known: no violation, and no answer either. */
static void what_is_no_address_is_no_answer(void **state)
{
	struct hvp_kvp_ip_text_message *text = body;

	(void)state;
	open_version(4);
	ask_for("00:15:5d:01:02:03");
	memcpy(text->ip.gateways, u"ra", 6);
	answer(0);
	assert_int_equal(outcome.error, -EBADMSG);
	assert_null(outcome.ip);
	assert_int_equal(complaints(), 0);
	/* Without a NUL. */
	ask_for("00:15:5d:01:02:03");
	memset(text->ip.addresses, '1', sizeof(text->ip.addresses));
	answer(0);
	assert_int_equal(outcome.error, -EBADMSG);
	/* Too short. */
	ask_for("00:15:5d:01:02:03");
	header->size = 7427;
	message_len = HEADERS + 7427;
	pipe_header->size = message_len - 8;
	answer(0);
	assert_int_equal(outcome.error, -EBADMSG);
	assert_int_equal(complaints(), 1);
	assert_int_equal(ended, 3);
}

static void counts_of_the_binary_form_are_checked(void **state)
{
	struct hvp_kvp_ip_binary_message *binary = body;
	unsigned int i;

	(void)state;
	open_version(5);
	for (i = 0; i < 6; i++) {
		ask_for("00:15:5d:01:02:03");
		((u32 *)&binary->ip)[i] = 0x7fffffff;
		answer(0);
		assert_case(i, ended == i + 1 && outcome.error == -EBADMSG);
	}
}

static void old_versions_have_no_addresses(void **state)
{
	struct hvp_kvp_ip ip;

	(void)state;
	fill(&ip);
	assert_int_equal(ip_set(kvp, &ip, done, &outcome), -ENOTCONN);
	open_version(3);
	assert_int_equal(ip_set(kvp, &ip, done, &outcome), -EOPNOTSUPP);
	assert_int_equal(ip_get(kvp, &ip, done, &outcome), -EOPNOTSUPP);
	assert_int_equal(fake_sent_count, 0);
}

static void what_is_forgotten_calls_nobody(void **state)
{
	(void)state;
	open_version(4);
	ask_for("00:15:5d:01:02:03");
	kvp_forget(kvp, &outcome);
	answer(0);
	assert_int_equal(ended, 0);
	ask_for("00:15:5d:01:02:03");
	guest_close(channel);
	assert_int_equal(ended, 1);
	assert_int_equal(outcome.error, -ENOTCONN);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, kvp_setup, kvp_teardown)
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs_are_written_in_two_ways),
		cmocka_unit_test(devices_are_guids),
		cmocka_unit_test(addresses_have_prefixes),
		cmocka_unit_test(a_list_has_an_end),
		CASE(addresses_are_set_in_both_forms),
		CASE(the_text_form_is_what_guests_expect),
		CASE(addresses_are_read_in_both_forms),
		CASE(what_is_no_address_is_no_answer),
		CASE(counts_of_the_binary_form_are_checked),
		CASE(old_versions_have_no_addresses),
		CASE(what_is_forgotten_calls_nobody),
	};

	return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}
