// SPDX-License-Identifier: GPL-2.0-only
#include "protocol/packet.h"
#include "protocol/ring.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

#include "tests/unit/random.h"
#include "tests/unit/unit.h"

/*
 * Two real threads at one ring, under ThreadSanitizer: it sees a byte that one
 * side touches while it belongs to the other. A semaphore is the interrupt; a
 * wait that takes long is a lost one.
 *
 * The four words are accessed sequentially consistent, which is how C says
 * "full barrier" in a form that ThreadSanitizer understands.
 */
#define WAIT_SECONDS 30

struct shared {
	u32 size;
	u32 packets;
	bool batch;
	u8 *data;
	u32 write, read;		/* write: producer, read: consumer */
	u32 mask, pending;		/* mask: consumer, pending: producer */
	sem_t to_consumer, to_producer;
	u32 signals[2];			/* each by its sender */
	struct random random;		/* producer */
};

static u32 load(const u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void store(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static bool wait_for(sem_t *sem)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	return sem_timedwait(sem, &until) == 0;
}

static bool room_for(struct shared *s, u32 bytes)
{
	return hvp_ring_fits(hvp_ring_writable(s->write, load(&s->read), s->size), bytes);
}

/* Blocks until there is room: publish the size, look once more, sleep. */
static bool make_room(struct shared *s, u32 bytes)
{
	while (!room_for(s, bytes)) {
		store(&s->pending, bytes);
		if (!room_for(s, bytes) && !wait_for(&s->to_producer))
			return false;
		store(&s->pending, 0);
	}
	return true;
}

/* Packet @number: a payload of random length whose words all say the number. */
static u32 put_packet(struct shared *s, u32 number, u32 words)
{
	struct hvp_packet_desc desc = {
		.type = HVP_PKT_INBAND,
		.offset8 = 2,
		.len8 = 2 + words,
		.transaction = number,
	};
	u32 at = s->write, start = at;
	u64 word = number * 0x100000001ull;
	u64 trailer = hvp_ring_trailer(start);

	hvp_ring_copy_in(s->data, s->size, at, &desc, sizeof(desc));
	at = hvp_ring_advance(at, sizeof(desc), s->size);
	while (words--) {
		hvp_ring_copy_in(s->data, s->size, at, &word, sizeof(word));
		at = hvp_ring_advance(at, sizeof(word), s->size);
	}
	hvp_ring_copy_in(s->data, s->size, at, &trailer, sizeof(trailer));
	return hvp_ring_advance(at, sizeof(trailer), s->size);
}

static void *produce(void *arg)
{
	struct shared *s = arg;

	for (u32 number = 0; number < s->packets; number++) {
		u32 words = random_below(&s->random, s->size / 8 - 4);
		u32 first = s->write, next;

		if (!make_room(s, hvp_ring_packet_bytes(16 + words * 8)))
			return "producer: no signal for room";
		next = put_packet(s, number, words);
		store(&s->write, next);
		if (hvp_ring_signal_after_write(first, load(&s->read), load(&s->mask))) {
			s->signals[0]++;
			sem_post(&s->to_consumer);
		}
	}
	return NULL;
}

static const char *check_packet(const struct hvp_packet_iter *it, const struct hvp_packet *pkt,
				u32 number)
{
	if (pkt->transaction != number)
		return "consumer: packet out of order";
	for (u32 at = 0; at < pkt->payload_len; at += 8) {
		u64 word;

		if (hvp_packet_read(it, pkt, pkt->header_len + at, &word, sizeof(word)))
			return "consumer: payload leaves the packet";
		if (word != number * 0x100000001ull)
			return "consumer: payload of another packet";
	}
	return NULL;
}

static void publish_read(struct shared *s, const struct hvp_packet_iter *it)
{
	u32 bytes = hvp_ring_readable(it->read, s->read, s->size);
	u32 pending, now;

	store(&s->read, it->read);
	pending = load(&s->pending);
	now = hvp_ring_writable(load(&s->write), it->read, s->size);
	if (hvp_ring_signal_after_read(pending, now - bytes, now)) {
		s->signals[1]++;
		sem_post(&s->to_producer);
	}
}

/* Reads what is there; *@taken counts all packets so far. */
static const char *drain(struct shared *s, u32 *taken)
{
	struct hvp_packet_iter it;
	struct hvp_packet pkt;
	const char *error;
	int ret;

	if (hvp_packet_iter_init(&it, s->data, s->size, load(&s->write), s->read))
		return "consumer: bad index";
	while ((ret = hvp_packet_peek(&it, &pkt)) == 1) {
		error = check_packet(&it, &pkt, *taken);
		if (error)
			return error;
		(*taken)++;
		hvp_packet_next(&it, &pkt);
		if (!s->batch)
			publish_read(s, &it);
	}
	if (s->batch && it.read != s->read)
		publish_read(s, &it);
	return ret ? "consumer: malformed packet" : NULL;
}

static void *consume(void *arg)
{
	struct shared *s = arg;
	const char *error;
	u32 taken = 0;

	while (taken < s->packets) {
		if (!wait_for(&s->to_consumer))
			return "consumer: no signal for packets";
		do {
			store(&s->mask, 1);
			error = drain(s, &taken);
			if (error)
				return (void *)error;
			store(&s->mask, 0);
		} while (load(&s->write) != s->read);
	}
	return NULL;
}

static void stress(u32 size, u32 packets, bool batch)
{
	struct shared s = { .size = size, .packets = packets, .batch = batch };
	void *producer_error, *consumer_error;
	pthread_t producer, consumer;

	s.random = random_start("ring threads");
	s.data = malloc(size);
	sem_init(&s.to_consumer, 0, 0);
	sem_init(&s.to_producer, 0, 0);
	assert_int_equal(pthread_create(&consumer, NULL, consume, &s), 0);
	assert_int_equal(pthread_create(&producer, NULL, produce, &s), 0);
	pthread_join(producer, &producer_error);
	pthread_join(consumer, &consumer_error);
	fprintf(stderr, "# ring of %u: %u packets, %u + %u signals\n", size, packets, s.signals[0],
		s.signals[1]);
	if (producer_error || consumer_error)
		fail_msg("%s; %s", producer_error ? (char *)producer_error : "producer fine",
			 consumer_error ? (char *)consumer_error : "consumer fine");
	assert_int_equal(s.write, s.read);
	free(s.data);
}

static void small_ring(void **state)
{
	(void)state;
	stress(64, 20000, false);
	stress(64, 20000, true);
}

static void page_ring(void **state)
{
	(void)state;
	stress(4096, 2000, false);
	stress(4096, 2000, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_ring),
		cmocka_unit_test(page_ring),
	};

	return cmocka_run_group_tests_name("ring_threads", tests, NULL, NULL);
}
