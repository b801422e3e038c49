// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/stor.h"

#define PACKET_LEN(srb_length)	(offsetof(struct hvp_stor_packet, srb) + (srb_length))

static const struct hvp_stor_dialect dialects[] = {
	{
		.version = HVP_STOR_V6_2,
		.srb_length = HVP_SRB_LEN,
		.packet_length = PACKET_LEN(HVP_SRB_LEN),
		.sense_length = HVP_SENSE_MAX,
		.sub_channels = true,
	}, {
		.version = HVP_STOR_V6_0,
		.srb_length = HVP_SRB_LEN,
		.packet_length = PACKET_LEN(HVP_SRB_LEN),
		.sense_length = HVP_SENSE_MAX,
		.sub_channels = true,
	}, {
		.version = HVP_STOR_V5_1,
		.srb_length = HVP_SRB_LEN,
		.packet_length = PACKET_LEN(HVP_SRB_LEN),
		.sense_length = HVP_SENSE_MAX,
		.sub_channels = true,
	}, {
		.version = HVP_STOR_V4_2,
		.srb_length = HVP_SRB_LEN_OLD,
		.packet_length = PACKET_LEN(HVP_SRB_LEN_OLD),
		.sense_length = HVP_SENSE_MAX_OLD,
		.sub_channels = false,
	},
};

static const char *const op_names[] = {
	[0]				= "unknown",
	[HVP_STOR_COMPLETE_IO]		= "CompleteIo",
	[HVP_STOR_REMOVE_DEVICE]	= "RemoveDevice",
	[HVP_STOR_EXECUTE_SRB]		= "ExecuteSrb",
	[HVP_STOR_RESET_LUN]		= "ResetLun",
	[HVP_STOR_RESET_ADAPTER]	= "ResetAdapter",
	[HVP_STOR_RESET_BUS]		= "ResetBus",
	[HVP_STOR_BEGIN_INIT]		= "BeginInitialization",
	[HVP_STOR_END_INIT]		= "EndInitialization",
	[HVP_STOR_QUERY_VERSION]	= "QueryProtocolVersion",
	[HVP_STOR_QUERY_PROPERTIES]	= "QueryProperties",
	[HVP_STOR_ENUMERATE_BUS]	= "EnumerateBus",
	[HVP_STOR_FCHBA_DATA]		= "FcHbaData",
	[HVP_STOR_CREATE_SUB_CHANNELS]	= "CreateSubChannels",
	[HVP_STOR_EVENT_NOTIFICATION]	= "EventNotification",
};

static_assert(HVP_COUNT_OF(op_names) == HVP_STOR_OP_COUNT, "every operation has its name");

const struct hvp_stor_dialect *hvp_stor_dialect(unsigned int index)
{
	return index < HVP_COUNT_OF(dialects) ? &dialects[index] : NULL;
}

const struct hvp_stor_dialect *hvp_stor_dialect_find(u16 version)
{
	unsigned int i;

	for (i = 0; i < HVP_COUNT_OF(dialects); i++)
		if (dialects[i].version == version)
			return &dialects[i];
	return NULL;
}

static bool srb_answer_ok(const struct hvp_srb *srb, const struct hvp_stor_dialect *dialect,
			  u32 requested)
{
	if (srb->transfer_length > requested)
		return false;
	return !(srb->srb_status & HVP_SRB_AUTOSENSE_VALID) ||
	       srb->sense_length <= dialect->sense_length;
}

int hvp_stor_answer_check(const struct hvp_stor_packet *pkt, u32 len,
			  const struct hvp_stor_dialect *dialect, u32 sent_op, u32 requested)
{
	if (len < dialect->packet_length || pkt->op != HVP_STOR_COMPLETE_IO)
		return -EBADMSG;
	if (sent_op == HVP_STOR_EXECUTE_SRB && !srb_answer_ok(&pkt->srb, dialect, requested))
		return -EBADMSG;
	return 0;
}

const char *hvp_stor_op_name(u32 op)
{
	return op_names[op < HVP_COUNT_OF(op_names) ? op : 0];
}

/*
 * SPC-4, "Sense data". The response code's lowest bit says "deferred", the next
 * tells the formats apart:
 *
 *              key  additional length  asc  ascq
 *   0x70 0x71   2           7           12   13    fixed
 *   0x72 0x73   1           -            2    3    descriptor
 */
#define RESPONSE_FIXED		0x70
#define RESPONSE_DESCRIPTOR	0x72

#define FIXED_LEN	18u
#define FIXED_LENGTH_AT	7u	/* counts the bytes behind itself */

static u8 byte_at(const u8 *buf, u32 len, u32 at)
{
	return at < len ? buf[at] : 0;
}

/* Bytes that are both there and meant. */
static u32 fixed_len(const u8 *buf, u32 len)
{
	u32 meant;

	if (len <= FIXED_LENGTH_AT)
		return len;
	meant = FIXED_LENGTH_AT + 1 + buf[FIXED_LENGTH_AT];
	return meant < len ? meant : len;
}

int hvp_sense_parse(const u8 *buf, u32 len, struct hvp_sense *sense)
{
	struct hvp_sense out;
	u8 response = byte_at(buf, len, 0) & 0x7f;

	out.deferred = response & 1;
	switch (response & ~1) {
	case RESPONSE_FIXED:
		if (len < 3)
			return -EINVAL;
		len = fixed_len(buf, len);
		out.key = buf[2] & 0xf;
		out.asc = byte_at(buf, len, 12);
		out.ascq = byte_at(buf, len, 13);
		break;
	case RESPONSE_DESCRIPTOR:
		if (len < 2)
			return -EINVAL;
		out.key = buf[1] & 0xf;
		out.asc = byte_at(buf, len, 2);
		out.ascq = byte_at(buf, len, 3);
		break;
	default:
		return -EINVAL;
	}

	*sense = out;
	return 0;
}

u32 hvp_sense_build(u8 *buf, u32 room, u8 key, u8 asc, u8 ascq)
{
	u8 fixed[FIXED_LEN] = {
		[0] = RESPONSE_FIXED,
		[2] = key & 0xf,
		[FIXED_LENGTH_AT] = FIXED_LEN - FIXED_LENGTH_AT - 1,
		[12] = asc,
		[13] = ascq,
	};
	u32 len = room < sizeof(fixed) ? room : sizeof(fixed);

	memset(buf, 0, room);
	memcpy(buf, fixed, len);
	return len;
}
