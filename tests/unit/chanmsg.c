// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/chanmsg.h"
#include "protocol/version.h"

#include "tests/unit/unit.h"

/* The protocol once more, in numbers only; nothing here comes from the code under test. */
static const struct expected {
	u32 type;
	u32 min_len;
	enum hvp_direction dir;
	u32 since;		/* 0: legal without a version */
	const char *name;
} expected[] = {
	{ 1, 196, HVP_TO_GUEST, 0x20004, "OfferChannel" },
	{ 2, 12, HVP_TO_GUEST, 0x20004, "RescindOffer" },
	{ 3, 8, HVP_TO_HOST, 0x20004, "RequestOffers" },
	{ 4, 8, HVP_TO_GUEST, 0x20004, "AllOffersDelivered" },
	{ 5, 148, HVP_TO_HOST, 0x20004, "OpenChannel" },
	{ 6, 20, HVP_TO_GUEST, 0x20004, "OpenResult" },
	{ 7, 12, HVP_TO_HOST, 0x20004, "CloseChannel" },
	{ 8, 20, HVP_TO_HOST, 0x20004, "GpadlHeader" },
	{ 9, 16, HVP_TO_HOST, 0x20004, "GpadlBody" },
	{ 10, 20, HVP_TO_GUEST, 0x20004, "GpadlCreated" },
	{ 11, 16, HVP_TO_HOST, 0x20004, "GpadlTeardown" },
	{ 12, 12, HVP_TO_GUEST, 0x20004, "GpadlTorndown" },
	{ 13, 12, HVP_TO_HOST, 0x20004, "RelidReleased" },
	{ 14, 40, HVP_TO_HOST, 0, "InitiateContact" },
	{ 15, 10, HVP_TO_GUEST, 0, "VersionResponse" },
	{ 16, 8, HVP_TO_HOST, 0, "Unload" },
	{ 17, 8, HVP_TO_GUEST, 0, "UnloadResponse" },
	{ 21, 40, HVP_TO_HOST, 0x40000, "TlConnectRequest" },
	{ 22, 16, HVP_TO_HOST, 0x40001, "ModifyChannel" },
	{ 23, 44, HVP_TO_GUEST, 0x40001, "TlConnectResult" },
	{ 24, 16, HVP_TO_GUEST, 0x50003, "ModifyChannelResponse" },
};

static const u32 versions[] = {
	0, 0x20004, 0x30000, 0x40000, 0x40001, 0x50000, 0x50001, 0x50002, 0x50003
};

static const struct expected *find_expected(u32 type)
{
	for (u32 i = 0; i < HVP_COUNT_OF(expected); i++)
		if (expected[i].type == type)
			return &expected[i];
	return NULL;
}

static int verdict(const struct expected *e, u32 len, enum hvp_direction dir, u32 version)
{
	if (len < 8 || !e)
		return -EINVAL;
	if (dir != e->dir || version < e->since)
		return -EPROTO;
	return len < e->min_len ? -EINVAL : 0;
}

static union hvp_chanmsg message(u32 type)
{
	union hvp_chanmsg msg = { .h.type = type };

	if (type == HVP_CM_OFFER_CHANNEL)
		msg.offer.relid = 1;
	return msg;
}

/* Every type, known and not, in every length, direction and version. */
static void check_all(void **state)
{
	(void)state;
	for (u32 type = 0; type < 40; type++) {
		const struct expected *e = find_expected(type);
		union hvp_chanmsg msg = message(type);

		for (u32 len = 0; len <= sizeof(msg); len++) {
			union hvp_chanmsg *copy = exact_copy(&msg, len);

			for (u32 v = 0; v < HVP_COUNT_OF(versions); v++)
				for (u32 dir = HVP_TO_GUEST; dir <= HVP_TO_HOST; dir++)
					assert_int_equal(hvp_chanmsg_check(copy, len, dir, versions[v]),
							 verdict(e, len, dir, versions[v]));
			free(copy);
		}
	}
}

static void check_refuses_oversize(void **state)
{
	union hvp_chanmsg msg = message(HVP_CM_UNLOAD);

	(void)state;
	assert_int_equal(hvp_chanmsg_check(&msg, 240, HVP_TO_HOST, 0), 0);
	assert_int_equal(hvp_chanmsg_check(&msg, 241, HVP_TO_HOST, 0), -EINVAL);
	assert_int_equal(hvp_chanmsg_check(&msg, (size_t)-1, HVP_TO_HOST, 0), -EINVAL);
}

static void check_refuses_unknown_types(void **state)
{
	static const u32 types[] = { 0, 18, 19, 20, 25, 0x7fffffff, 0x80000001, 0xffffffff };

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(types); i++) {
		union hvp_chanmsg msg = message(types[i]);

		assert_case(i, hvp_chanmsg_check(&msg, 240, HVP_TO_HOST, HVP_V5_3) == -EINVAL);
		assert_case(i, hvp_chanmsg_check(&msg, 240, HVP_TO_GUEST, HVP_V5_3) == -EINVAL);
	}
}

static void check_offer_relid(void **state)
{
	static const struct {
		u32 relid;
		int result;
	} cases[] = {
		{ 0, -EINVAL }, { 1, 0 }, { 2047, 0 }, { 2048, -EINVAL },
		{ 0x10001, -EINVAL }, { 0xffffffff, -EINVAL },
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		union hvp_chanmsg msg = message(HVP_CM_OFFER_CHANNEL);

		msg.offer.relid = cases[i].relid;
		assert_case(i, hvp_chanmsg_check(&msg, 196, HVP_TO_GUEST, HVP_V4_0) ==
			       cases[i].result);
	}
}

#define AT(type, field, offset, length)						\
	{									\
		#type "." #field, offsetof(struct type, field), offset,		\
		sizeof(((struct type *)0)->field), length			\
	}

static void layout(void **state)
{
	static const struct {
		const char *what;
		size_t offset, expected_offset;
		size_t size, expected_size;
	} fields[] = {
		AT(hvp_chanmsg_header, type, 0, 4),
		AT(hvp_offer_channel, class_id, 8, 16),
		AT(hvp_offer_channel, instance_id, 24, 16),
		AT(hvp_offer_channel, flags, 56, 2),
		AT(hvp_offer_channel, mmio_megabytes, 58, 2),
		AT(hvp_offer_channel, user_defined, 60, 120),
		AT(hvp_offer_channel, sub_channel_index, 180, 2),
		AT(hvp_offer_channel, relid, 184, 4),
		AT(hvp_offer_channel, monitor_id, 188, 1),
		AT(hvp_offer_channel, monitor_allocated, 189, 1),
		AT(hvp_offer_channel, dedicated_interrupt, 190, 2),
		AT(hvp_offer_channel, connection_id, 192, 4),
		AT(hvp_relid_msg, relid, 8, 4),
		AT(hvp_open_channel, relid, 8, 4),
		AT(hvp_open_channel, open_id, 12, 4),
		AT(hvp_open_channel, ring_gpadl, 16, 4),
		AT(hvp_open_channel, target_vp, 20, 4),
		AT(hvp_open_channel, downstream_page, 24, 4),
		AT(hvp_open_channel, user_data, 28, 120),
		AT(hvp_open_result, status, 16, 4),
		AT(hvp_gpadl_header, relid, 8, 4),
		AT(hvp_gpadl_header, gpadl, 12, 4),
		AT(hvp_gpadl_header, range_buflen, 16, 2),
		AT(hvp_gpadl_header, range_count, 18, 2),
		AT(hvp_gpadl_body, number, 8, 4),
		AT(hvp_gpadl_body, gpadl, 12, 4),
		AT(hvp_gpadl_created, gpadl, 12, 4),
		AT(hvp_gpadl_created, status, 16, 4),
		AT(hvp_gpadl_teardown, gpadl, 12, 4),
		AT(hvp_gpadl_torndown, gpadl, 8, 4),
		AT(hvp_initiate_contact, version, 8, 4),
		AT(hvp_initiate_contact, target_vp, 12, 4),
		AT(hvp_initiate_contact, interrupt_page, 16, 8),
		AT(hvp_initiate_contact, target.sint, 16, 1),
		AT(hvp_initiate_contact, target.vtl, 17, 1),
		AT(hvp_initiate_contact, monitor_page_to_host, 24, 8),
		AT(hvp_initiate_contact, monitor_page_to_guest, 32, 8),
		AT(hvp_version_response, supported, 8, 1),
		AT(hvp_version_response, connection_state, 9, 1),
		AT(hvp_version_response, message_connection, 12, 4),
		AT(hvp_tl_connect, endpoint, 8, 16),
		AT(hvp_tl_connect, service, 24, 16),
		AT(hvp_tl_connect_result, status, 40, 4),
		AT(hvp_modify_channel, target_vp, 12, 4),
		AT(hvp_modify_response, status, 12, 4),
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(fields); i++) {
		if (fields[i].offset != fields[i].expected_offset ||
		    fields[i].size != fields[i].expected_size)
			fail_msg("%s lies at %zu (%zu bytes)", fields[i].what, fields[i].offset,
				 fields[i].size);
	}
	assert_int_equal(sizeof(union hvp_chanmsg), 240);
}

static void names(void **state)
{
	(void)state;
	for (u32 type = 0; type < 40; type++) {
		const struct expected *e = find_expected(type);

		assert_string_equal(hvp_chanmsg_name(type), e ? e->name : "unknown");
	}
	assert_string_equal(hvp_chanmsg_name(0xffffffff), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_all),
		cmocka_unit_test(check_refuses_oversize),
		cmocka_unit_test(check_refuses_unknown_types),
		cmocka_unit_test(check_offer_relid),
		cmocka_unit_test(layout),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("chanmsg", tests, NULL, NULL);
}
