// SPDX-License-Identifier: GPL-2.0-only
/* Bytes from the serial port, in two pieces: no bad read, every frame that comes out is sealed as it should be. */
#include "protocol/agent.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void feed(struct hvp_agent_parser *parser, const u8 *bytes, size_t len)
{
	static struct hvp_agent_frame copy;
	const struct hvp_agent_frame *frame;
	size_t used = 0;

	do {
		used += hvp_agent_parse(parser, bytes + used, len - used, &frame);
		if (!frame)
			continue;
		memcpy(&copy, frame, sizeof(copy));
		hvp_agent_seal(&copy, frame->header.type, frame->header.flags, frame->header.id, frame->header.len);
		if (copy.header.crc != frame->header.crc)
			abort();
	} while (frame || used < len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct hvp_agent_parser parser;
	size_t first = size ? data[0] % size : 0;

	parser.have = 0;
	parser.done = false;
	feed(&parser, data, first);
	feed(&parser, data + first, size - first);
	return 0;
}
