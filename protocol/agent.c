// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/agent.h"

#define HEADER_LEN	((u32)sizeof(struct hvp_agent_header))
#define CRC_OFFSET	offsetof(struct hvp_agent_header, crc)

static u32 crc32_update(u32 crc, const u8 *buf, size_t len)
{
	while (len--) {
		crc ^= *buf++;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1));
	}
	return crc;
}

/* The CRC of a frame as if its crc field were zero. */
static u32 frame_crc(const u8 *bytes, u16 len)
{
	static const u8 zero[sizeof(u32)];
	u32 crc = ~0u;

	crc = crc32_update(crc, bytes, CRC_OFFSET);
	crc = crc32_update(crc, zero, sizeof(zero));
	crc = crc32_update(crc, bytes + HEADER_LEN, len);
	return ~crc;
}

size_t hvp_agent_seal(struct hvp_agent_frame *frame, u8 type, u8 flags, u32 id, u16 len)
{
	struct hvp_agent_header header = {
		.magic = HVP_AGENT_MAGIC,
		.type = type,
		.flags = flags,
		.len = len,
		.id = id,
	};

	memcpy(frame, &header, sizeof(header));
	header.crc = frame_crc((const u8 *)frame, len);
	memcpy(frame, &header, sizeof(header));
	return HEADER_LEN + len;
}

enum verdict { FRAME_SHORT, FRAME_BAD, FRAME_GOOD };

/* What the first @have bytes are, as far as they tell. */
static enum verdict judge(const u8 *bytes, u32 have)
{
	static const u8 magic[] = { 'A', 'G', 'T', '1' };
	struct hvp_agent_header header;

	if (memcmp(bytes, magic, have < sizeof(magic) ? have : sizeof(magic)))
		return FRAME_BAD;
	if (have < HEADER_LEN)
		return FRAME_SHORT;
	memcpy(&header, bytes, sizeof(header));
	if (header.len > HVP_AGENT_MAX_PAYLOAD)
		return FRAME_BAD;
	if (have < HEADER_LEN + header.len)
		return FRAME_SHORT;
	return header.crc == frame_crc(bytes, header.len) ? FRAME_GOOD : FRAME_BAD;
}

/* How many bytes are missing before judge() can say more. */
static u32 wanted(const struct hvp_agent_parser *parser)
{
	u32 whole = HEADER_LEN;

	if (parser->have >= HEADER_LEN)
		whole += parser->frame.header.len;
	return whole - parser->have;
}

static void drop(struct hvp_agent_parser *parser, u32 count)
{
	parser->have -= count;
	memmove(parser->bytes, parser->bytes + count, parser->have);
}

/*
 * A frame that turned out bad may contain the start of a good one, even all of
 * it: look again one byte further until the rest can be part of a frame.
 */
static enum verdict settle(struct hvp_agent_parser *parser)
{
	enum verdict verdict = FRAME_SHORT;

	while (parser->have) {
		verdict = judge(parser->bytes, parser->have);
		if (verdict != FRAME_BAD)
			break;
		drop(parser, 1);
		parser->dropped++;
	}
	return parser->have ? verdict : FRAME_SHORT;
}

size_t hvp_agent_parse(struct hvp_agent_parser *parser, const u8 *buf, size_t len,
		       const struct hvp_agent_frame **frame)
{
	size_t taken = 0;
	u32 count;

	*frame = NULL;
	if (parser->done) {
		drop(parser, HEADER_LEN + parser->frame.header.len);
		parser->done = false;
	}
	for (;;) {
		if (settle(parser) == FRAME_GOOD) {
			parser->done = true;
			*frame = &parser->frame;
			return taken;
		}
		if (taken == len)
			return taken;
		count = wanted(parser);
		if (count > len - taken)
			count = (u32)(len - taken);
		memcpy(parser->bytes + parser->have, buf + taken, count);
		parser->have += count;
		taken += count;
	}
}
