/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_SYNIC_H
#define PROTOCOL_SYNIC_H

#include "protocol/hypercall.h"
#include "protocol/types.h"

/*
 * The two pages a virtual processor shares with the hypervisor (TLFS,
 * "Synthetic Interrupt Controller"): 16 message slots of 256 bytes, and 16
 * event-flag arrays of 2048 bits, one of each per interrupt source (SINT).
 */
#define HVP_SINT_COUNT		16
#define HVP_SINT_VMBUS		2
#define HVP_EVENT_FLAGS		2048u

enum hvp_message_type {
	HVP_MSG_NONE		= 0x00000000,	/* the slot is free */
	HVP_MSG_CHANNEL		= 0x00000001,	/* payload is a VMBus channel message */
	HVP_MSG_TIMER_EXPIRED	= 0x80000010,
};

#define HVP_MSG_FLAG_PENDING	0x01	/* another message waits for this slot */

struct hvp_message {
	u32 type;		/* enum hvp_message_type; written last, cleared by the guest */
	u8 payload_size;
	u8 flags;
	u8 reserved[2];
	u64 sender;
	u8 payload[HVP_MESSAGE_PAYLOAD_MAX];
};

static_assert(sizeof(struct hvp_message) == 256, "message slot");

struct hvp_message_page {
	struct hvp_message slot[HVP_SINT_COUNT];
};

static_assert(sizeof(struct hvp_message_page) == HVP_PAGE_SIZE, "message page");

struct hvp_event_page {
	u64 flags[HVP_SINT_COUNT][HVP_EVENT_FLAGS / 64];
};

static_assert(sizeof(struct hvp_event_page) == HVP_PAGE_SIZE, "event page");

#endif
