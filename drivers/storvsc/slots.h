/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_SLOTS_H
#define STORVSC_SLOTS_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/types.h>

struct scsi_cmnd;

/*
 * The table of commands that the host has, indexed by the block layer's tag.
 *
 *          arm (submit)              claim (answer, or sweep after a close)
 *   IDLE ----------------> SENT ------------------------------------------> IDLE
 *
 * `word` holds generation and state together, so that one compare-and-exchange
 * decides who ends a command: whoever claims it owns it. An answer that claims
 * nothing is late, a duplicate, or made up; it is counted and dropped.
 *
 * The owner of the tag (the submitter) arms, when nothing can keep the packet
 * from being reserved any more; nothing else leaves IDLE.
 */
struct stor_slot {
	u32 word;			/* generation << 1 | sent */
	u32 requested;			/* bytes of data */
	struct scsi_cmnd *cmd;
	unsigned long sent_at;		/* jiffies */
	u16 channel;
	bool optional;			/* STOR_OPTIONAL */
} ____cacheline_aligned_in_smp;

struct stor_slots {
	struct stor_slot *slot;
	u32 count;
};

#define STOR_SLOT_SENT		1u

static inline u32 stor_slot_generation(u32 word)
{
	return word >> 1;
}

static inline u32 stor_slot_word(u32 generation)
{
	return generation << 1 | STOR_SLOT_SENT;
}

/* The generation of the next use, for the id in the packet. */
static inline u32 stor_slot_next(const struct stor_slot *slot)
{
	return (stor_slot_generation(slot->word) + 1) & (U32_MAX >> 1);
}

/**
 * stor_slot_arm() - hand a command to the host
 *
 * The other fields are set before this, and the packet is reserved and published
 * after it, behind a barrier.
 */
static inline void stor_slot_arm(struct stor_slot *slot, struct scsi_cmnd *cmd)
{
	u32 word = stor_slot_word(stor_slot_next(slot));

	slot->cmd = cmd;
	/* Pairs with the acquires in stor_slot_claim() and stor_slots_look(). */
	smp_store_release(&slot->word, word);
}

/**
 * stor_slot_claim() - become the one who ends the command
 *
 * Return: the command, or NULL when this use of the slot is over.
 */
static inline struct scsi_cmnd *stor_slot_claim(struct stor_slot *slot, u32 generation)
{
	struct scsi_cmnd *cmd;
	u32 word = stor_slot_word(generation);

	/* Pairs with the release in stor_slot_arm(). */
	if (generation > U32_MAX >> 1 || smp_load_acquire(&slot->word) != word)
		return NULL;
	cmd = slot->cmd;
	if (cmpxchg(&slot->word, word, word & ~STOR_SLOT_SENT) != word)
		return NULL;
	return cmd;
}

int stor_slots_alloc(struct stor_slots *slots, u32 count);
void stor_slots_free(struct stor_slots *slots);

/**
 * stor_slots_look() - count the commands that the host has
 * @oldest:	age in jiffies of the oldest one
 */
u32 stor_slots_look(const struct stor_slots *slots, unsigned long *oldest);

#endif
