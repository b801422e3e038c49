// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/agent.h"

#include "tests/unit/random.h"
#include "tests/unit/unit.h"

static struct hvp_agent_frame frame;
static u8 stream[8 * sizeof(frame)];
static size_t stream_len;

static void put(u8 type, u32 id, const char *text)
{
	size_t len = strlen(text);

	memcpy(frame.payload, text, len);
	len = hvp_agent_seal(&frame, type, 0, id, (u16)len);
	memcpy(stream + stream_len, &frame, len);
	stream_len += len;
}

static int start(void **state)
{
	(void)state;
	stream_len = 0;
	return 0;
}

/* Feed the stream in pieces of @step bytes; ids of the frames found go to @ids. */
static u32 feed(struct hvp_agent_parser *parser, size_t step, u32 *ids, u32 room)
{
	const struct hvp_agent_frame *found;
	u32 count = 0;
	size_t used;

	for (size_t at = 0; at < stream_len; at += step) {
		size_t len = step < stream_len - at ? step : stream_len - at;
		u8 *piece = exact_copy(stream + at, len);

		used = 0;
		do {
			used += hvp_agent_parse(parser, piece + used, len - used, &found);
			if (found && count < room)
				ids[count++] = found->header.id;
		} while (found || used < len);
		free(piece);
	}
	return count;
}

static void frames_in_any_pieces(void **state)
{
	u32 ids[4];

	(void)state;
	put(HVP_AGENT_HELLO, 1, "");
	put(HVP_AGENT_STDOUT, 2, "some output\nAGT1 in it");
	put(HVP_AGENT_EXIT, 3, "12345678");
	for (size_t step = 1; step <= stream_len; step++) {
		struct hvp_agent_parser *parser = calloc(1, sizeof(*parser));

		assert_int_equal(feed(parser, step, ids, 4), 3);
		assert_int_equal(ids[0], 1);
		assert_int_equal(ids[2], 3);
		assert_int_equal(parser->dropped, 0);
		free(parser);
	}
}

static void payload_arrives_whole(void **state)
{
	static struct hvp_agent_parser parser;
	const struct hvp_agent_frame *found;

	(void)state;
	memset(&parser, 0, sizeof(parser));
	memset(frame.payload, 0xa5, HVP_AGENT_MAX_PAYLOAD);
	stream_len = hvp_agent_seal(&frame, HVP_AGENT_STDERR, HVP_AGENT_MORE, 7, HVP_AGENT_MAX_PAYLOAD);
	assert_int_equal(stream_len, sizeof(frame));
	assert_int_equal(hvp_agent_parse(&parser, (u8 *)&frame, stream_len, &found), stream_len);
	assert_non_null(found);
	assert_int_equal(found->header.type, HVP_AGENT_STDERR);
	assert_int_equal(found->header.flags, HVP_AGENT_MORE);
	assert_memory_equal(found->payload, frame.payload, HVP_AGENT_MAX_PAYLOAD);
}

/* One wrong bit anywhere: that frame is lost, the next one is found. */
static void damage_costs_one_frame(void **state)
{
	size_t first;
	u32 ids[4];
	u32 count;

	(void)state;
	put(HVP_AGENT_STDOUT, 1, "damaged");
	first = stream_len;
	put(HVP_AGENT_STDOUT, 2, "good");
	/* A frame that became longer waits for bytes; enough of them follow. */
	for (u32 i = 0; i < 3; i++)
		put(HVP_AGENT_HELLO, 3, "filler");
	for (size_t bit = 0; bit < first * 8; bit++) {
		struct hvp_agent_parser *parser = calloc(1, sizeof(*parser));

		stream[bit / 8] ^= (u8)(1u << bit % 8);
		count = feed(parser, 64, ids, 4);
		stream[bit / 8] ^= (u8)(1u << bit % 8);
		assert_true(count == 0 || ids[0] != 1);
		/* Only a wrong length can swallow what follows. */
		if (bit / 8 != 6 && bit / 8 != 7)
			assert_case(bit, count >= 1 && ids[0] == 2);
		free(parser);
	}
}

static void noise_yields_nothing(void **state)
{
	struct hvp_agent_parser *parser = calloc(1, sizeof(*parser));
	struct random random = random_start("noise");
	u32 id;

	(void)state;
	stream_len = sizeof(stream);
	for (size_t i = 0; i < stream_len; i++)
		stream[i] = (u8)random_next(&random);
	assert_int_equal(feed(parser, 1000, &id, 1), 0);
	free(parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(frames_in_any_pieces, start),
		cmocka_unit_test_setup(payload_arrives_whole, start),
		cmocka_unit_test_setup(damage_costs_one_frame, start),
		cmocka_unit_test_setup(noise_yields_nothing, start),
	};

	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
