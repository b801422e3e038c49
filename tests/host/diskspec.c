// SPDX-License-Identifier: GPL-2.0-only
#include "host/vsp/diskspec.h"

#include "host/vsp/storspec.h"
#include "host/vsp/storvsp.h"
#include "protocol/stor.h"
#include "tests/unit/unit.h"

static void a_full_specification_is_read(void **state)
{
	struct disk_spec spec;
	struct err err;

	(void)state;
	assert_int_equal(diskspec_parse("file=/x/y.img,controller=1,lun=63,ro,serial=abc,block=4096",
					&spec, &err), 0);
	assert_int_equal(spec.kind, DISK_KIND_FILE);
	assert_string_equal(spec.path, "/x/y.img");
	assert_int_equal(spec.controller, 1);
	assert_int_equal(spec.lun, 63);
	assert_true(spec.read_only);
	assert_string_equal(spec.serial, "abc");
	assert_int_equal(spec.block_size, 4096);
}

static void defaults_stand_for_what_is_left_out(void **state)
{
	struct disk_spec spec;
	struct err err;

	(void)state;
	assert_int_equal(diskspec_parse("ram=64M", &spec, &err), 0);
	assert_int_equal(spec.kind, DISK_KIND_RAM);
	assert_int_equal(spec.bytes, 64 << 20);
	assert_int_equal(spec.controller, 0);
	assert_int_equal(spec.lun, DISKSPEC_LUN_ANY);
	assert_false(spec.read_only);
	assert_string_equal(spec.serial, "");
	assert_int_equal(spec.block_size, 512);
}

static void sizes_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;		/* 0: refused */
	} cases[] = {
		{ "512", 512 },			{ "4k", 4096 },
		{ "1M", 1 << 20 },		{ "2G", 2ull << 30 },
		{ "3T", 3ull << 40 },		{ "4194304T", 1ull << 62 },
		{ "4194305T", 0 },		{ "0", 0 },
		{ "", 0 },			{ "-1", 0 },
		{ " 1", 0 },			{ "1X", 0 },
		{ "1MB", 0 },			{ "99999999999999999999", 0 },
	};
	uint64_t bytes;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bytes = 0;
		assert_int_equal(diskspec_parse_size(cases[i].text, &bytes),
				 cases[i].bytes ? 0 : -EINVAL);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void every_mistake_is_named(void **state)
{
	static const struct {
		const char *text;
		const char *part;	/* of the sentence */
	} cases[] = {
		{ "", "unknown word" },
		{ "lun=1", "exactly one of" },
		{ "ram=1M,null=1M", "exactly one of" },
		{ "ram=1M,ram=2M", "twice" },
		{ "ram=1M,foo=1", "\"foo=\"" },
		{ "ram=1M,rw", "\"rw\"" },
		{ "ram=1M,,ro", "unknown word" },
		{ "ram=12Q", "\"12Q\"" },
		{ "ram=1000", "block size 512" },
		{ "ram=512,block=4096", "block size 4096" },
		{ "ram=1M,controller=2", "controller=2" },
		{ "ram=1M,lun=64", "lun=64" },
		{ "ram=1M,lun=-1", "lun=-1" },
		{ "ram=1M,block=1024", "block=1024" },
		{ "ram=1M,serial=", "serial" },
		{ "ram=1M,serial=a b", "serial" },
		{ "ram=1M,serial=123456789012345678901234567890123", "serial" },
		{ "file=", "path" },
	};
	struct disk_spec spec;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(diskspec_parse(cases[i].text, &spec, &err), -EINVAL);
		if (!strstr(err.text, cases[i].part))
			fail_msg("%s: \"%s\"", cases[i].text, err.text);
	}
}

static void controllers_are_described(void **state)
{
	struct storvsp_config config = { .max_sub_channels = 3 };
	struct err err;

	(void)state;
	assert_int_equal(storspec_parse("version=6.0,max-transfer=512K", &config, &err), 0);
	assert_int_equal(config.max_version, HVP_STOR_V6_0);
	assert_int_equal(config.max_transfer_bytes, 512 << 10);
	assert_int_equal(config.max_sub_channels, 3);
	assert_int_equal(storspec_parse("sub-channels=0", &config, &err), 0);
	assert_int_equal(config.max_sub_channels, 0);
}

static void mistakes_about_controllers_are_named(void **state)
{
	static const char *const cases[] = {
		"", "version=7.0", "version=", "sub-channels=65", "sub-channels=x", "sub-channels=",
		"max-transfer=1000", "max-transfer=4M", "max-transfer=0", "colour=red", "version",
		"version=6.0,,", "version=6.0,x",
	};
	struct storvsp_config config;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_case(i, storspec_parse(cases[i], &config, &err) == -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_specification_is_read),
		cmocka_unit_test(defaults_stand_for_what_is_left_out),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(every_mistake_is_named),
		cmocka_unit_test(controllers_are_described),
		cmocka_unit_test(mistakes_about_controllers_are_named),
	};

	return cmocka_run_group_tests_name("diskspec", tests, NULL, NULL);
}
