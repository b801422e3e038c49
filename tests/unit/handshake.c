// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/handshake.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/ring.h"

enum producer_step {
	P_TRY, P_WRITE, P_WRITE_BARRIER, P_LOAD_MASK, P_LOAD_READ,
	P_SET_PENDING, P_PENDING_BARRIER, P_RECHECK, P_SLEEP, P_CLEAR_PENDING, P_DONE
};

enum consumer_step {
	C_MASK, C_LOOK, C_READ, C_READ_BARRIER, C_LOAD_PENDING, C_LOAD_WRITE,
	C_UNMASK, C_UNMASK_BARRIER, C_RECHECK, C_SLEEP
};

/* Stores that have not reached memory. */
struct buffer {
	u8 count;
	u8 word[HANDSHAKE_BUFFER];
	u8 value[HANDSHAKE_BUFFER];
};

struct producer {
	u8 step;
	u8 sent;		/* packets */
	u8 write;		/* its own index */
	u8 first;		/* the index before the last packet */
	u8 mask;		/* loaded */
	bool signaled;		/* an interrupt waits for it */
	struct buffer buffer;
};

struct consumer {
	u8 step;
	u8 taken;		/* packets */
	u8 read;		/* its own index */
	u8 seen_write;		/* loaded */
	u8 take;		/* units of the current read */
	u8 pending;		/* loaded */
	bool signaled;
	struct buffer buffer;
};

struct state {
	u8 memory[WORDS];
	struct producer p;
	struct consumer c;
};

/* Every state seen, in the order of discovery, which is also the queue. */
struct search {
	const struct handshake *h;
	struct state *states;
	u32 count, room;
	u32 *slots;		/* 1 + number of a state, by hash */
	u32 slot_mask;
};

static bool put(struct buffer *b, enum word to, u8 value)
{
	if (b->count == HANDSHAKE_BUFFER)
		return false;
	b->word[b->count] = to;
	b->value[b->count++] = value;
	return true;
}

static bool drain(struct state *s, struct buffer *b)
{
	if (!b->count)
		return false;
	s->memory[b->word[0]] = b->value[0];
	b->count--;
	for (u32 i = 0; i < b->count; i++) {
		b->word[i] = b->word[i + 1];
		b->value[i] = b->value[i + 1];
	}
	/* Dead entries look the same in equal states. */
	b->word[b->count] = 0;
	b->value[b->count] = 0;
	return true;
}

static bool producer_fits(const struct handshake *h, const struct state *s)
{
	u32 room = hvp_ring_writable(s->p.write * 8, s->memory[READ_INDEX] * 8, h->size * 8);

	return hvp_ring_fits(room, h->packet[s->p.sent] * 8);
}

static void producer_write(const struct handshake *h, struct producer *p)
{
	p->first = p->write;
	p->write = hvp_ring_advance(p->write * 8, h->packet[p->sent] * 8, h->size * 8) / 8;
	p->sent++;
}

static void producer_maybe_signal(struct state *s)
{
	if (hvp_ring_signal_after_write(s->p.first * 8, s->memory[READ_INDEX] * 8, s->p.mask))
		s->c.signaled = true;
	s->p.mask = 0;
	s->p.first = 0;
}

/* One step of the producer; false when it cannot go on now. */
static bool producer_step(const struct handshake *h, struct state *s)
{
	struct producer *p = &s->p;

	switch (p->step) {
	case P_TRY:
		if (p->sent == h->packets)
			p->step = P_DONE;
		else
			p->step = producer_fits(h, s) ? P_WRITE : P_SET_PENDING;
		return true;
	case P_WRITE:
		if (p->buffer.count == HANDSHAKE_BUFFER)
			return false;
		producer_write(h, p);
		put(&p->buffer, WRITE_INDEX, p->write);
		p->step = P_WRITE_BARRIER;
		return true;
	case P_WRITE_BARRIER:
		p->step = P_LOAD_MASK;
		return h->no_write_barrier || !p->buffer.count;
	case P_LOAD_MASK:
		p->mask = s->memory[MASK];
		p->step = P_LOAD_READ;
		return true;
	case P_LOAD_READ:
		producer_maybe_signal(s);
		p->step = P_TRY;
		return true;
	case P_SET_PENDING:
		p->step = P_PENDING_BARRIER;
		return put(&p->buffer, PENDING, h->packet[p->sent]);
	case P_PENDING_BARRIER:
		p->step = P_RECHECK;
		return h->no_pending_barrier || !p->buffer.count;
	case P_RECHECK:
		p->step = P_SLEEP;
		if (!h->no_producer_recheck && producer_fits(h, s))
			p->step = P_CLEAR_PENDING;
		return true;
	case P_SLEEP:
		p->step = P_CLEAR_PENDING;
		if (!p->signaled)
			return false;
		p->signaled = false;
		return true;
	case P_CLEAR_PENDING:
		p->step = P_TRY;
		return put(&p->buffer, PENDING, 0);
	default:
		return false;
	}
}

static u8 queued(const struct handshake *h, const struct state *s)
{
	return hvp_ring_readable(s->c.seen_write * 8, s->c.read * 8, h->size * 8) / 8;
}

static void consumer_take(const struct handshake *h, struct state *s)
{
	struct consumer *c = &s->c;
	u8 left = queued(h, s);

	c->take = 0;
	do {
		c->take += h->packet[c->taken];
		left -= h->packet[c->taken++];
	} while (h->batch && left);
	c->read = hvp_ring_advance(c->read * 8, c->take * 8, h->size * 8) / 8;
}

static void consumer_maybe_signal(const struct handshake *h, struct state *s)
{
	struct consumer *c = &s->c;
	u8 write = s->memory[WRITE_INDEX];
	u32 now = hvp_ring_writable(write * 8, c->read * 8, h->size * 8);
	u32 before = now - c->take * 8;

	if (h->stale_free_before)
		before = hvp_ring_writable(c->seen_write * 8, c->read * 8, h->size * 8) - c->take * 8;
	if (hvp_ring_signal_after_read(c->pending * 8, before, now))
		s->p.signaled = true;
	c->pending = 0;
	c->take = 0;
}

/* One step of the consumer; false when it cannot go on now. */
static bool consumer_step(const struct handshake *h, struct state *s)
{
	struct consumer *c = &s->c;

	switch (c->step) {
	case C_MASK:
		c->step = C_LOOK;
		return put(&c->buffer, MASK, 1);
	case C_LOOK:
		c->seen_write = s->memory[WRITE_INDEX];
		c->step = c->seen_write == c->read ? C_UNMASK : C_READ;
		return true;
	case C_READ:
		if (c->buffer.count == HANDSHAKE_BUFFER)
			return false;
		consumer_take(h, s);
		put(&c->buffer, READ_INDEX, c->read);
		c->step = C_READ_BARRIER;
		return true;
	case C_READ_BARRIER:
		c->step = C_LOAD_PENDING;
		return h->no_read_barrier || !c->buffer.count;
	case C_LOAD_PENDING:
		c->pending = s->memory[PENDING];
		c->step = C_LOAD_WRITE;
		return true;
	case C_LOAD_WRITE:
		consumer_maybe_signal(h, s);
		c->step = C_LOOK;
		return true;
	case C_UNMASK:
		c->step = C_UNMASK_BARRIER;
		return put(&c->buffer, MASK, 0);
	case C_UNMASK_BARRIER:
		c->step = h->no_consumer_recheck ? C_SLEEP : C_RECHECK;
		return h->no_mask_barrier || !c->buffer.count;
	case C_RECHECK:
		c->seen_write = s->memory[WRITE_INDEX];
		c->step = c->seen_write == c->read ? C_SLEEP : C_MASK;
		return true;
	default:
		c->step = C_MASK;
		if (!c->signaled)
			return false;
		c->signaled = false;
		return true;
	}
}

static u32 hash(const struct state *s)
{
	const u8 *byte = (const u8 *)s;
	u32 h = 2166136261u;

	for (size_t i = 0; i < sizeof(*s); i++)
		h = (h ^ byte[i]) * 16777619u;
	return h;
}

static u32 *slot_of(struct search *search, const struct state *s)
{
	u32 i = hash(s) & search->slot_mask;

	while (search->slots[i] && memcmp(&search->states[search->slots[i] - 1], s, sizeof(*s)))
		i = (i + 1) & search->slot_mask;
	return &search->slots[i];
}

static void discover(struct search *search, const struct state *s)
{
	u32 *slot = slot_of(search, s);

	if (*slot)
		return;
	if (search->count == search->room) {
		fprintf(stderr, "handshake: more than %u states\n", search->room);
		abort();
	}
	search->states[search->count++] = *s;
	*slot = search->count;
}

/* Whatever can happen next, all of it. Returns how much that is. */
static u32 expand(struct search *search, const struct state *from)
{
	struct state s;
	u32 ways = 0;

	s = *from;
	if (producer_step(search->h, &s))
		ways++, discover(search, &s);
	s = *from;
	if (consumer_step(search->h, &s))
		ways++, discover(search, &s);
	s = *from;
	if (drain(&s, &s.p.buffer))
		ways++, discover(search, &s);
	s = *from;
	if (drain(&s, &s.c.buffer))
		ways++, discover(search, &s);
	return ways;
}

static void judge_end(const struct handshake *h, const struct state *s, struct handshake_result *r)
{
	if (s->p.step == P_DONE && s->c.taken == h->packets) {
		r->ends++;
		return;
	}
	if (!r->stuck++)
		snprintf(r->first_stuck, sizeof(r->first_stuck),
			 "sent %u (step %u), taken %u (step %u), write %u read %u mask %u pending %u",
			 s->p.sent, s->p.step, s->c.taken, s->c.step, s->memory[WRITE_INDEX],
			 s->memory[READ_INDEX], s->memory[MASK], s->memory[PENDING]);
}

struct handshake_result handshake_explore(const struct handshake *h)
{
	struct search search = { .h = h, .room = 1u << 20, .slot_mask = (1u << 21) - 1 };
	struct handshake_result result = { .states = 0 };
	struct state start;

	search.states = malloc(search.room * sizeof(*search.states));
	search.slots = calloc(search.slot_mask + 1, sizeof(*search.slots));
	if (!search.states || !search.slots)
		abort();

	memset(&start, 0, sizeof(start));
	start.p.step = P_TRY;
	start.c.step = C_SLEEP;
	discover(&search, &start);
	for (u32 next = 0; next < search.count; next++) {
		struct state from = search.states[next];

		if (!expand(&search, &from))
			judge_end(h, &from, &result);
	}
	result.states = search.count;
	free(search.states);
	free(search.slots);
	return result;
}
