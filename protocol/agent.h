/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_AGENT_H
#define PROTOCOL_AGENT_H

#include "protocol/types.h"

/*
 * What hvhost and the agent in its guest say to each other over a serial port.
 * Not part of Hyper-V: it works before, without and after VMBus.
 *
 * The line may lose or garble bytes (a guest that boots, a console on the
 * wrong port), so each frame carries a CRC, and a reader finds the next frame
 * by its magic number. Frames that are lost are not sent again; whoever waits
 * for an answer does so with a deadline.
 *
 *   guest HELLO        the agent is ready; also the answer to HELLO_REQ
 *   host  EXEC id      run a command; one at a time
 *   guest OUTPUT id    bytes of its output, any number of frames
 *   guest EXIT id      it has ended
 *   guest CONTROL id   a request line for the host's control socket
 *   host  CONTROL_REPLY id   the answer, in one or more frames
 */
#define HVP_AGENT_MAGIC		0x31544741u	/* "AGT1" */
#define HVP_AGENT_VERSION	1u
#define HVP_AGENT_MAX_PAYLOAD	16384u

enum hvp_agent_type {
	HVP_AGENT_HELLO_REQ	= 1,	/* host, no payload */
	HVP_AGENT_EXEC		= 2,	/* host: hvp_agent_exec */
	HVP_AGENT_KILL		= 3,	/* host, no payload: end command @id */
	HVP_AGENT_CONTROL_REPLY	= 4,	/* host: bytes; HVP_AGENT_MORE as needed */
	HVP_AGENT_HELLO		= 0x81,	/* guest: u32 HVP_AGENT_VERSION */
	HVP_AGENT_STDOUT	= 0x82,	/* guest: bytes */
	HVP_AGENT_STDERR	= 0x83,	/* guest: bytes */
	HVP_AGENT_EXIT		= 0x84,	/* guest: hvp_agent_exit */
	HVP_AGENT_CONTROL	= 0x85,	/* guest: one line with its newline */
};

/* Header flag: another frame of the same id and type follows. */
#define HVP_AGENT_MORE		0x01

struct hvp_agent_header {
	u32 magic;
	u8 type;		/* enum hvp_agent_type */
	u8 flags;
	u16 len;		/* of the payload */
	u32 id;			/* chosen by whoever asks, repeated in the answer */
	u32 crc;		/* CRC-32 of header (crc = 0) and payload */
} HVP_PACKED;

static_assert(sizeof(struct hvp_agent_header) == 16, "agent header size");

struct hvp_agent_frame {
	struct hvp_agent_header header;
	u8 payload[HVP_AGENT_MAX_PAYLOAD];
} HVP_PACKED;

struct hvp_agent_exec {
	u32 limit_ms;		/* 0: none */
	u8 argv[];		/* strings, each with its NUL; at least one */
} HVP_PACKED;

enum hvp_agent_end {
	HVP_AGENT_EXITED	= 0,	/* code: exit status */
	HVP_AGENT_SIGNALED	= 1,	/* code: signal */
	HVP_AGENT_OVER_TIME	= 2,	/* killed at its time limit, or by KILL */
	HVP_AGENT_NOT_STARTED	= 3,	/* code: errno; EBUSY while another command runs */
};

struct hvp_agent_exit {
	u32 end;		/* enum hvp_agent_end */
	u32 code;
} HVP_PACKED;

static_assert(sizeof(struct hvp_agent_exit) == 8, "agent exit size");

/**
 * hvp_agent_seal() - complete a frame whose payload is in place
 * @len:	length of the payload, at most HVP_AGENT_MAX_PAYLOAD
 *
 * Return: bytes to send, from the start of @frame.
 */
size_t hvp_agent_seal(struct hvp_agent_frame *frame, u8 type, u8 flags, u32 id, u16 len);

/* Collects bytes until a frame is whole. Zero it before the first use. */
struct hvp_agent_parser {
	union {
		struct hvp_agent_frame frame;
		u8 bytes[sizeof(struct hvp_agent_frame)];
	};
	u32 have;		/* bytes collected */
	bool done;		/* frame was handed out: the next call starts anew */
	u64 dropped;		/* bytes that belonged to no good frame */
};

/**
 * hvp_agent_parse() - take received bytes
 * @frame:	set to a checked frame, valid until the next call, or to NULL
 *
 * Stops after the first whole frame. Call again with what is left.
 * Return: how many of @len bytes were taken.
 */
size_t hvp_agent_parse(struct hvp_agent_parser *parser, const u8 *buf, size_t len,
		       const struct hvp_agent_frame **frame);

#endif
