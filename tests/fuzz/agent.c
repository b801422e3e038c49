// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/agent.h"

#include "tests/fuzz/fuzz.h"

/* A frame that came out must go in again. */
static void check_frame(const struct hvp_agent_frame *frame)
{
	struct hvp_agent_frame *again = malloc(sizeof(*again));
	u16 len = frame->header.len;

	require(again && len <= HVP_AGENT_MAX_PAYLOAD);
	memcpy(again->payload, frame->payload, len);
	require(hvp_agent_seal(again, frame->header.type, frame->header.flags, frame->header.id,
			       len) == sizeof(again->header) + len);
	require(again->header.crc == frame->header.crc);
	free(again);
}

/* bytes from the line, in chunks of a length byte and that many bytes */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct hvp_agent_parser *parser = calloc(1, sizeof(*parser));
	struct input in = { data, size };
	size_t total = 0, framed = 0;

	require(parser);
	while (in.left) {
		size_t len = input_u8(&in);
		u8 *chunk;

		len = len < in.left ? len : in.left;
		chunk = input_block(&in, len);
		total += len;
		for (size_t at = 0; ;) {
			const struct hvp_agent_frame *frame;

			at += hvp_agent_parse(parser, chunk + at, len - at, &frame);
			require(at <= len);
			if (!frame)
				break;
			check_frame(frame);
			framed += sizeof(frame->header) + frame->header.len;
			require(framed <= total);
		}
		free(chunk);
	}
	require(parser->dropped + framed <= total);
	free(parser);
	return 0;
}
