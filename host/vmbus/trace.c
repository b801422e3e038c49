// SPDX-License-Identifier: GPL-2.0-only
#include "host/vmbus/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/log.h"
#include "host/vmbus/decode.h"
#include "protocol/packet.h"

#define DEFAULT_RECORDS	4096u

enum record_kind { RECORD_MESSAGE, RECORD_PACKET, RECORD_SIGNAL, RECORD_NOTE };

struct packet_record {
	u32 relid;
	u16 type;
	u16 flags;
	u64 transaction;
	u32 header_len;
	u32 payload_len;
};

struct signal_record {
	u32 relid;
	u64 count;
};

struct record {
	u64 time_ns;
	u8 kind;		/* enum record_kind */
	u8 dir;			/* enum hvp_direction */
	u16 len;		/* of a message */
	union {
		union hvp_chanmsg message;
		struct packet_record packet;
		struct signal_record signal;
		char note[HVP_MESSAGE_PAYLOAD_MAX];
	};
};

struct trace {
	u32 size;
	u64 count;		/* written since the start */
	trace_line_cb live;
	void *opaque;
	struct record records[];
};

struct trace *trace_create(u32 records)
{
	u32 size = records ? records : DEFAULT_RECORDS;
	struct trace *trace = calloc(1, sizeof(*trace) + size * sizeof(trace->records[0]));

	if (trace)
		trace->size = size;
	return trace;
}

void trace_destroy(struct trace *trace)
{
	free(trace);
}

/* Lines */

static const char *packet_type_name(u16 type)
{
	static const char *const names[] = {
		[HVP_PKT_INBAND] = "inband",
		[HVP_PKT_XFER_PAGES] = "xfer-pages",
		[HVP_PKT_GPADL] = "gpadl",
		[HVP_PKT_GPA_DIRECT] = "gpa-direct",
		[HVP_PKT_CANCEL] = "cancel",
		[HVP_PKT_COMPLETION] = "completion",
		[HVP_PKT_ADDITIONAL] = "additional",
		[HVP_PKT_ADDITIONAL_DATA] = "additional-data",
	};

	if (type >= sizeof(names) / sizeof(names[0]) || !names[type])
		return "unknown";
	return names[type];
}

static void format_body(const struct record *r, char *line, size_t room)
{
	switch (r->kind) {
	case RECORD_MESSAGE:
		decode_message(&r->message, r->len, line, room);
		break;
	case RECORD_PACKET:
		snprintf(line, room, "packet relid=%u %s id=0x%llx header=%u payload=%u%s",
			 r->packet.relid, packet_type_name(r->packet.type),
			 (unsigned long long)r->packet.transaction, r->packet.header_len,
			 r->packet.payload_len,
			 r->packet.flags & HVP_PKT_WANT_COMPLETION ? " wants-completion" : "");
		break;
	case RECORD_SIGNAL:
		snprintf(line, room, "signal relid=%u count=%llu", r->signal.relid,
			 (unsigned long long)r->signal.count);
		break;
	case RECORD_NOTE:
		snprintf(line, room, "%s", r->note);
		break;
	}
}

static void emit(const struct record *r, trace_line_cb cb, void *opaque)
{
	u64 us = r->time_ns / 1000;
	char line[TRACE_LINE_MAX];
	char mark = r->kind == RECORD_NOTE ? '#' : r->dir == HVP_TO_HOST ? '>' : '<';
	int len;

	len = snprintf(line, sizeof(line), "%llu.%06u %c ", (unsigned long long)(us / 1000000),
		       (unsigned int)(us % 1000000), mark);
	format_body(r, line + len, sizeof(line) - (size_t)len);
	cb(opaque, line);
}

void trace_dump(const struct trace *trace, unsigned int max, trace_line_cb cb, void *opaque)
{
	u64 first = trace->count > trace->size ? trace->count - trace->size : 0;
	u64 i;

	if (max && trace->count - first > max)
		first = trace->count - max;
	for (i = first; i < trace->count; i++)
		emit(&trace->records[i % trace->size], cb, opaque);
}

void trace_set_live(struct trace *trace, trace_line_cb cb, void *opaque)
{
	trace->live = cb;
	trace->opaque = opaque;
}

/* Writers */

static struct record *begin(struct trace *trace, enum record_kind kind, enum hvp_direction dir)
{
	struct record *r = &trace->records[trace->count % trace->size];

	r->time_ns = log_uptime_ns();
	r->kind = kind;
	r->dir = dir;
	return r;
}

static void end(struct trace *trace, const struct record *r)
{
	trace->count++;
	if (trace->live)
		emit(r, trace->live, trace->opaque);
}

void trace_message(struct trace *trace, enum hvp_direction dir, const void *msg, size_t len)
{
	struct record *r = begin(trace, RECORD_MESSAGE, dir);

	if (len > sizeof(r->message))
		len = sizeof(r->message);
	memset(&r->message, 0, sizeof(r->message));
	memcpy(&r->message, msg, len);
	r->len = (u16)len;
	end(trace, r);
}

void trace_packet(struct trace *trace, enum hvp_direction dir, u32 relid, u16 type, u16 flags,
		  u64 transaction, u32 header_len, u32 payload_len)
{
	struct record *r;

	r = begin(trace, RECORD_PACKET, dir);
	r->packet = (struct packet_record){
		.relid = relid, .type = type, .flags = flags, .transaction = transaction,
		.header_len = header_len, .payload_len = payload_len,
	};
	end(trace, r);
}

void trace_signal(struct trace *trace, enum hvp_direction dir, u32 relid, u64 count)
{
	struct record *r;

	r = begin(trace, RECORD_SIGNAL, dir);
	r->signal = (struct signal_record){ .relid = relid, .count = count };
	end(trace, r);
}

void trace_note(struct trace *trace, const char *fmt, ...)
{
	struct record *r = begin(trace, RECORD_NOTE, HVP_TO_HOST);
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->note, sizeof(r->note), fmt, args);
	va_end(args);
	end(trace, r);
}
