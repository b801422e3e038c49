// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands: who ends one, and how old they are. */
#include "drivers/storvsc/slots.h"

#include "drivers/storvsc/ids.h"
#include "tests/unit/unit.h"

#define SLOTS	4u

unsigned long jiffies = 1000;

static struct scsi_cmnd *command(unsigned long number)
{
	return (struct scsi_cmnd *)number;
}

static u32 send(struct stor_slot *slot, unsigned long number)
{
	u32 generation = stor_slot_next(slot);

	slot->sent_at = jiffies;
	stor_slot_arm(slot, command(number));
	return generation;
}

static void claimed_once(void **state)
{
	struct stor_slot slot = { 0 };
	u32 generation = send(&slot, 7);

	(void)state;
	assert_ptr_equal(stor_slot_claim(&slot, generation), command(7));
	assert_null(stor_slot_claim(&slot, generation));
}

static void other_generations_claim_nothing(void **state)
{
	struct stor_slot slot = { 0 };
	u32 first = send(&slot, 1), second;

	(void)state;
	assert_null(stor_slot_claim(&slot, first + 1));
	assert_null(stor_slot_claim(&slot, first - 1));
	assert_null(stor_slot_claim(&slot, U32_MAX));
	/* A generation with the top bit set must not be shifted into a valid one. */
	assert_null(stor_slot_claim(&slot, first | 1u << 31));
	assert_ptr_equal(stor_slot_claim(&slot, first), command(1));

	second = send(&slot, 2);
	assert_int_not_equal(first, second);
	assert_null(stor_slot_claim(&slot, first));
	assert_ptr_equal(stor_slot_claim(&slot, second), command(2));
}

static void generations_wrap(void **state)
{
	struct stor_slot slot = { .word = (U32_MAX >> 1) << 1 };
	u32 generation = send(&slot, 3);

	(void)state;
	assert_int_equal(generation, 0);
	assert_ptr_equal(stor_slot_claim(&slot, generation), command(3));
}

static void asking_for_the_next_changes_nothing(void **state)
{
	struct stor_slot slot = { 0 };

	(void)state;
	assert_int_equal(stor_slot_next(&slot), stor_slot_next(&slot));
	assert_int_equal(slot.word & STOR_SLOT_SENT, 0);
	assert_null(stor_slot_claim(&slot, stor_slot_next(&slot)));
}

static void look_counts_what_is_sent(void **state)
{
	struct stor_slots slots;
	unsigned long oldest;
	u32 old, young;

	(void)state;
	assert_int_equal(stor_slots_alloc(&slots, SLOTS), 0);
	assert_int_equal(stor_slots_look(&slots, &oldest), 0);
	assert_int_equal(oldest, 0);

	old = send(&slots.slot[1], 1);
	jiffies += 50;
	young = send(&slots.slot[3], 2);
	jiffies += 5;
	assert_int_equal(stor_slots_look(&slots, &oldest), 2);
	assert_int_equal(oldest, 55);

	/* The time of a use that is over counts no more. */
	assert_non_null(stor_slot_claim(&slots.slot[1], old));
	assert_int_equal(stor_slots_look(&slots, &oldest), 1);
	assert_int_equal(oldest, 5);
	assert_non_null(stor_slot_claim(&slots.slot[3], young));

	/* Sent after the look took the time. */
	send(&slots.slot[0], 3);
	slots.slot[0].sent_at = jiffies + 1;
	assert_int_equal(stor_slots_look(&slots, &oldest), 1);
	assert_int_equal(oldest, 0);
	stor_slots_free(&slots);
}

static void ids_come_apart(void **state)
{
	static const struct stor_id ids[] = {
		{ 0, 0, 0 }, { U32_MAX >> 1, STOR_CHANNEL_MAX, STOR_TAG_MAX },
		{ 5, 1, STOR_TAG_CONTROL },
	};
	struct stor_id id;
	u32 i;

	(void)state;
	for (i = 0; i < HVP_COUNT_OF(ids); i++) {
		u64 value = stor_id_make(ids[i].generation, ids[i].channel, ids[i].tag);

		assert_case(i, value != 0 && stor_id_parse(value, &id));
		assert_case(i, id.generation == ids[i].generation);
		assert_case(i, id.channel == ids[i].channel && id.tag == ids[i].tag);
	}
	assert_false(stor_id_parse(0, &id));
	assert_false(stor_id_parse(0xffffffff0000ffffull, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claimed_once),
		cmocka_unit_test(other_generations_claim_nothing),
		cmocka_unit_test(generations_wrap),
		cmocka_unit_test(asking_for_the_next_changes_nothing),
		cmocka_unit_test(look_counts_what_is_sent),
		cmocka_unit_test(ids_come_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
