/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VMBUS_TRACE_H
#define HOST_VMBUS_TRACE_H

#include "protocol/chanmsg.h"
#include "protocol/types.h"

/*
 * The last VMBus traffic, decoded when somebody looks: messages with their
 * fields, packets by descriptor, signals, and remarks of the checker.
 *
 *	12.345678 > OpenChannel relid=3 open_id=3 gpadl=0xe1e12 vp=1 downstream=64
 *	12.345701 < OpenChannelResult relid=3 open_id=3 status=0x0
 *	12.345990 > packet relid=3 gpa-direct id=0x12 header=40 payload=64 wants-completion
 *	12.345999 # fault: OpenChannelResult withheld
 *
 * ">" is guest to host, "<" host to guest, "#" a remark.
 */
struct trace;

#define TRACE_LINE_MAX	256

/* @line: NUL-terminated, without a newline, valid during the call. */
typedef void (*trace_line_cb)(void *opaque, const char *line);

struct trace *trace_create(u32 records);	/* 0: default size */
void trace_destroy(struct trace *trace);

/* Lines for what is in the buffer, oldest first, at most the last @max (0: all). */
void trace_dump(const struct trace *trace, unsigned int max, trace_line_cb cb, void *opaque);

/* Every new line at once, beside the buffer; NULL ends it. */
void trace_set_live(struct trace *trace, trace_line_cb cb, void *opaque);

/* The bus writes. @len: bytes of @msg. */
void trace_message(struct trace *trace, enum hvp_direction dir, const void *msg, size_t len);
void trace_packet(struct trace *trace, enum hvp_direction dir, u32 relid, u16 type, u16 flags,
		  u64 transaction, u32 header_len, u32 payload_len);
void trace_signal(struct trace *trace, enum hvp_direction dir, u32 relid, u64 count);
void trace_note(struct trace *trace, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
