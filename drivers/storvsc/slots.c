// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/slots.h"

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>

int stor_slots_alloc(struct stor_slots *slots, u32 count)
{
	slots->slot = kvcalloc(count, sizeof(*slots->slot), GFP_KERNEL);
	if (!slots->slot)
		return -ENOMEM;
	slots->count = count;
	return 0;
}

void stor_slots_free(struct stor_slots *slots)
{
	kvfree(slots->slot);
	slots->slot = NULL;
	slots->count = 0;
}

u32 stor_slots_look(const struct stor_slots *slots, unsigned long *oldest)
{
	unsigned long now = jiffies;
	u32 count = 0, i;

	*oldest = 0;
	for (i = 0; i < slots->count; i++) {
		const struct stor_slot *slot = &slots->slot[i];
		long age;

		/* Pairs with the release in stor_slot_arm(): the time is of this use. */
		if (!(smp_load_acquire(&slot->word) & STOR_SLOT_SENT))
			continue;
		age = now - READ_ONCE(slot->sent_at);
		count++;
		if (age > (long)*oldest)
			*oldest = age;
	}
	return count;
}
