// SPDX-License-Identifier: GPL-2.0-only
/* Which CPU serves a new channel. */
#include "drivers/vmbus/affinity.h"

#include "tests/unit/unit.h"

#define CPUS_MAX 8

#define IDLE	{ true, 0, 0, 0 }
#define CLOSED	{ false, 0, 0, 0 }

/* { allowed, node, channels of the device, channels of all devices } */
static const struct pick_case {
	const char *what;
	u32 count, first;
	struct vmbus_affinity_cpu cpu[CPUS_MAX];
	u32 want;
} pick_cases[] = {
	{ "one CPU", 1, 5, { { true, 0, 3, 9 } }, 0 },
	{ "no CPU at all", 0, 0, { CLOSED }, VMBUS_AFFINITY_NONE },
	{ "none allowed", 2, 0, { CLOSED, CLOSED }, VMBUS_AFFINITY_NONE },
	{ "only the isolated one is idle", 3, 0,
	  { { true, 0, 2, 9 }, { false, 0, 0, 0 }, { true, 0, 3, 9 } }, 0 },
	{ "the device's own channels count first", 2, 0,
	  { { true, 0, 1, 1 }, { true, 0, 0, 50 } }, 1 },
	{ "then the node with fewer of them", 4, 0,
	  { { true, 0, 1, 1 }, { true, 0, 0, 0 }, { true, 1, 0, 9 }, { true, 1, 0, 9 } }, 2 },
	{ "then the load of all devices", 3, 0,
	  { { true, 0, 0, 5 }, { true, 0, 0, 4 }, { true, 0, 0, 6 } }, 1 },
	{ "then where to begin", 4, 6,
	  { IDLE, IDLE, IDLE, IDLE }, 2 },
	{ "beginning at a CPU that is not allowed", 4, 2,
	  { IDLE, IDLE, CLOSED, IDLE }, 3 },
	{ "beginning far beyond the end", 3, ~0u,
	  { IDLE, IDLE, IDLE }, 0 },
};

static void picks(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(pick_cases); i++) {
		const struct pick_case *c = &pick_cases[i];
		const struct vmbus_affinity_cpu *cpus =
			exact_copy(c->cpu, c->count * sizeof(c->cpu[0]));

		if (vmbus_affinity_pick(cpus, c->count, c->first) != c->want)
			fail_msg("%s", c->what);
		free((void *)cpus);
	}
}

/* Channels of one device, one after the other: no CPU gets a second before all have a first. */
static void spreads_evenly(void **state)
{
	struct vmbus_affinity_cpu cpu[CPUS_MAX] = { CLOSED };
	u32 i, round;

	(void)state;
	for (i = 0; i < CPUS_MAX; i++) {
		cpu[i].allowed = i != 3;
		cpu[i].node = i / 4;
	}
	for (round = 0; round < 3 * (CPUS_MAX - 1); round++) {
		u32 at = vmbus_affinity_pick(cpu, CPUS_MAX, 5);

		assert_int_not_equal(at, VMBUS_AFFINITY_NONE);
		assert_int_equal(cpu[at].device_channels, round / (CPUS_MAX - 1));
		cpu[at].device_channels++;
		cpu[at].all_channels++;
	}
	assert_int_equal(cpu[3].device_channels, 0);
}

/* The first channels of many devices do not all end up on one CPU. */
static void devices_differ(void **state)
{
	struct vmbus_affinity_cpu cpu[CPUS_MAX] = { CLOSED };
	u32 i, device;

	(void)state;
	for (i = 0; i < CPUS_MAX; i++)
		cpu[i].allowed = true;
	for (device = 0; device < 2 * CPUS_MAX; device++)
		cpu[vmbus_affinity_pick(cpu, CPUS_MAX, device)].all_channels++;
	for (i = 0; i < CPUS_MAX; i++)
		assert_int_equal(cpu[i].all_channels, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(picks),
		cmocka_unit_test(spreads_evenly),
		cmocka_unit_test(devices_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
