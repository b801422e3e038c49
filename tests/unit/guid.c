// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/guid.h"

#include "tests/unit/unit.h"

static const struct {
	struct hvp_guid guid;
	const char *text;
} known[] = {
	{ HVP_CLASS_SCSI, "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f" },
	{ HVP_CLASS_IDE, "32412632-86cb-44a2-9b5c-50d1417354f5" },
	{ HVP_CLASS_FC, "2f9bcc4a-0069-4af3-b76b-6fd0be528cda" },
	{ HVP_CLASS_NIC, "f8615163-df3e-46c5-913f-f2d2f965ed0e" },
	{ HVP_CLASS_SHUTDOWN, "0e0b6031-5213-4934-818b-38d90ced39db" },
	{ HVP_CLASS_TIMESYNC, "9527e630-d0ae-497b-adce-e80ab0175caf" },
	{ HVP_CLASS_HEARTBEAT, "57164f39-9115-4e78-ab55-382f3bd5422d" },
	{ HVP_CLASS_KVP, "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6" },
	{ HVP_CLASS_VSS, "35fa2e29-ea23-4236-96ae-3a6ebacba440" },
	{ HVP_CLASS_FCOPY, "34d14be3-dee4-41c8-9ae7-6b174977c192" },
	{ HVP_CLASS_DM, "525074dc-8985-46e2-8057-a307dc18a502" },
	{ HVP_CLASS_PCI, "44c4f61d-4444-4400-9d52-802e27ede19f" },
	{ HVP_CLASS_RDMA, "8c2eaf3d-32a7-4b09-ab99-bd1f1c86b501" },
	{ HVP_CLASS_MOUSE, "cfa8b69e-5b4a-4cc0-b98b-8ba1a1f3f95a" },
	{ HVP_CLASS_KEYBOARD, "f912ad6d-2b17-48ea-bd65-f927a61c7684" },
	{ HVP_CLASS_VIDEO, "da0a7802-e377-4aac-8e77-0558eb1073f8" },
	{ { { 0 } }, "00000000-0000-0000-0000-000000000000" },
};

static void format_known(void **state)
{
	char *text = malloc(HVP_GUID_STRLEN);

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(known); i++) {
		memset(text, 'x', HVP_GUID_STRLEN);
		hvp_guid_format(&known[i].guid, text);
		assert_string_equal(text, known[i].text);
	}
	free(text);
}

static void parse_known(void **state)
{
	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(known); i++) {
		struct hvp_guid guid;

		assert_int_equal(hvp_guid_parse(known[i].text, &guid), 0);
		assert_true(hvp_guid_equal(&guid, &known[i].guid));
	}
}

/* The first three fields are little-endian, the rest is in order. */
static void wire_order(void **state)
{
	static const u8 wire[16] = {
		0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
		0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
	};
	struct hvp_guid guid;

	(void)state;
	assert_int_equal(hvp_guid_parse("00112233-4455-6677-8899-aabbccddeeff", &guid), 0);
	assert_memory_equal(guid.b, wire, sizeof(wire));
}

static void parse_accepts(void **state)
{
	static const char *const good[] = {
		"BA6163D9-04A1-4D29-B605-72E2FFB1DC7F",
		"{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f}",
		"{Ba6163d9-04a1-4d29-b605-72e2ffb1dC7F}",
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(good); i++) {
		struct hvp_guid guid;

		assert_case(i, hvp_guid_parse(good[i], &guid) == 0);
		assert_case(i, hvp_guid_equal(&guid, &HVP_CLASS_SCSI));
	}
}

static void parse_refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"{}",
		"ba6163d9",
		"ba6163d904a14d29b60572e2ffb1dc7f",
		"ba6163d9-04a1-4d29-b605-72e2ffb1dc7f ",
		" ba6163d9-04a1-4d29-b605-72e2ffb1dc7f",
		"ba6163d9-04a1-4d29-b605-72e2ffb1dc7f0",
		"ba6163d9-04a1-4d29-b605-72e2ffb1dc7g",
		"ba6163d9-04a1-4d29-b605-72e2ffb1dcg7",
		"ba6163d9-04a1-4d29-b605+72e2ffb1dc7f",
		"ba6163d90-4a1-4d29-b605-72e2ffb1dc7f",
		"{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f",
		"ba6163d9-04a1-4d29-b605-72e2ffb1dc7f}",
		"{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f}}",
		"{{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f}}",
	};

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(bad); i++) {
		char *text = exact_copy(bad[i], strlen(bad[i]) + 1);
		struct hvp_guid guid = HVP_CLASS_NIC;

		assert_case(i, hvp_guid_parse(text, &guid) == -EINVAL);
		assert_case(i, hvp_guid_equal(&guid, &HVP_CLASS_NIC));
		free(text);
	}
}

/* Every truncation is refused without a look behind its end. */
static void parse_refuses_any_prefix(void **state)
{
	static const char whole[] = "{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f}";

	(void)state;
	for (u32 len = 0; len < sizeof(whole) - 1; len++) {
		char *text = exact_copy(whole, len + 1);
		struct hvp_guid guid;

		text[len] = '\0';
		assert_case(len, hvp_guid_parse(text, &guid) == -EINVAL);
		free(text);
	}
}

static void equal_sees_every_byte(void **state)
{
	(void)state;
	for (u32 i = 0; i < 16; i++) {
		struct hvp_guid other = HVP_CLASS_SCSI;

		assert_true(hvp_guid_equal(&other, &HVP_CLASS_SCSI));
		other.b[i] ^= 1;
		assert_false(hvp_guid_equal(&other, &HVP_CLASS_SCSI));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format_known),
		cmocka_unit_test(parse_known),
		cmocka_unit_test(wire_order),
		cmocka_unit_test(parse_accepts),
		cmocka_unit_test(parse_refuses),
		cmocka_unit_test(parse_refuses_any_prefix),
		cmocka_unit_test(equal_sees_every_byte),
	};

	return cmocka_run_group_tests_name("guid", tests, NULL, NULL);
}
