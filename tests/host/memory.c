// SPDX-License-Identifier: GPL-2.0-only
#include "host/machine/memory.h"

#include <errno.h>

#include "tests/unit/unit.h"

#define MIB	(1ull << 20)
#define HIGH	(4096 * MIB)

/*
 *	0        1 MiB     2 MiB              4 GiB     +1 MiB
 *	|  first   |  second  |     hole      |  high     |
 */
static int setup(void **state)
{
	struct gmem *gmem = gmem_create();

	assert_non_null(gmem_add(gmem, 0, MIB));
	assert_non_null(gmem_add(gmem, MIB, MIB));
	assert_non_null(gmem_add(gmem, HIGH, MIB));
	*state = gmem;
	return 0;
}

static int teardown(void **state)
{
	gmem_destroy(*state);
	return 0;
}

static const struct {
	uint64_t gpa;
	size_t len;
	bool mapped;		/* within one region */
	bool readable;		/* regions that touch will do */
} spans[] = {
	{ 0, 1, true, true },
	{ 0, MIB, true, true },
	{ MIB - 1, 1, true, true },
	{ MIB - 1, 2, false, true },
	{ 0, 2 * MIB, false, true },
	{ 2 * MIB - 1, 2, false, false },
	{ 2 * MIB, 1, false, false },
	{ HIGH - 1, 2, false, false },
	{ HIGH, MIB, true, true },
	{ HIGH + MIB - 8, 8, true, true },
	{ HIGH + MIB - 8, 9, false, false },
	{ HIGH + MIB, 1, false, false },
	{ UINT64_MAX, 1, false, false },
	{ UINT64_MAX - 7, 16, false, false },
	{ 0x1000, SIZE_MAX, false, false },
	{ 0x1000, SIZE_MAX - 0xfff, false, false },
};

static void spans_are_checked(void **state)
{
	char *buf = malloc(2 * MIB);

	for (u32 i = 0; i < HVP_COUNT_OF(spans); i++) {
		assert_case(i, !!gmem_map(*state, spans[i].gpa, spans[i].len, true) == spans[i].mapped);
		if (spans[i].len > 2 * MIB)
			continue;
		assert_case(i, !gmem_read(*state, spans[i].gpa, buf, spans[i].len) ==
			       spans[i].readable);
	}
	free(buf);
}

static void an_empty_span_maps_nothing(void **state)
{
	char byte;

	assert_null(gmem_map(*state, 0, 0, false));
	assert_int_equal(gmem_read(*state, UINT64_MAX, &byte, 0), 0);
}

static void copies_cross_regions(void **state)
{
	static const char text[] = "across the border";
	char back[sizeof(text)];

	assert_int_equal(gmem_write(*state, MIB - 5, text, sizeof(text)), 0);
	assert_int_equal(gmem_read(*state, MIB - 5, back, sizeof(back)), 0);
	assert_memory_equal(text, back, sizeof(text));
	assert_memory_equal(gmem_map(*state, MIB, 3, false), text + 5, 3);
}

static void regions_may_not_overlap(void **state)
{
	assert_null(gmem_add(*state, MIB / 2, MIB));
	assert_int_equal(errno, EINVAL);
	assert_null(gmem_add(*state, HIGH - MIB, 3 * MIB));
	assert_null(gmem_add(*state, 16 * MIB, 0));
	assert_null(gmem_add(*state, 16 * MIB + 1, MIB));
	assert_null(gmem_add(*state, 0xfffffffffffff000, 0x2000));
	assert_int_equal(gmem_region_count(*state), 3);
	assert_non_null(gmem_add(*state, 2 * MIB, MIB));
	assert_int_equal(gmem_region(*state, 3)->gpa, 2 * MIB);
	assert_null(gmem_region(*state, 4));
}

static void regions_are_aligned_for_huge_pages(void **state)
{
	for (unsigned int i = 0; i < gmem_region_count(*state); i++)
		assert_int_equal((uintptr_t)gmem_region(*state, i)->host % (2 * MIB), 0);
}

static bool only_reads(void *opaque, uint64_t gpa, size_t len, bool write)
{
	uint64_t *last = opaque;

	(void)len;
	*last = gpa;
	return !write;
}

static void the_guard_is_asked(void **state)
{
	uint64_t last = 0, word = 1;
	struct gmem_guard guard = { .allow = only_reads, .opaque = &last };

	gmem_set_guard(*state, &guard);
	assert_non_null(gmem_map(*state, 0x1000, 8, false));
	assert_int_equal(last, 0x1000);
	assert_null(gmem_map(*state, 0x2000, 8, true));
	assert_int_equal(last, 0x2000);
	assert_int_equal(gmem_write(*state, 0x3000, &word, 8), -EFAULT);
	assert_int_equal(gmem_read(*state, 0x3000, &word, 8), 0);
	assert_int_equal(word, 0);
	assert_non_null(gmem_map_raw(*state, 0x4000, 8));
	assert_int_equal(last, 0x3000);
	gmem_set_guard(*state, NULL);
	assert_non_null(gmem_map(*state, 0x2000, 8, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(spans_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_span_maps_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(copies_cross_regions, setup, teardown),
		cmocka_unit_test_setup_teardown(regions_may_not_overlap, setup, teardown),
		cmocka_unit_test_setup_teardown(regions_are_aligned_for_huge_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(the_guard_is_asked, setup, teardown),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
