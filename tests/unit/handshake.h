/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_UNIT_HANDSHAKE_H
#define TESTS_UNIT_HANDSHAKE_H

#include "protocol/types.h"

/*
 * The two programs that meet at a ring, as steps of one memory access each, on
 * a machine with store buffers (x86-TSO): a store waits in the buffer of its
 * CPU until it drains, in order, at any later moment; only a barrier waits for
 * an empty buffer.
 *
 *   producer  TRY -> WRITE -> (barrier) -> LOAD_MASK -> LOAD_READ, signal?
 *              `-> SET_PENDING -> (barrier) -> RECHECK -> SLEEP -> CLEAR_PENDING -> TRY
 *   consumer  MASK -> LOOK -> READ -> (barrier) -> LOAD_PENDING -> LOAD_WRITE, signal? -> LOOK
 *                      `-> UNMASK -> (barrier) -> RECHECK -> SLEEP -> MASK
 *
 * The decisions are those of protocol/ring.h; everything is counted in units
 * of 8 bytes.
 */
enum word { WRITE_INDEX, READ_INDEX, MASK, PENDING, WORDS };

#define HANDSHAKE_PACKETS 6
#define HANDSHAKE_BUFFER 4

struct handshake {
	const char *name;
	u8 size;			/* of the ring */
	u8 packets;
	u8 packet[HANDSHAKE_PACKETS];	/* their sizes */
	bool batch;			/* the consumer reads all it finds, then publishes once */

	/* What is left out. A correct program sets none of these. */
	bool no_consumer_recheck;
	bool no_producer_recheck;
	bool no_write_barrier;
	bool no_read_barrier;
	bool no_mask_barrier;
	bool no_pending_barrier;
	bool stale_free_before;		/* free space before the read by an older write index */
};

struct handshake_result {
	u32 states;
	u32 stuck;		/* states in which both sleep and work is left: lost wake-ups */
	u32 ends;		/* states in which all is read and both are done */
	char first_stuck[160];
};

/**
 * handshake_explore() - run both programs in every order
 */
struct handshake_result handshake_explore(const struct handshake *h);

#endif
