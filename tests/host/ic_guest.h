/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_HOST_IC_GUEST_H
#define TESTS_HOST_IC_GUEST_H

/*
 * The guest's side of an integration service, over a bus without rings and a
 * clock that is moved by hand. For one service and one test program, which
 * includes this once.
 */
#include "host/test/fake_loop.c"
#include "host/vsp/ic.h"
#include "tests/host/fake_bus.h"
#include "tests/unit/random.h"

static struct vmbus bus;
static struct ic_set set = { .vmbus = &bus, .generation = HVP_GENERATION_2019 };
static struct vmbus_channel *channel;

#define HEADERS	(sizeof(struct hvp_pipe_header) + sizeof(struct hvp_ic_header))

/* What the host asked last; the answer is made in place. */
static u8 message[40000];
static u32 message_len;
static struct hvp_pipe_header *const pipe_header = (struct hvp_pipe_header *)message;
static struct hvp_ic_header *const header = (struct hvp_ic_header *)(message + 8);
static void *const body = message + HEADERS;

static inline void bench_start(enum hvp_generation generation)
{
	fake_bus_start(&bus, HVP_V5_3);
	set.generation = generation;
}

static inline void bench_stop(void)
{
	assert_null(set.first);
	fake_bus_stop(&bus);
}

static inline void wait_ms(u64 ms)
{
	fake_advance(bus.loop, ms);
}

/* The frame as it is, right or wrong. */
static inline void take_frame(void)
{
	const struct fake_sent *sent = guest_receive();

	assert_int_equal(sent->type, HVP_PKT_INBAND);
	memset(message, 0xee, sizeof(message));
	memcpy(message, sent->bytes, sent->len);
	message_len = sent->len;
}

static inline void take_request(void)
{
	take_frame();
	assert_int_equal(header->flags, HVP_IC_TRANSACTION | HVP_IC_REQUEST);
	assert_int_equal(header->size, message_len - HEADERS);
	assert_int_equal(pipe_header->size, message_len - sizeof(*pipe_header));
}

static inline void send_frame(void)
{
	guest_send(channel, HVP_PKT_INBAND, 0, message, message_len, 0);
}

static inline void send_answer(void)
{
	header->flags = HVP_IC_TRANSACTION | HVP_IC_RESPONSE;
	send_frame();
}

static inline void open_and_take_negotiation(void)
{
	channel = &fake_device->channels[0];
	guest_open(channel);
	assert_int_equal(fake_sent_count, 0);
	wait_ms(1);
	take_request();
	assert_int_equal(header->type, HVP_IC_NEGOTIATE);
	assert_int_equal(hvp_ic_negotiate_check(body, header->size), 0);
}

/* Answer the negotiation that was taken. */
static inline void agree(u16 major, u16 minor)
{
	struct hvp_ic_negotiate *negotiate = body;

	negotiate->framework_count = 1;
	negotiate->message_count = 1;
	negotiate->versions[0] = (struct hvp_ic_version){ 3, 0 };
	negotiate->versions[1] = (struct hvp_ic_version){ major, minor };
	send_answer();
}

static inline void open_with(u16 major, u16 minor)
{
	open_and_take_negotiation();
	agree(major, minor);
}

/*
 * A guest that answers with anything at all: frames of the host changed in
 * some bytes or cut, and bytes from nowhere. @poke: let the host ask again.
 */
static inline void answer_wildly(unsigned int rounds, void (*poke)(void))
{
	struct random random = random_start("wild answers");

	while (rounds--) {
		u32 bytes, i;

		poke();
		wait_ms(random_below(&random, 2500));
		if (!channel->open && !random_below(&random, 4))
			guest_open(channel);
		if (fake_sent_count > FAKE_SENT_MAX / 2)
			fake_sent_count = 0;
		if (!channel->open)
			continue;
		if (fake_sent_count && random_below(&random, 4))
			take_frame();
		header->flags = HVP_IC_TRANSACTION | HVP_IC_RESPONSE;
		bytes = random_below(&random, 5);
		for (i = 0; i < bytes; i++)
			message[random_below(&random, 60)] = (u8)random_next(&random);
		if (!random_below(&random, 4))
			message_len = random_below(&random, 200);
		send_frame();
		if (!random_below(&random, 50))
			guest_close(channel);
	}
}

static inline unsigned int complaints(void)
{
	return (unsigned int)checker_total(bus.checker);
}

static inline void arm_fault(const char *text)
{
	struct err err;

	if (fault_arm(bus.fault, text, NULL, &err))
		fail_msg("%s: %s", text, err.text);
}

static inline u64 fires(enum fault_point point)
{
	struct fault_point_info info;

	fault_point_info(bus.fault, point, &info);
	return info.fires;
}

#endif
