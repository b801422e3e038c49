/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_IC_H
#define PROTOCOL_IC_H

#include "protocol/types.h"

/*
 * Framing of the integration services. Their channels are pipes in message
 * mode: each in-band payload is
 *
 *   pipe header | IC header | body (by message type)
 *
 * and the guest sends every request back as its answer.
 */
struct hvp_pipe_header {
	u32 type;		/* HVP_PIPE_DATA; receivers do not look */
	u32 size;		/* bytes behind this header */
} HVP_PACKED;
static_assert(sizeof(struct hvp_pipe_header) == 8, "pipe header");

#define HVP_PIPE_DATA	1u

struct hvp_ic_version {
	u16 major;
	u16 minor;
} HVP_PACKED;

enum hvp_ic_type {
	HVP_IC_NEGOTIATE	= 0,
	HVP_IC_HEARTBEAT	= 1,
	HVP_IC_KVP		= 2,
	HVP_IC_SHUTDOWN		= 3,
	HVP_IC_TIMESYNC		= 4,
	HVP_IC_VSS		= 5,
	HVP_IC_FCOPY		= 7,
};

#define HVP_IC_TRANSACTION	0x1	/* flags */
#define HVP_IC_REQUEST		0x2
#define HVP_IC_RESPONSE		0x4

struct hvp_ic_header {
	struct hvp_ic_version framework;
	u16 type;		/* enum hvp_ic_type */
	struct hvp_ic_version message;
	u16 size;		/* bytes of the body */
	u32 status;		/* HRESULT */
	u8 transaction;
	u8 flags;		/* HVP_IC_* */
	u8 reserved[2];
} HVP_PACKED;
static_assert(sizeof(struct hvp_ic_header) == 20, "IC header");

/* Body of HVP_IC_NEGOTIATE: counts, then framework versions, then message versions. */
struct hvp_ic_negotiate {
	u16 framework_count;
	u16 message_count;
	u32 reserved;
	struct hvp_ic_version versions[];
} HVP_PACKED;

#define HVP_IC_VERSIONS_MAX	100u	/* of either kind, that anyone accepts */
#define HVP_IC_NEGOTIATE_REPLY_SIZE 0x10

/* HVP_IC_HEARTBEAT */
struct hvp_ic_heartbeat {
	u64 sequence;
	u32 application_state;
	u32 reserved[7];
} HVP_PACKED;
static_assert(sizeof(struct hvp_ic_heartbeat) == 40, "heartbeat");

/* HVP_IC_SHUTDOWN */
struct hvp_ic_shutdown {
	u32 reason;
	u32 timeout_seconds;
	u32 flags;		/* HVP_SHUTDOWN_* */
	u8 message[2048];	/* UTF-8, NUL-terminated */
} HVP_PACKED;
static_assert(sizeof(struct hvp_ic_shutdown) == 2060, "shutdown");

#define HVP_SHUTDOWN_FORCE	0x1
#define HVP_SHUTDOWN_RESTART	0x2
#define HVP_SHUTDOWN_HIBERNATE	0x4

/**
 * hvp_ic_check() - is a received payload a complete IC message
 * @buf:	private copy of the payload
 * @len:	its bytes
 * @hdr:	points into @buf on success
 * @body:	points into @buf on success
 * @body_len:	bytes of the body, never more than received
 *
 * Return: 0, or -EBADMSG when pipe size or IC size do not fit @len.
 */
int hvp_ic_check(const void *buf, u32 len, const struct hvp_ic_header **hdr, const void **body,
		 u32 *body_len);

/**
 * hvp_ic_frame() - write pipe and IC header in front of a body
 * @buf:	@room bytes; the body must already lie behind the 28 header bytes
 * @hdr:	copied, but for its size, which becomes @body_len; may lie in @buf
 *
 * Return: bytes of the whole message, or -EMSGSIZE.
 */
int hvp_ic_frame(void *buf, u32 room, const struct hvp_ic_header *hdr, u32 body_len);

/**
 * hvp_ic_select() - highest version both sides have
 * @offered:	peer's list, any order, unaligned
 * @count:	its length, at most HVP_IC_VERSIONS_MAX
 * @ours:	our list, highest first
 * @our_count:	its length
 *
 * Return: index into @ours, or -ENOENT.
 */
int hvp_ic_select(const struct hvp_ic_version *offered, u32 count,
		  const struct hvp_ic_version *ours, u32 our_count);

/**
 * hvp_ic_negotiate_check() - do the counts of a negotiate body fit its length
 * Return: 0, or -EBADMSG.
 */
int hvp_ic_negotiate_check(const void *body, u32 body_len);

#endif
