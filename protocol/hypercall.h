/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_HYPERCALL_H
#define PROTOCOL_HYPERCALL_H

#include "protocol/types.h"

/* Hypercall codes and inputs (TLFS, "Inter-Partition Communication"). */
#define HVP_CALL_POST_MESSAGE	0x005c
#define HVP_CALL_SIGNAL_EVENT	0x005d

#define HVP_STATUS_SUCCESS			0x0000
#define HVP_STATUS_INVALID_HYPERCALL_CODE	0x0002
#define HVP_STATUS_INVALID_HYPERCALL_INPUT	0x0003
#define HVP_STATUS_INVALID_ALIGNMENT		0x0004
#define HVP_STATUS_INVALID_PARAMETER		0x0005
#define HVP_STATUS_INVALID_PORT_ID		0x0011
#define HVP_STATUS_INVALID_CONNECTION_ID	0x0012
#define HVP_STATUS_INSUFFICIENT_BUFFERS		0x0013

#define HVP_MESSAGE_PAYLOAD_MAX	240u

struct hvp_post_message_input {
	u32 connection_id;
	u32 reserved;
	u32 message_type;
	u32 payload_size;	/* bytes of payload, at most 240 */
	u8 payload[HVP_MESSAGE_PAYLOAD_MAX];
};

static_assert(sizeof(struct hvp_post_message_input) == 256, "post message input");

/* Signal event, fast form: bits 0-31 connection id, 32-47 flag number. */
static inline u64 hvp_signal_event_input(u32 connection_id, u16 flag)
{
	return (u64)flag << 32 | connection_id;
}

/* Connections the guest may post to or signal. */
#define HVP_CONN_MESSAGE_OLD	1	/* VMBus < 5.0 */
#define HVP_CONN_EVENT		2	/* VMBus < 2.4: shared interrupt page */
#define HVP_CONN_MONITOR	3
#define HVP_CONN_MESSAGE	4	/* first contact, VMBus >= 5.0 */

#endif
