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
	HVP_IC_RDV		= 6,	/* remote desktop: Windows guests only */
	HVP_IC_FCOPY		= 7,
	HVP_IC_VM_SESSION	= 8,	/* Windows guests only */
	HVP_IC_TYPE_COUNT
};

#define HVP_IC_TRANSACTION	0x1	/* flags */
#define HVP_IC_REQUEST		0x2
#define HVP_IC_RESPONSE		0x4
#define HVP_IC_REPLY_FLAGS	(HVP_IC_TRANSACTION | HVP_IC_RESPONSE)

/* IC header and body together: no host sends more. */
#define HVP_IC_MESSAGE_MAX	13312u

/* Status of an answer (HRESULT); the last digits are the Windows error in hexadecimal. */
#define HVP_HR_OK		0x00000000u
#define HVP_HR_FAIL		0x80004005u
#define HVP_HR_GUID_NOT_FOUND	0x80041002u	/* get-IP, set-IP: no such network adapter */
#define HVP_HR_ACCESS_DENIED	0x80070005u
#define HVP_HR_NOT_SUPPORTED	0x80070032u
#define HVP_HR_ALREADY_EXISTS	0x80070050u
#define HVP_HR_INVALID_ARGUMENT	0x80070057u
#define HVP_HR_DISK_FULL	0x80070070u
#define HVP_HR_NO_MORE_ITEMS	0x80070103u	/* end of an enumeration, and no such key */
#define HVP_HR_NOT_CONNECTED	0x8007048fu
#define HVP_HR_MACHINE_LOCKED	0x800704f7u
#define HVP_HR_TIMEOUT		0x800705b4u

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

#define HVP_IC_HEADERS_SIZE 28u	/* pipe and IC header: where the body begins */
static_assert(sizeof(struct hvp_pipe_header) + sizeof(struct hvp_ic_header) == HVP_IC_HEADERS_SIZE,
	      "headers");

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
	u64 sequence;		/* the guest adds one */
	u32 application_state;	/* enum hvp_heartbeat_state, from the guest */
	u32 reserved[7];
} HVP_PACKED;
static_assert(sizeof(struct hvp_ic_heartbeat) == 40, "heartbeat");

enum hvp_heartbeat_state {
	HVP_HEARTBEAT_UNKNOWN	= 0,
	HVP_HEARTBEAT_HEALTHY	= 1,
	HVP_HEARTBEAT_CRITICAL	= 2,
	HVP_HEARTBEAT_STOPPED	= 3,
	HVP_HEARTBEAT_STATE_COUNT
};

/* HVP_IC_SHUTDOWN */
struct hvp_ic_shutdown {
	u32 reason;		/* as ExitWindowsEx() has it; HVP_SHUTDOWN_PLANNED and more */
	u32 timeout_seconds;	/* 0: not said */
	u32 flags;		/* HVP_SHUTDOWN_* */
	u8 message[2048];	/* UTF-8, NUL-terminated */
} HVP_PACKED;
static_assert(sizeof(struct hvp_ic_shutdown) == 2060, "shutdown");

#define HVP_SHUTDOWN_FORCE	0x1
#define HVP_SHUTDOWN_RESTART	0x2
#define HVP_SHUTDOWN_HIBERNATE	0x4

#define HVP_SHUTDOWN_PLANNED	0x80000000u	/* reason */
#define HVP_SHUTDOWN_TEXT_ROOM	2048u

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
static inline int hvp_ic_check(const void *buf, u32 len, const struct hvp_ic_header **hdr,
			       const void **body, u32 *body_len)
{
	const struct hvp_pipe_header *pipe = buf;
	const struct hvp_ic_header *ic;

	if (len < HVP_IC_HEADERS_SIZE)
		return -EBADMSG;
	if (pipe->size < sizeof(*ic) || pipe->size > len - sizeof(*pipe))
		return -EBADMSG;

	ic = (const void *)((const u8 *)buf + sizeof(*pipe));
	if (ic->size > pipe->size - sizeof(*ic))
		return -EBADMSG;

	*hdr = ic;
	*body = (const u8 *)buf + HVP_IC_HEADERS_SIZE;
	*body_len = ic->size;
	return 0;
}

/**
 * hvp_ic_frame() - write pipe and IC header in front of a body
 * @buf:	@room bytes; the body must already lie behind the 28 header bytes
 * @hdr:	copied, but for its size, which becomes @body_len; may lie in @buf
 *
 * Return: bytes of the whole message, or -EMSGSIZE.
 */
static inline int hvp_ic_frame(void *buf, u32 room, const struct hvp_ic_header *hdr, u32 body_len)
{
	struct hvp_pipe_header pipe = { .type = HVP_PIPE_DATA };
	struct hvp_ic_header ic = *hdr;

	if (room < HVP_IC_HEADERS_SIZE || body_len > room - HVP_IC_HEADERS_SIZE || body_len > 0xffff)
		return -EMSGSIZE;

	pipe.size = sizeof(ic) + body_len;
	ic.size = body_len;
	memcpy(buf, &pipe, sizeof(pipe));
	memcpy((u8 *)buf + sizeof(pipe), &ic, sizeof(ic));
	return HVP_IC_HEADERS_SIZE + body_len;
}

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
