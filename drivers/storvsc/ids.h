/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_IDS_H
#define STORVSC_IDS_H

#include "protocol/types.h"

/*
 * Transaction ids: opaque to the host, never 0, never an address.
 *
 *   63           32 31          16 15        0
 *   | generation   | channel + 1  | tag       |
 *
 * The tag finds the slot, the generation tells this use of the slot from the
 * ones before, the channel is where the answer has to come in.
 */
#define STOR_TAG_CONTROL	0xffffu		/* not a command: the control transaction */
#define STOR_TAG_MAX		0xfffeu
#define STOR_CHANNEL_MAX	0xfffeu

struct stor_id {
	u32 generation;
	u16 channel;
	u16 tag;
};

static inline u64 stor_id_make(u32 generation, u16 channel, u16 tag)
{
	return (u64)generation << 32 | ((u32)channel + 1) << 16 | tag;
}

/**
 * stor_id_parse() - take an id apart
 *
 * Return: false when it cannot be one of ours.
 */
static inline bool stor_id_parse(u64 value, struct stor_id *id)
{
	u16 channel = value >> 16;

	if (channel == 0)
		return false;
	id->generation = value >> 32;
	id->channel = channel - 1;
	id->tag = value & 0xffff;
	return true;
}

#endif
