/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTOCOL_FCOPY_H
#define PROTOCOL_FCOPY_H

#include "protocol/ic.h"
#include "protocol/utf16.h"

/*
 * HVP_IC_FCOPY 1.1, files from the host:
 *
 *   START  WRITE...  COMPLETE | CANCEL
 *
 * each answered with a status before the next is sent.
 */
enum hvp_fcopy_op {
	HVP_FCOPY_START		= 0,
	HVP_FCOPY_WRITE		= 1,
	HVP_FCOPY_COMPLETE	= 2,
	HVP_FCOPY_CANCEL	= 3,
	HVP_FCOPY_OP_COUNT
};

#define HVP_FCOPY_OVERWRITE	0x1u	/* flags */
#define HVP_FCOPY_CREATE_PATH	0x2u

#define HVP_FCOPY_PATH_UNITS	260u	/* UTF-16, with the NUL */
#define HVP_FCOPY_DATA_MAX	6144u
#define HVP_FCOPY_TEXT_ROOM	HVP_UTF8_ROOM(HVP_FCOPY_PATH_UNITS - 1)

struct hvp_fcopy_head {
	u32 op;				/* enum hvp_fcopy_op */
	u8 service_id0[16];		/* not used */
	u8 service_id1[16];
} HVP_PACKED;
static_assert(sizeof(struct hvp_fcopy_head) == 36, "file copy header");

struct hvp_fcopy_start {
	struct hvp_fcopy_head head;
	u16 file_name[HVP_FCOPY_PATH_UNITS];
	u16 path_name[HVP_FCOPY_PATH_UNITS];
	u32 flags;
	u64 file_size;
} HVP_PACKED;
static_assert(sizeof(struct hvp_fcopy_start) == 1088, "file copy start");

struct hvp_fcopy_write {
	struct hvp_fcopy_head head;
	u32 reserved;
	u64 offset;
	u32 size;
	u8 data[HVP_FCOPY_DATA_MAX];
} HVP_PACKED;
static_assert(sizeof(struct hvp_fcopy_write) == 6196, "file copy write");

#define HVP_FCOPY_SIZE_MAX	6196u

/* START, in UTF-8. */
struct hvp_fcopy_file {
	u32 flags;
	u64 size;
	char name[HVP_FCOPY_TEXT_ROOM];		/* of the file */
	char path[HVP_FCOPY_TEXT_ROOM];		/* of its folder */
};

/* WRITE */
struct hvp_fcopy_chunk {
	u64 offset;
	u32 size;				/* 0 ... HVP_FCOPY_DATA_MAX */
	const u8 *data;				/* in the message */
};

/**
 * hvp_fcopy_check() - is a received request whole
 * @body:	private copy, any alignment
 * @len:	its bytes
 *
 * A longer message is accepted, what is behind the last field is ignored.
 *
 * Return: the operation; -EBADMSG when it is too short for it, -EOPNOTSUPP when
 * there is no such operation.
 */
int hvp_fcopy_check(const void *body, u32 len);

/**
 * hvp_fcopy_read_start() - the values of a START that was checked
 * @file:	written only on success
 *
 * Return: 0; -EILSEQ for a name that is not UTF-16; -EINVAL for an empty name,
 * one without an end, an unknown flag, or a size that no file can have.
 */
int hvp_fcopy_read_start(const void *body, struct hvp_fcopy_file *file);

/**
 * hvp_fcopy_read_write() - the values of a WRITE that was checked
 * @len:	of the message
 * @chunk:	written only on success; points into @body
 *
 * Return: 0; -EBADMSG when its data are not all there, -EINVAL when its end is
 * beyond what a file can have.
 */
int hvp_fcopy_read_write(const void *body, u32 len, struct hvp_fcopy_chunk *chunk);

/**
 * hvp_fcopy_build_start() - write a START
 * @file:	its texts end with a NUL
 *
 * Return: bytes to send; -EILSEQ, -EINVAL, -EMSGSIZE for a text that does not
 * fit the message.
 */
int hvp_fcopy_build_start(struct hvp_fcopy_start *body, const struct hvp_fcopy_file *file);

/**
 * hvp_fcopy_build_write() - write a WRITE, always of full length
 *
 * Return: bytes to send, or -EMSGSIZE when chunk->size is above
 * HVP_FCOPY_DATA_MAX.
 */
int hvp_fcopy_build_write(struct hvp_fcopy_write *body, const struct hvp_fcopy_chunk *chunk);

/**
 * hvp_fcopy_build_end() - write a COMPLETE or CANCEL
 * Return: bytes to send.
 */
int hvp_fcopy_build_end(struct hvp_fcopy_head *body, enum hvp_fcopy_op op);

/**
 * hvp_fcopy_reply_check() - does an answer belong to what was sent
 * Return: 0, or -EBADMSG.
 */
int hvp_fcopy_reply_check(const void *body, u32 len, enum hvp_fcopy_op op);

/**
 * hvp_fcopy_op_name() - for a log line; "unknown" past the last
 */
const char *hvp_fcopy_op_name(u32 op);

#endif
