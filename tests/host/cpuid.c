// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/cpuid.h"

#include <errno.h>

#include "tests/unit/unit.h"

static struct cpuid *table_with(const struct kvm_cpuid_entry2 *entries, u32 count)
{
	struct cpuid *cpuid = calloc(1, sizeof(*cpuid));

	for (u32 i = 0; i < count; i++)
		assert_int_equal(cpuid_add(cpuid, &entries[i]), 0);
	return cpuid;
}

static void every_cpu_has_its_own_apic_id(void **state)
{
	const struct kvm_cpuid_entry2 entries[] = {
		{ .function = 0, .eax = 0x1f },
		{ .function = 1, .ebx = 0xff00ffff },
		{ .function = 0x8000001e, .eax = 99 },
	};

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		struct cpuid *cpuid = table_with(entries, HVP_COUNT_OF(entries));

		cpuid_set_topology(cpuid, i, 8);
		assert_int_equal(cpuid_find(cpuid, 1, 0)->ebx, 0xffff | 8 << 16 | i << 24);
		assert_int_equal(cpuid_find(cpuid, 1, 0)->edx, 1 << 28);
		assert_int_equal(cpuid_find(cpuid, 0x8000001e, 0)->eax, i);
		assert_int_equal(cpuid_find(cpuid, 0xb, 0)->edx, i);
		assert_int_equal(cpuid_find(cpuid, 0xb, 1)->edx, i);
		assert_int_equal(cpuid_find(cpuid, 0x1f, 1)->edx, i);
		free(cpuid);
	}
}

static void a_core_leaf_spans_all_cores(void **state)
{
	static const struct {
		unsigned int cpus;
		u32 bits;
	} cases[] = { { 1, 0 }, { 2, 1 }, { 3, 2 }, { 4, 2 }, { 5, 3 }, { 8, 3 } };
	const struct kvm_cpuid_entry2 entries[] = { { .function = 0, .eax = 0xb } };

	(void)state;
	for (u32 i = 0; i < HVP_COUNT_OF(cases); i++) {
		struct cpuid *cpuid = table_with(entries, HVP_COUNT_OF(entries));

		cpuid_set_topology(cpuid, 0, cases[i].cpus);
		assert_case(i, cpuid_find(cpuid, 0xb, 0)->ebx == 1);
		assert_case(i, cpuid_find(cpuid, 0xb, 0)->ecx == 0x100);
		assert_case(i, cpuid_find(cpuid, 0xb, 1)->eax == cases[i].bits);
		assert_case(i, cpuid_find(cpuid, 0xb, 1)->ebx == cases[i].cpus);
		assert_case(i, cpuid_find(cpuid, 0xb, 1)->ecx == 0x201);
		assert_case(i, !cpuid_find(cpuid, 0x1f, 0));
		free(cpuid);
	}
}

static void without_xsave_its_users_go(void **state)
{
	const struct kvm_cpuid_entry2 entries[] = {
		{ .function = 1, .ecx = 0xffffffff & ~(1u << 26) },
		{ .function = 7, .ebx = 0xffffffff, .ecx = 0xffffffff, .edx = 0xffffffff },
		{ .function = 0xd, .eax = 7 },
		{ .function = 0xd, .index = 1, .eax = 7 },
		{ .function = 0x80000001, .ecx = 0xffffffff },
	};
	struct cpuid *cpuid = table_with(entries, HVP_COUNT_OF(entries));

	(void)state;
	cpuid_hide_xsave(cpuid);
	assert_null(cpuid_find(cpuid, 0xd, 0));
	assert_null(cpuid_find(cpuid, 0xd, 1));
	assert_false(cpuid_find(cpuid, 1, 0)->ecx & (1u << 12 | 1u << 27 | 1u << 28 | 1u << 29));
	assert_false(cpuid_find(cpuid, 7, 0)->ebx & (1u << 5 | 1u << 16));
	assert_false(cpuid_find(cpuid, 7, 0)->ecx & (1u << 3 | 1u << 9));
	assert_true(cpuid_find(cpuid, 7, 0)->ebx & 1u << 18);	/* RDSEED has nothing to do with it */
	assert_true(cpuid_find(cpuid, 1, 0)->ecx & 1u << 25);	/* nor has AES-NI */
	free(cpuid);
}

static void a_full_table_says_so(void **state)
{
	struct cpuid *cpuid = calloc(1, sizeof(*cpuid));
	struct kvm_cpuid_entry2 entry = { .function = 5 };

	(void)state;
	for (unsigned int i = 0; i < CPUID_MAX_ENTRIES; i++)
		assert_int_equal(cpuid_add(cpuid, &entry), 0);
	assert_int_equal(cpuid_add(cpuid, &entry), -ENOSPC);
	free(cpuid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cpu_has_its_own_apic_id),
		cmocka_unit_test(a_core_leaf_spans_all_cores),
		cmocka_unit_test(without_xsave_its_users_go),
		cmocka_unit_test(a_full_table_says_so),
	};

	return cmocka_run_group_tests_name("cpuid", tests, NULL, NULL);
}
